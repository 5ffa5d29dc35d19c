// The door of `cli`: the commands of `insula`, their options and help. Most talk to a server over HTTP; those that run in this process are
// ports that `app` implements. Single-threaded. Exit codes: 0 done, 1 failed or refused, 2 the command line is wrong (docs/reference/cli.md).
#pragma once
#include "flow/flow.h"

namespace insula::cli {

struct ServeOptions {
  std::string config_file;                 // empty: ./insula.yml when it exists
  std::optional<int> port;
  std::string data;                        // empty: from the configuration
};

struct RunOptions {
  std::string file;
  std::vector<std::pair<std::string, std::string>> inputs;
  std::vector<std::pair<std::string, std::string>> labels;
  std::string data;                        // empty: a temporary folder, removed afterwards
  std::string tenant = "main";
  bool json = false;                       // print the execution as JSON at the end, nothing else on standard output
};

struct CreateTenantOptions {
  std::string tenant;
  std::string name;
  std::string admin_username;
  std::string data;
  std::string config_file;
};

// Where a command goes and as whom; what is empty comes from the context, then from defaults (contexts.h).
struct ServerAddress {
  std::string url;
  std::string user;                        // e-mail:password
  std::string token;                       // API token; wins over `user`
  std::string tenant;
  std::string context;                     // its name
};

struct Ports {
  std::function<int(const ServeOptions&)> serve;
  std::function<int(const RunOptions&)> run_flow;
  std::function<int(const CreateTenantOptions&)> create_tenant;
  std::function<std::vector<std::array<std::string, 4>>()> routes;          // method, pattern, rule, doc
  std::function<flow::ReadFlow(std::string_view source)> check_flow;
  std::function<std::string(std::string_view page)> reference;              // configuration, tasks, expressions, errors, cli
  std::shared_ptr<const expression::Jq> jq;                                 // for `expression render`
  std::string version;
};

int run(int argc, const char* const* argv, const Ports& ports);

// ---- what ports may use to talk to a person
struct Terminal {
  static bool colours();                   // standard error is a terminal and NO_COLOR is not set
  static std::string paint(std::string_view text, std::string_view colour);  // red, green, yellow, blue, grey, bold
};
// One line of a log: time, level, task, message.
std::string log_line(std::string_view timestamp, std::string_view level, std::string_view task, std::string_view message);
std::string state_text(std::string_view state);

}  // namespace insula::cli
