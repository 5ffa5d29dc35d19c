#include "cli/cli.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "cli/commands.h"

namespace insula::cli {

void add_server_options(CLI::App& command, ServerAddress& address, bool with_tenant) {
  command.add_option("--context", address.context, "Context to use (see `insula context`)")->envname("INSULA_CONTEXT");
  command.add_option("--server", address.url, "Address of the server; http://127.0.0.1:8080 when nothing else is said")->envname("INSULA_SERVER");
  command.add_option("--user", address.user, "Credentials, e-mail:password")->envname("INSULA_USER");
  command.add_option("--token,--api-token", address.token, "API token instead of --user")->envname("INSULA_TOKEN");
  if (with_tenant) command.add_option("--tenant", address.tenant, "Tenant to act in; main when nothing else is said")->envname("INSULA_TENANT");
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool split_pairs(const std::vector<std::string>& texts, std::vector<std::pair<std::string, std::string>>& pairs) {
  for (const std::string& text : texts) {
    const std::size_t at = text.find('=');
    if (at == std::string::npos || at == 0) {
      fmt::print(stderr, "insula: `{}` is not of the form key=value\n", text);
      return false;
    }
    pairs.emplace_back(text.substr(0, at), text.substr(at + 1));
  }
  return true;
}

namespace {

struct Options {
  ServeOptions serve;
  std::string reference_page;
  std::string routes_output = "table";
};

void add_server_commands(CLI::App& app, const Ports& ports, Options& options, int& exit_code) {
  CLI::App* server = app.add_subcommand("server", "Start a server")->require_subcommand(1);
  CLI::App* standalone = server->add_subcommand("standalone", "Everything in one process, data in one folder");
  standalone->footer("Examples:\n  insula server standalone\n  insula server standalone --port 9000 --data /var/lib/insula --config /etc/insula.yml");
  standalone->add_option("-c,--config", options.serve.config_file, "Configuration file (YAML); ./insula.yml when it exists")->envname("INSULA_CONFIG");
  standalone->add_option("-p,--port", options.serve.port, "Port to listen on; 0 takes a free one")->check(CLI::Range(0, 65535));
  standalone->add_option("-d,--data", options.serve.data, "Data folder");
  standalone->callback([&ports, &options, &exit_code] { exit_code = ports.serve(options.serve); });
}

void print_routes(const Ports& ports, const std::string& output) {
  std::size_t width = 0;
  const auto routes = ports.routes();
  if (output == "json") {
    JsonArray list;
    for (const auto& [method, pattern, rule, doc] : routes) list.push_back(JsonObject{{"method", method}, {"pattern", pattern}, {"rule", rule}, {"documentation", doc}});
    return fmt::print("{}\n", write_json_pretty(list));
  }
  for (const auto& route : routes) width = std::max(width, route[1].size());
  for (const auto& [method, pattern, rule, doc] : routes) fmt::print("{:<7}{:<{}}  {:<28}{}\n", method, pattern, width, rule, doc);
  fmt::print("{} routes\n", routes.size());
}

}  // namespace

int run(int argc, const char* const* argv, const Ports& ports) {
  CLI::App app{"Insula: workflows for many tenants, one binary.\nSpeaks Kestra's flow language and REST API."};
  app.name("insula");
  app.require_subcommand(1);
  app.footer("Start here:\n  insula flow run examples/hello.yml\n  insula server standalone\nExit codes: 0 done, 1 failed or refused, 2 wrong command line.");
  Options options;
  int exit_code = 0;
  add_server_commands(app, ports, options, exit_code);
  add_flow_commands(app, ports, exit_code);
  add_execution_commands(app, exit_code);
  add_expression_commands(app, ports, exit_code);
  add_context_commands(app, exit_code);
  add_tenant_commands(app, ports, exit_code);
  add_identity_commands(app, exit_code);
  add_audit_commands(app, exit_code);
  CLI::App* routes = app.add_subcommand("routes", "Every route of the API with its access rule");
  routes->add_option("-o,--output", options.routes_output, "table or json")->check(CLI::IsMember({"table", "json"}))->capture_default_str();
  routes->callback([&ports, &options] { print_routes(ports, options.routes_output); });
  CLI::App* reference = app.add_subcommand("reference", "Print a generated reference page (Markdown)");
  reference->add_option("page", options.reference_page, "configuration, tasks, expressions, api or cli")->required();
  reference->callback([&ports, &options, &exit_code, &app] {
    const std::string page = options.reference_page == "cli" ? command_reference(app) : ports.reference(options.reference_page);
    if (page.empty()) {
      fmt::print(stderr, "insula: there is no page `{}`; pages are configuration, tasks, expressions, api, cli\n", options.reference_page);
      exit_code = 2;
    }
    std::fwrite(page.data(), 1, page.size(), stdout);
  });
  app.add_subcommand("version", "Version of this binary")->callback([&ports] { fmt::print("insula {}\n", ports.version); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  return exit_code;
}

}  // namespace insula::cli
