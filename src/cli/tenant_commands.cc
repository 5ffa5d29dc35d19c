// tenants create | list | get | update | suspend | resume | delete | export | import: on a server, by a super admin; create also beside the
// server, in its data folder, by whoever owns that.
#include <unistd.h>

#include <iostream>

#include "cli/commands.h"
#include "cli/rest_commands.h"

namespace insula::cli {
namespace {

const std::vector<std::string> kColumns{"id", "name", "state"};

std::string path_of(const Arguments& given, std::string_view rest = "") { return fmt::format("//tenants/{}{}", percent_encode(given.text("id")), rest); }

RestCommand simple(std::string name, std::string help, std::string method, std::string rest) {
  return {std::move(name), std::move(help), "", {positional("id", "Id of the tenant")}, kColumns,
          [method = std::move(method), rest = std::move(rest)](const ServerSession& session, const Arguments& given) { return session.send(method, path_of(given, rest), "", ""); }};
}

// Whoever deletes types the id, unless a script says --yes.
bool confirmed(const Arguments& given) {
  if (given.flag("yes")) return true;
  if (::isatty(STDIN_FILENO) != 1) {
    fmt::print(stderr, "insula: deleting erases everything of the tenant; add --yes to do it without a question\n");
    return false;
  }
  fmt::print(stderr, "This erases every flow, execution, log, file and role of the tenant. Type its id to go on: ");
  std::string typed;
  std::getline(std::cin, typed);
  return typed == given.text("id");
}

// The server answers when it has begun; its report says how far it is and, in the end, what was erased.
Result<Json> erase(const ServerSession& session, const Arguments& given) {
  if (!confirmed(given)) return fail(ErrorKind::invalid, "not-confirmed", "nothing was deleted");
  auto begun = session.send("DELETE", path_of(given), "", "");
  if (!begun) return begun;
  Json report;
  const int code = show_progress(fmt::format("deleting {}", given.text("id")), [&]() -> Result<std::pair<std::int64_t, std::int64_t>> {
    auto at = session.get(path_of(given, "/deletion"));
    if (!at) return fail(at.error());
    report = std::move(*at);
    const bool ended = text_or(report.get_object(), "state") == "DONE";
    return ended ? std::pair<std::int64_t, std::int64_t>(1, 1) : std::pair<std::int64_t, std::int64_t>(0, 1);
  });
  if (code != 0) return fail(ErrorKind::unavailable, "deletion-unknown", "the deletion goes on; its report could not be read");
  return report;
}

struct Creation {
  CreateTenantOptions options;
  ServerAddress address;
  Format format = Format::table;
};

// Without --data and with credentials: over HTTP, like any other client.
int create(const Creation& given, const Ports& ports) {
  const bool signed_in = !given.address.user.empty() || !given.address.token.empty() || !given.address.context.empty();
  if (!given.options.data.empty() || !given.options.config_file.empty() || !signed_in) return ports.create_tenant(given.options);
  const auto session = ServerSession::open(given.address);
  auto made = session ? send_json(*session, "POST", "//tenants", JsonObject{{"id", given.options.tenant}, {"name", given.options.name}}) : Result<Json>(fail(session.error()));
  if (made && !given.options.admin_username.empty()) {
    const auto inside = ServerSession::open({session->address().url, session->address().user, session->address().token, given.options.tenant, {}});
    const auto users = session->get("//users?size=100&filters%5Bq%5D%5BEQUALS%5D=" + percent_encode(given.options.admin_username));
    std::string id;
    const Json* found = users && users->is_object() ? insula::find(users->get_object(), "results") : nullptr;
    if (found != nullptr && found->is_array()) {
      for (const Json& user : found->get_array()) {
        if (user.is_object() && lower_ascii(text_or(user.get_object(), "username")) == lower_ascii(given.options.admin_username)) id = text_or(user.get_object(), "id");
      }
    }
    if (id.empty()) made = fail(ErrorKind::not_found, "user-unknown", fmt::format("the tenant was created, but there is no user `{}` to govern it", given.options.admin_username));
    else if (!inside) made = fail(inside.error());
    else if (auto bound = send_json(*inside, "POST", "/bindings", JsonObject{{"type", "USER"}, {"externalId", id}, {"roleId", "ADMIN"}}); !bound) made = fail(bound.error());
  }
  if (!made) {
    fmt::print(stderr, "insula: {}\n", made.error().message);
    return 1;
  }
  print(*made, given.format, kColumns);
  return 0;
}

}  // namespace

void add_tenant_commands(CLI::App& app, const Ports& ports, int& exit_code) {
  CLI::App& tenants = *app.add_subcommand("tenants", "Tenants of an instance")->require_subcommand(1);
  auto given = std::make_shared<Creation>();
  CLI::App* make = tenants.add_subcommand("create", "Create a tenant: on a server (super admin), or with --data in the data folder of an instance that runs or not");
  make->footer("Examples:\n  insula tenants create --tenant stage --name Staging\n  insula tenants create --tenant stage --name Staging --admin-username ada@example.com");
  make->add_option("--tenant", given->options.tenant, "Id: lower-case letters, digits, - and _")->required();
  make->add_option("--name", given->options.name, "Name that people see")->required();
  make->add_option("--admin-username", given->options.admin_username, "E-mail of a user who becomes administrator of the tenant");
  make->add_option("-d,--data", given->options.data, "Data folder of the instance");
  make->add_option("-c,--config", given->options.config_file, "Configuration file of the instance")->envname("INSULA_CONFIG");
  add_server_options(*make, given->address, false);
  add_format_option(*make, given->format);
  make->callback([given, &ports, &exit_code] { exit_code = create(*given, ports); });

  std::vector<RestCommand> commands{
      {"list", "Tenants of the instance", "", with_page(), kColumns, [](const ServerSession& session, const Arguments& given) { return session.get("//tenants/search" + page_query(given)); }},
      simple("get", "One tenant", "GET", ""),
      {"update", "Change the name of a tenant", "insula tenants update stage --name 'Staging (EU)'", {positional("id", "Id of the tenant"), option("name", "Name that people see", true)}, kColumns,
       [](const ServerSession& session, const Arguments& given) -> Result<Json> {
         auto known = session.get(path_of(given));
         if (!known) return known;
         if (auto* object = known->if_object()) (*object)["name"] = given.text("name");
         return send_json(session, "PUT", path_of(given), *known);
       }},
      simple("suspend", "Stop triggers and new executions of a tenant; what runs goes on to its end", "POST", "/suspend"),
      simple("resume", "Let a suspended tenant go on", "POST", "/resume"),
      {"delete", "Delete a tenant with everything in it", "insula tenants delete stage --yes", {positional("id", "Id of the tenant"), flag("yes", "Do not ask")}, {"id", "state", "executions", "flows", "files", "bytes", "duration"}, erase},
      {"export", "Write a tenant's flows with their revisions, roles, groups and bindings into one archive", "insula tenants export stage stage.zip", {positional("id", "Id of the tenant"), positional("file", "Archive to write")}, {},
       [](const ServerSession& session, const Arguments& given) -> Result<Json> {
         auto done = session.download(path_of(given, "/export"), given.text("file"));
         if (!done) return fail(done.error());
         return Json(nullptr);
       }},
      {"import", "Bring an archive into a tenant", "insula tenants import stage stage.zip", {positional("id", "Id of the tenant, which exists"), positional("file", "Archive to read")}, {"flows", "revisions", "roles", "groups", "bindings"},
       [](const ServerSession& session, const Arguments& given) -> Result<Json> {
         const auto bytes = read_file(given.text("file"));
         if (!bytes) return fail(ErrorKind::not_found, "file-missing", fmt::format("{} cannot be read", given.text("file")));
         return session.send("POST", path_of(given, "/import"), *bytes, "application/zip");
       }}};
  add_commands(tenants, std::move(commands), exit_code, false);
}

}  // namespace insula::cli
