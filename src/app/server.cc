#include "app/server.h"

#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "app/security.h"
#include "schedule/schedule.h"
#include "vault/vault.h"

extern char** environ;

namespace insula::app {

std::shared_ptr<const flow::Catalog> make_catalog() {
  auto catalog = std::make_shared<flow::Catalog>();
  execution::register_types(*catalog);
  tasks::register_types(*catalog);
  triggers::register_types(*catalog);
  return catalog;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t at = text.find('=');
    if (at != std::string_view::npos) variables.emplace(text.substr(0, at), text.substr(at + 1));
  }
  return variables;
}

Result<Configuration> read_configuration(const std::string& file, const std::string& data, std::optional<int> port) {
  std::string path = file;
  if (path.empty() && std::filesystem::exists("insula.yml")) path = "insula.yml";
  std::string text;
  if (!path.empty()) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(ErrorKind::not_found, "configuration-missing", fmt::format("the configuration file {} cannot be read", path));
    std::ostringstream all;
    all << in.rdbuf();
    text = all.str();
  }
  auto configuration = Configuration::read(text, process_environment());
  if (!configuration) return configuration;
  if (!data.empty()) configuration->set("insula.data", Json(data));
  if (port) configuration->set("insula.server.port", Json(*port));
  return configuration;
}

engine::Settings engine_settings(const Configuration& configuration, const std::filesystem::path& data, std::uint16_t port) {
  engine::Settings settings;
  settings.engine_threads = static_cast<int>(std::max<std::int64_t>(1, configuration.integer("insula.engine.threads")));
  settings.require_existing_namespace = configuration.boolean("insula.tenants.require-existing-namespace");
  settings.reader_threads = static_cast<int>(std::max<std::int64_t>(1, configuration.integer("insula.engine.readers")));
  settings.worker_threads = static_cast<int>(std::max<std::int64_t>(1, configuration.integer("insula.worker.threads")));
  settings.loaded_tenants_max = static_cast<std::size_t>(std::max<std::int64_t>(0, configuration.integer("insula.engine.loaded-tenants-max")));
  settings.idle_unload = configuration.duration("insula.engine.idle-unload");
  if (!configuration.text("insula.audit.retention").empty()) settings.audit_retention = configuration.duration("insula.audit.retention");
  settings.work_folder = (data / "work").string();
  settings.data_folder = data.string();
  settings.url = configuration.text("kestra.url").empty() ? fmt::format("http://localhost:{}", port) : configuration.text("kestra.url");
  settings.environment_name = configuration.text("kestra.environment.name");
  settings.zone = configuration.text("insula.time-zone");
  settings.globals = configuration.map("kestra.variables.globals");
  settings.recursive_rendering = configuration.boolean("kestra.variables.recursive-rendering");
  settings.jq = jq_port();
  settings.lost_jobs = configuration.text("insula.worker.lost-jobs") == "fail" ? engine::Settings::LostJobs::fail : engine::Settings::LostJobs::resubmit;
  const std::string missed = configuration.text("kestra.plugins.schedule.recover-missed-schedules");
  settings.recover_missed_schedules = missed == "LAST" ? engine::Settings::Missed::last : missed == "NONE" ? engine::Settings::Missed::none : engine::Settings::Missed::all;
  const std::string prefix = configuration.text("kestra.variables.env-vars-prefix");
  const auto variables = process_environment();
  for (const auto& [name, value] : variables) {
    if (!prefix.empty() && name.starts_with(prefix)) settings.envs[lower_ascii(std::string_view(name).substr(prefix.size()))] = value;
  }
  std::vector<std::string> pairs;
  for (const auto& [name, value] : variables) pairs.push_back(name + "=" + value);
  const vault::EnvironmentSecrets secrets = vault::EnvironmentSecrets::read(pairs);
  for (const std::string& name : secrets.names()) settings.secrets.emplace(name, *secrets.find(name));
  for (const std::string& name : secrets.unreadable()) log::warn("the variable {} is not base64: this secret is missing", name);
  return settings;
}

Result<std::unique_ptr<Server>> Server::start(Configuration configuration) {
  auto folder = DataFolder::open(configuration.text("insula.data"));
  if (!folder) return fail(folder.error());
  std::unique_ptr<Server> server(new Server(std::move(*folder), std::move(configuration)));
  if (auto opened = server->open(); !opened) return fail(opened.error());
  return server;
}

// The stores, and a work folder without what a crash left.
Result<void> Server::open_data() {
  const std::filesystem::path& data = folder_.path();
  auto stores = store::open_sqlite({.folder = data.string()});
  if (!stores && stores.error().code == "store-full") {
    engine::give_up_ballast(data);
    stores = store::open_sqlite({.folder = data.string()});
  }
  if (!stores) return fail(stores.error());
  stores_ = std::move(*stores);
  std::error_code ignored;
  std::filesystem::create_directories(data / "work", ignored);
  // Scratch of jobs that a crash left, but not the folders of WorkingDirectories: their tasks go on in them, or their tenants remove them.
  for (const auto& entry : std::filesystem::directory_iterator(data / "work", ignored)) {
    std::error_code unremovable;
    if (entry.path().filename() != "sessions") std::filesystem::remove_all(entry.path(), unremovable);
  }
  return {};
}

Result<void> Server::open() {
  const std::filesystem::path& data = folder_.path();
  if (auto opened = open_data(); !opened) return opened;
  const auto wanted_port = static_cast<std::uint16_t>(configuration_.integer("insula.server.port"));
  engine::Settings settings = engine_settings(configuration_, data, wanted_port);
  if (const std::string key = configuration_.text("kestra.encryption.secret-key"); !key.empty()) {
    auto read = vault::read_key(key);
    if (!read) return fail(read.error());
    settings.encryption_key = std::move(*read);
  }
  if (auto zone = schedule::zone(settings.zone); !zone) return fail(zone.error());
  engine_ = std::make_unique<engine::Engine>(engine::Ports{stores_, storage::open_local_storage(data / "tenants"), clock_, make_catalog()}, settings);
  if (auto started = engine_->start(); !started) return started;
  if (auto finished = engine_->finish_deletions(); !finished) return finished;
  auto first = bootstrap(configuration_, *stores_, *engine_, *clock_);
  if (!first) return fail(first.error());
  first_administrator_ = std::move(*first);

  auto uuid = stores_->system().setting("instance-uuid");
  if (!uuid) return fail(uuid.error());
  if (!*uuid) {
    *uuid = hex_encode(random_bytes(16));
    if (auto stored = stores_->system().set_setting("instance-uuid", **uuid); !stored) return stored;
  }
  auto rules = password_rules(configuration_);
  if (!rules) return fail(rules.error());
  api::Options options;
  options.url = settings.url;
  options.tenant_requests_max = static_cast<std::size_t>(std::max<std::int64_t>(0, configuration_.integer("insula.tenants.requests-max")));
  options.tenants_enabled = configuration_.boolean("insula.tenants.enabled");
  const std::string fallback = configuration_.text("insula.tenants.fallback");
  options.default_tenant = TenantId(fallback.empty() || !options.tenants_enabled ? configuration_.text("insula.tenants.default") : fallback);
  options.serves_default_tenant = !options.tenants_enabled || !fallback.empty() || configuration_.boolean("insula.tenants.default-tenant");
  options.password_rules = std::move(*rules);
  options.guard = guard_limits(configuration_);
  options.session_max_age = configuration_.duration("insula.session.max-age");
  options.reset_link_max_age = configuration_.duration("insula.session.reset-link-max-age");
  options.store_kind = "sqlite";
  options.storage_kind = "local";
  options.secret_kind = "environment";
  options.realm = configuration_.text("kestra.server.basic-auth.realm");
  options.instance_uuid = **uuid;
  options.environment_name = settings.environment_name;
  options.environment_color = configuration_.text("kestra.environment.color");
  options.system_namespace = configuration_.text("kestra.system-flows.namespace");
  options.spool_folder = data / "spool";
  api_ = std::make_unique<api::Api>(*engine_, options);

  http::Options listen;
  listen.address = configuration_.text("insula.server.host");
  listen.port = wanted_port;
  listen.threads = static_cast<unsigned>(std::max<std::int64_t>(1, configuration_.integer("insula.server.threads")));
  listen.limits.body_bytes_max = static_cast<std::uint64_t>(configuration_.integer("insula.server.body-bytes-max"));
  listen.limits.upload_bytes_max = static_cast<std::uint64_t>(configuration_.integer("insula.server.upload-bytes-max"));
  listen.limits.connections_max = static_cast<std::size_t>(configuration_.integer("insula.server.connections-max"));
  listen.spool_folder = data / "spool";
  listen.admit = [this](const http::Request& head) { return api_->admit(head); };
  http_ = std::make_unique<http::Server>(std::move(listen), [this](http::Request&& request, std::shared_ptr<http::Exchange> exchange) { api_->handle(std::move(request), std::move(exchange)); });
  socket_ = std::make_unique<AdminSocket>(folder_.socket(), [this](const std::string& command, const JsonObject& arguments) { return admin(command, arguments); });
  if (auto started = socket_->start(); !started) return started;
  return http_->start();
}

Result<JsonObject> Server::admin(const std::string& command, const JsonObject& arguments) {
  if (command == "ping") return JsonObject{{"port", port()}};
  if (command == "tenants.create") {
    auto made = create_tenant(*stores_, *engine_, *clock_, text_or(arguments, "tenant"), text_or(arguments, "name"), text_or(arguments, "adminUsername"));
    if (!made) return fail(made.error());
    api_->forget_credentials();
    return JsonObject{{"id", made->id.str()}, {"name", made->name}};
  }
  return fail(ErrorKind::invalid, "command-unknown", fmt::format("unknown command `{}`", command));
}

void Server::stop() {
  if (std::exchange(stopped_, true)) return;
  if (socket_) socket_->stop();
  if (http_) http_->stop(std::chrono::duration_cast<std::chrono::milliseconds>(configuration_.duration("insula.server.stop-grace")));
  if (engine_) engine_->stop(std::chrono::seconds(1));
  http_.reset();
  api_.reset();
  engine_.reset();
  stores_.reset();
}

Server::~Server() { stop(); }

int serve(const cli::ServeOptions& options) {
  // Signals are taken by this thread alone: blocked before any other starts.
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  auto configuration = read_configuration(options.config_file, options.data, options.port);
  if (!configuration) {
    fmt::print(stderr, "insula: {}\n", configuration.error().message);
    return 1;
  }
  const std::string level = configuration->text("insula.log.level");
  log::set_level(level == "debug" ? log::Level::debug : level == "warn" ? log::Level::warn : level == "error" ? log::Level::error : log::Level::info);
  const std::string host = configuration->text("insula.server.host");
  auto server = Server::start(std::move(*configuration));
  if (!server) {
    fmt::print(stderr, "insula: {}{}\n", server.error().message, server.error().detail.empty() ? "" : " (" + server.error().detail + ")");
    return 1;
  }
  if (const auto& admin = (*server)->first_administrator(); admin) {
    fmt::print(stderr, "First administrator: {}{}\n", admin->email, admin->generated ? fmt::format("\nPassword (shown once): {}", admin->password) : "");
  }
  log::info("listening on http://{}:{}", host, (*server)->port());
  int signal = 0;
  ::sigwait(&signals, &signal);
  log::info("stopping");
  (*server)->stop();
  return 0;
}

}  // namespace insula::app
