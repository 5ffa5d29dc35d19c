#include "cli/cli.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "cli/commands.h"

namespace insula::cli {

void add_server_options(CLI::App& command, ServerAddress& address) {
  command.add_option("--server", address.url, "Address of the server")->envname("INSULA_SERVER")->capture_default_str();
  command.add_option("--user", address.user, "Credentials, e-mail:password")->envname("INSULA_USER");
  command.add_option("--tenant", address.tenant, "Tenant to act in")->envname("INSULA_TENANT")->capture_default_str();
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
  CreateTenantOptions tenant;
  std::string reference_page;
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

void add_tenant_commands(CLI::App& app, const Ports& ports, Options& options, int& exit_code) {
  CLI::App* tenants = app.add_subcommand("tenants", "Tenants of this instance")->require_subcommand(1);
  CLI::App* create = tenants->add_subcommand("create", "Create a tenant, through the running server or, when none runs, in the data folder");
  create->footer("Examples:\n  insula tenants create --tenant stage --name Staging\n  insula tenants create --tenant stage --name Staging --admin-username ada@example.com");
  create->add_option("--tenant", options.tenant.tenant, "Id: lower-case letters, digits, - and _")->required();
  create->add_option("--name", options.tenant.name, "Name that people see")->required();
  create->add_option("--admin-username", options.tenant.admin_username, "E-mail of a user who becomes administrator of the tenant");
  create->add_option("-d,--data", options.tenant.data, "Data folder of the instance");
  create->add_option("-c,--config", options.tenant.config_file, "Configuration file of the instance")->envname("INSULA_CONFIG");
  create->callback([&ports, &options, &exit_code] { exit_code = ports.create_tenant(options.tenant); });
}

void print_routes(const Ports& ports) {
  std::size_t width = 0;
  const auto routes = ports.routes();
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
  add_tenant_commands(app, ports, options, exit_code);
  app.add_subcommand("routes", "Every route of the API with its access rule")->callback([&ports] { print_routes(ports); });
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
