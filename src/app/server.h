// The composition root of a running server: every part is made here, in order, and stopped in reverse.
#pragma once
#include "api/api.h"
#include "app/admin_socket.h"
#include "app/bootstrap.h"
#include "app/data_folder.h"
#include "app/ports.h"
#include "cli/cli.h"
#include "http/http.h"

namespace insula::app {

// Everything that `type:` may name in this build.
std::shared_ptr<const flow::Catalog> make_catalog();
engine::Settings engine_settings(const Configuration& configuration, const std::filesystem::path& data, std::uint16_t port);
std::map<std::string, std::string> process_environment();
Result<Configuration> read_configuration(const std::string& file, const std::string& data, std::optional<int> port);

class Server {
 public:
  static Result<std::unique_ptr<Server>> start(Configuration configuration);
  ~Server();
  std::uint16_t port() const { return http_->port(); }
  const std::optional<FirstAdministrator>& first_administrator() const { return first_administrator_; }
  void stop();

 private:
  explicit Server(DataFolder folder, Configuration configuration) : folder_(std::move(folder)), configuration_(std::move(configuration)) {}
  Result<void> open_data();
  Result<void> open();
  Result<JsonObject> admin(const std::string& command, const JsonObject& arguments);

  DataFolder folder_;
  Configuration configuration_;
  std::shared_ptr<const Clock> clock_ = std::make_shared<SystemClock>();
  std::shared_ptr<store::Stores> stores_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<AdminSocket> socket_;
  std::optional<FirstAdministrator> first_administrator_;
  bool stopped_ = false;
};

// The ports of the command line.
int serve(const cli::ServeOptions& options);
int run_flow(const cli::RunOptions& options);
int create_tenant_command(const cli::CreateTenantOptions& options);
std::string reference_page(std::string_view page);

}  // namespace insula::app
