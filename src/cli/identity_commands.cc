// users, auths, groups, roles, bindings, service-accounts, tokens, invitations, access: who may do what (docs/tenants.md).
#include "cli/commands.h"
#include "cli/rest_commands.h"

namespace insula::cli {
namespace {

using Session = ServerSession;

std::string text_at(const Json& value, std::string_view key) { return value.is_object() ? text_or(value.get_object(), key) : ""; }

std::unexpected<Error> unknown(std::string_view what, std::string_view name) { return fail(ErrorKind::not_found, "name-unknown", fmt::format("there is no {} `{}`", what, name)); }

// The one entry of a list whose `field` is exactly this (or whose id it is).
Result<std::string> id_in(const Json& list, std::string_view what, std::string_view field, const std::string& name) {
  const Json* rows = list.is_array() ? &list : list.is_object() ? insula::find(list.get_object(), "results") : nullptr;
  if (rows == nullptr || !rows->is_array()) return unknown(what, name);
  std::string found;
  for (const Json& row : rows->get_array()) {
    if (text_at(row, "id") == name) return name;
    if (lower_ascii(text_at(row, field)) != lower_ascii(name)) continue;
    if (!found.empty()) return fail(ErrorKind::conflict, "name-ambiguous", fmt::format("there are several {}s named `{}`; give the id", what, name));
    found = text_at(row, "id");
  }
  if (found.empty()) return unknown(what, name);
  return found;
}

// Names for people, ids for programs: each of these takes both.
Result<std::string> user_id(const Session& session, const std::string& name) {
  if (!name.contains('@')) return name;
  auto found = send_json(session, "POST", "/tenant-access/autocomplete", JsonObject{{"username", name}, {"q", name}});
  if (found) {
    if (auto id = id_in(*found, "user", "username", name)) return id;
  }
  auto everywhere = session.get("//users?size=100&filters%5Bq%5D%5BEQUALS%5D=" + percent_encode(name));
  if (!everywhere) return unknown("user with access to the tenant", name);
  return id_in(*everywhere, "user", "username", name);
}
Result<std::string> instance_user_id(const Session& session, const std::string& name) {
  if (!name.contains('@')) return name;
  auto found = session.get("//users?size=100&filters%5Bq%5D%5BEQUALS%5D=" + percent_encode(name));
  if (!found) return fail(found.error());
  return id_in(*found, "user", "username", name);
}
Result<std::string> role_id(const Session& session, const std::string& name) {
  auto found = session.get("/roles/search?size=1000");
  if (!found) return fail(found.error());
  return id_in(*found, "role", "name", name);
}
Result<std::string> group_id(const Session& session, const std::string& name) {
  auto found = session.get("/groups/search?size=1000");
  if (!found) return fail(found.error());
  return id_in(*found, "group", "name", name);
}
Result<std::string> account_id(const Session& session, const std::string& name, bool instance) {
  auto found = session.get(instance ? "//service-accounts?size=1000" : "/service-accounts?size=1000");
  if (!found) return fail(found.error());
  return id_in(*found, "service account", "name", name);
}

using Resolve = Result<std::string> (*)(const Session&, const std::string&);
// `delete` and `get` of a resource under `path`, by id or name.
RestCommand get_command(std::string what, std::string path, Resolve resolve, std::vector<std::string> columns) {
  return {"get", fmt::format("One {}", what), "", {positional("name", fmt::format("Id or name of the {}", what))}, std::move(columns), [path, resolve](const Session& session, const Arguments& given) -> Result<Json> {
            auto id = resolve(session, given.text("name"));
            if (!id) return fail(id.error());
            return session.get(fmt::format("{}/{}", path, percent_encode(*id)));
          }};
}
RestCommand delete_command(std::string what, std::string path, Resolve resolve) {
  return {"delete", fmt::format("Delete a {}", what), "", {positional("name", fmt::format("Id or name of the {}", what))}, {}, [path, resolve](const Session& session, const Arguments& given) -> Result<Json> {
            auto id = resolve(session, given.text("name"));
            if (!id) return fail(id.error());
            auto gone = session.send("DELETE", fmt::format("{}/{}", path, percent_encode(*id)), "", "");
            if (!gone) return gone;
            return Json(nullptr);
          }};
}
RestCommand list_command(std::string help, std::string path, std::vector<std::string> columns) {
  return {"list", std::move(help), "", with_page(), std::move(columns), [path](const Session& session, const Arguments& given) { return session.get(path + page_query(given)); }};
}

const std::vector<std::string> kUserColumns{"id", "username", "firstName", "lastName", "superAdmin", "restricted", "tenants"};

Result<Json> create_user(const Session& session, const Arguments& given) {
  JsonObject body{{"email", given.text("email")}};
  if (!given.text("password").empty()) body["password"] = given.text("password");
  if (!given.text("first-name").empty()) body["firstName"] = given.text("first-name");
  if (!given.text("last-name").empty()) body["lastName"] = given.text("last-name");
  body["superAdmin"] = given.flag("super-admin") || given.flag("superadmin") || given.flag("instance-owner");
  JsonArray tenants;
  for (const std::string& tenant : given.list("tenant")) tenants.emplace_back(tenant);
  body["tenants"] = std::move(tenants);
  return send_json(session, "POST", "//users", body);
}

void add_users(CLI::App& app, int& exit_code) {
  std::vector<RestCommand> commands{
      list_command("Users of the instance", "//users", kUserColumns),
      get_command("user", "//users", instance_user_id, kUserColumns),
      {"create", "Create a user", "insula users create ada@example.com --password 'Corr3ct-horse' --tenant stage",
       {positional("email", "E-mail address, the name to sign in with"), option("password", "Password; without one the user is invited or signs in elsewhere"), option("first-name", "First name"),
        option("last-name", "Last name"), list_option("tenant", "Tenant to give access to; may be repeated"), flag("super-admin", "May govern the instance")},
       kUserColumns, create_user},
      delete_command("user", "//users", instance_user_id),
      {"set-password", "Set a user's password; sessions end, a lock is lifted", "", {positional("name", "E-mail or id"), option("password", "New password", true)}, {}, [](const Session& session, const Arguments& given) -> Result<Json> {
         auto id = instance_user_id(session, given.text("name"));
         if (!id) return fail(id.error());
         auto done = send_json(session, "PATCH", fmt::format("//users/{}/password", percent_encode(*id)), JsonObject{{"password", given.text("password")}});
         if (!done) return done;
         return Json(nullptr);
       }},
      {"set-super-admin", "Make somebody a super admin, or a user again", "insula users set-super-admin ada@example.com true", {positional("name", "E-mail or id"), positional("value", "true or false")}, kUserColumns,
       [](const Session& session, const Arguments& given) -> Result<Json> {
         auto id = instance_user_id(session, given.text("name"));
         if (!id) return fail(id.error());
         auto done = send_json(session, "PATCH", fmt::format("//users/{}/superadmin", percent_encode(*id)), JsonObject{{"superAdmin", lower_ascii(given.text("value")) == "true"}});
         if (!done) return done;
         return session.get(fmt::format("//users/{}", percent_encode(*id)));
       }}};
  add_group(app, "users", "People of this instance (super admin)", std::move(commands), exit_code, false);
}

// The words of Kestra's own command line.
void add_auths(CLI::App& app, int& exit_code) {
  CLI::App* auths = app.add_subcommand("auths", "Users, in the words of `kestra auths`")->require_subcommand(1);
  const std::vector<Argument> arguments{positional("email", "E-mail address"), positional("password", "Password"), list_option("tenant", "Tenant to give access to"), list_option("groups", "Group to join, in the first tenant"),
                                        flag("admin", "Admin role in the tenants"), flag("superadmin", "May govern the instance"), flag("instance-owner", "The same"), flag("if-not-exists", "No error when the user exists")};
  const auto create = [](const Session& session, const Arguments& given) -> Result<Json> {
    if (given.flag("if-not-exists")) {
      if (auto known = instance_user_id(session, given.text("email"))) return session.get("//users/" + percent_encode(*known));
    }
    auto made = create_user(session, given);
    if (!made) return made;
    for (const std::string& tenant : given.list("tenant")) {
      auto there = ServerSession::open({session.address().url, session.address().user, session.address().token, tenant, {}});
      if (!there) return fail(there.error());
      if (given.flag("admin")) {
        auto bound = send_json(*there, "POST", "/bindings", JsonObject{{"type", "USER"}, {"externalId", text_at(*made, "id")}, {"roleId", "ADMIN"}});
        if (!bound) return bound;
      }
      for (const std::string& name : given.list("groups")) {
        auto group = group_id(*there, name);
        if (!group) return fail(group.error());
        auto joined = there->send("PUT", fmt::format("/groups/{}/members/{}", percent_encode(*group), percent_encode(text_at(*made, "id"))), "", "");
        if (!joined) return joined;
      }
    }
    return made;
  };
  CLI::App* users = auths->add_subcommand("users", "Users")->require_subcommand(1);
  std::vector<RestCommand> commands;
  for (const char* name : {"create", "create-basic-auth"}) commands.push_back({name, "Create a user with a password", "", arguments, kUserColumns, create});
  for (const char* name : {"set-superadmin", "set-instance-owner"}) {
    commands.push_back({name, "Make somebody a super admin (true) or a user again (false)", "", {positional("name", "E-mail or id"), positional("value", "true or false")}, kUserColumns,
                        [](const Session& session, const Arguments& given) -> Result<Json> {
                          auto id = instance_user_id(session, given.text("name"));
                          if (!id) return fail(id.error());
                          auto done = send_json(session, "PATCH", fmt::format("//users/{}/superadmin", percent_encode(*id)), JsonObject{{"superAdmin", lower_ascii(given.text("value")) == "true"}});
                          if (!done) return done;
                          return session.get(fmt::format("//users/{}", percent_encode(*id)));
                        }});
  }
  add_commands(*users, std::move(commands), exit_code, false);
}

void add_groups(CLI::App& app, int& exit_code) {
  const std::vector<std::string> columns{"id", "name", "description", "external"};
  const auto member = [](const char* method) {
    return [method](const Session& session, const Arguments& given) -> Result<Json> {
      auto group = group_id(session, given.text("group"));
      if (!group) return fail(group.error());
      auto user = user_id(session, given.text("person"));
      if (!user) return fail(user.error());
      auto done = session.send(method, fmt::format("/groups/{}/members/{}", percent_encode(*group), percent_encode(*user)), "", "");
      if (done && given.flag("owner")) done = session.send("PUT", fmt::format("/groups/{}/members/membership/{}?membership=OWNER", percent_encode(*group), percent_encode(*user)), "", "");
      if (!done) return done;
      return Json(nullptr);
    };
  };
  std::vector<RestCommand> commands{
      list_command("Groups of the tenant", "/groups/search", {"id", "name"}),
      get_command("group", "/groups", group_id, columns),
      {"create", "Create a group", "insula groups create data --member ada@example.com", {positional("name", "Name"), option("description", "Description"), list_option("member", "Member, e-mail or id; may be repeated")}, columns,
       [](const Session& session, const Arguments& given) -> Result<Json> {
         JsonArray members;
         for (const std::string& name : given.list("member")) {
           auto id = user_id(session, name);
           if (!id) return fail(id.error());
           members.emplace_back(*id);
         }
         return send_json(session, "POST", "/groups", JsonObject{{"name", given.text("name")}, {"description", given.text("description")}, {"membersId", std::move(members)}});
       }},
      delete_command("group", "/groups", group_id),
      {"members", "Members of a group", "", with_page({positional("group", "Name or id")}), {"id", "username", "displayName", "groups"}, [](const Session& session, const Arguments& given) -> Result<Json> {
         auto group = group_id(session, given.text("group"));
         if (!group) return fail(group.error());
         return session.get(fmt::format("/groups/{}/members{}", percent_encode(*group), page_query(given)));
       }},
      {"add-member", "Add somebody to a group", "", {positional("group", "Name or id"), positional("person", "E-mail or id"), flag("owner", "May manage the members")}, {}, member("PUT")},
      {"remove-member", "Take somebody out of a group", "", {positional("group", "Name or id"), positional("person", "E-mail or id")}, {}, member("DELETE")}};
  add_group(app, "groups", "Groups of a tenant", std::move(commands), exit_code);
}

// `FLOW=VIEW,LIST` texts.
Result<JsonObject> permissions_of(const std::vector<std::string>& texts) {
  JsonObject permissions;
  for (const std::string& text : texts) {
    const std::size_t at = text.find('=');
    if (at == std::string::npos) return fail(ErrorKind::invalid, "permission-invalid", fmt::format("`{}` is not of the form RESOURCE=ACTION,ACTION; `insula roles permissions` lists them", text));
    JsonArray actions;
    std::string_view rest = std::string_view(text).substr(at + 1);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      actions.emplace_back(std::string(trim(rest.substr(0, end))));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    permissions[text.substr(0, at)] = std::move(actions);
  }
  return permissions;
}

void add_roles(CLI::App& app, int& exit_code) {
  const std::vector<std::string> columns{"id", "name", "description", "isDefault", "isManaged", "permissions"};
  const auto body = [](const Arguments& given) -> Result<Json> {
    auto permissions = permissions_of(given.list("permission"));
    if (!permissions) return fail(permissions.error());
    return Json(JsonObject{{"name", given.text("name")}, {"description", given.text("description")}, {"isDefault", given.flag("default")}, {"permissions", std::move(*permissions)}});
  };
  std::vector<RestCommand> commands{
      list_command("Roles of the tenant, the built-in ones too", "/roles/search", {"id", "name", "isDefault", "isManaged", "permissionCount"}),
      get_command("role", "/roles", role_id, columns),
      {"create", "Create a role", "insula roles create releaser --permission FLOW=VIEW,LIST,UPDATE --permission EXECUTION=VIEW,LIST",
       {positional("name", "Name"), option("description", "Description"), list_option("permission", "RESOURCE=ACTION,ACTION; may be repeated"), flag("default", "Bound to everybody who gets access")}, columns,
       [body](const Session& session, const Arguments& given) -> Result<Json> {
         auto made = body(given);
         if (!made) return made;
         return send_json(session, "POST", "/roles", *made);
       }},
      {"update", "Change a role: name, description and permissions are all replaced", "",
       {positional("role", "Name or id"), option("name", "Name", true), option("description", "Description"), list_option("permission", "RESOURCE=ACTION,ACTION; may be repeated"), flag("default", "Bound to everybody who gets access")}, columns,
       [body](const Session& session, const Arguments& given) -> Result<Json> {
         auto id = role_id(session, given.text("role"));
         if (!id) return fail(id.error());
         auto made = body(given);
         if (!made) return made;
         return send_json(session, "PUT", "/roles/" + percent_encode(*id), *made);
       }},
      delete_command("role", "/roles", role_id),
      {"permissions", "Every resource with the actions it has", "", {}, {}, [](const Session& session, const Arguments& given) -> Result<Json> {
         auto found = session.get("/acls/permissions");
         if (!found || given.format != Format::table || !found->is_object()) return found;
         for (const auto& [resource, actions] : found->get_object()) {
           std::string list;
           if (actions.is_array()) for (const Json& action : actions.get_array()) list += (list.empty() ? "" : ",") + to_text(action);
           fmt::print("{:<18}{}\n", std::string_view(resource), list);
         }
         return Json(nullptr);
       }}};
  add_group(app, "roles", "Roles of a tenant", std::move(commands), exit_code);
}

void add_bindings(CLI::App& app, int& exit_code) {
  const std::vector<std::string> columns{"id", "type", "user.username", "group.name", "role.name", "namespace"};
  std::vector<RestCommand> commands{
      list_command("Who has which role", "/bindings/search", columns),
      {"create", "Give a role to a user or a group", "insula bindings create --to ada@example.com --role Launcher --namespace company.team",
       {option("to", "User, e-mail or id"), option("to-group", "Group, name or id"), option("role", "Name or id", true), option("namespace", "Only there and below; everywhere when nothing is said")}, columns,
       [](const Session& session, const Arguments& given) -> Result<Json> {
         if (given.text("to").empty() == given.text("to-group").empty()) return fail(ErrorKind::invalid, "subject-missing", "give either --to or --to-group");
         const bool group = !given.text("to-group").empty();
         auto subject = group ? group_id(session, given.text("to-group")) : user_id(session, given.text("to"));
         if (!subject) return fail(subject.error());
         auto role = role_id(session, given.text("role"));
         if (!role) return fail(role.error());
         JsonObject body{{"type", group ? "GROUP" : "USER"}, {"externalId", *subject}, {"roleId", *role}};
         if (!given.text("namespace").empty()) body["namespaceId"] = given.text("namespace");
         return send_json(session, "POST", "/bindings", body);
       }},
      delete_command("binding", "/bindings", [](const Session&, const std::string& id) -> Result<std::string> { return id; })};
  add_group(app, "bindings", "Roles of users and groups in a tenant", std::move(commands), exit_code);
}

void add_service_accounts(CLI::App& app, int& exit_code) {
  const std::vector<std::string> columns{"id", "name", "description", "superAdmin"};
  const Argument instance = flag("instance", "Of the instance instead of the tenant (super admin)");
  const auto base = [](const Arguments& given) { return std::string(given.flag("instance") ? "//service-accounts" : "/service-accounts"); };
  std::vector<RestCommand> commands{
      {"list", "Service accounts", "", with_page({instance}), columns, [base](const Session& session, const Arguments& given) { return session.get(base(given) + page_query(given)); }},
      {"create", "Create a service account", "insula service-accounts create deployer --tenant stage", {positional("name", "Lower-case letters, digits and -"), option("description", "Description"), instance}, columns,
       [base](const Session& session, const Arguments& given) { return send_json(session, "POST", base(given), JsonObject{{"name", given.text("name")}, {"description", given.text("description")}}); }},
      {"delete", "Delete a service account with its tokens", "", {positional("name", "Name or id"), instance}, {}, [base](const Session& session, const Arguments& given) -> Result<Json> {
         auto id = account_id(session, given.text("name"), given.flag("instance"));
         if (!id) return fail(id.error());
         auto gone = session.send("DELETE", fmt::format("{}/{}", base(given), percent_encode(*id)), "", "");
         if (!gone) return gone;
         return Json(nullptr);
       }}};
  add_group(app, "service-accounts", "Service accounts: users that are programs", std::move(commands), exit_code);
}

void add_tokens(CLI::App& app, int& exit_code) {
  const std::vector<Argument> whose{option("of-user", "Of this user, e-mail or id (super admin); yours when nothing is said"), option("of-service-account", "Of this service account of the tenant, name or id")};
  const auto base = [](const Session& session, const Arguments& given) -> Result<std::string> {
    if (!given.text("of-user").empty()) {
      auto id = instance_user_id(session, given.text("of-user"));
      if (!id) return fail(id.error());
      return fmt::format("//users/{}/api-tokens", percent_encode(*id));
    }
    if (!given.text("of-service-account").empty()) {
      auto id = account_id(session, given.text("of-service-account"), false);
      if (!id) return fail(id.error());
      return fmt::format("/service-accounts/{}/api-tokens", percent_encode(*id));
    }
    return std::string("//me/api-tokens");
  };
  const auto with = [&](std::vector<Argument> more) {
    more.insert(more.end(), whose.begin(), whose.end());
    return more;
  };
  std::vector<RestCommand> commands{
      {"list", "API tokens, without their secrets", "", with({}), {"id", "name", "prefix", "exp", "lastUsed", "expired"}, [base](const Session& session, const Arguments& given) -> Result<Json> {
         auto path = base(session, given);
         if (!path) return fail(path.error());
         return session.get(*path);
       }},
      {"create", "Create an API token; it is shown once", "insula tokens create ci --max-age P90D --of-service-account deployer",
       with({positional("name", "Lower-case letters, digits and -"), option("description", "Description"), option("max-age", "ISO-8601 duration; without one the token does not expire"), flag("extended", "Each use starts the age anew")}),
       {"id", "name", "fullToken"}, [base](const Session& session, const Arguments& given) -> Result<Json> {
         auto path = base(session, given);
         if (!path) return fail(path.error());
         JsonObject body{{"name", given.text("name")}, {"description", given.text("description")}, {"extended", given.flag("extended")}};
         if (!given.text("max-age").empty()) body["maxAge"] = given.text("max-age");
         return send_json(session, "POST", *path, body);
       }},
      {"delete", "Delete an API token; it ends at once", "", with({positional("id", "Id of the token")}), {}, [base](const Session& session, const Arguments& given) -> Result<Json> {
         auto path = base(session, given);
         if (!path) return fail(path.error());
         auto gone = session.send("DELETE", fmt::format("{}/{}", *path, percent_encode(given.text("id"))), "", "");
         if (!gone) return gone;
         return Json(nullptr);
       }}};
  add_group(app, "tokens", "API tokens", std::move(commands), exit_code);
}

void add_invitations(CLI::App& app, int& exit_code) {
  const std::vector<std::string> columns{"id", "email", "status", "expiredAt", "link"};
  std::vector<RestCommand> commands{
      list_command("Invitations of the tenant", "/invitations/search", columns),
      {"create", "Invite somebody; prints the link unless the server sends mail", "insula invitations create ada@example.com --role Viewer", {positional("email", "E-mail address"), list_option("role", "Role, name or id; may be repeated"), list_option("group", "Group, name or id; may be repeated")}, columns,
       [](const Session& session, const Arguments& given) -> Result<Json> {
         JsonArray roles, groups;
         for (const std::string& name : given.list("role")) {
           auto id = role_id(session, name);
           if (!id) return fail(id.error());
           roles.push_back(JsonObject{{"id", *id}});
         }
         for (const std::string& name : given.list("group")) {
           auto id = group_id(session, name);
           if (!id) return fail(id.error());
           groups.emplace_back(*id);
         }
         auto made = send_json(session, "POST", "/invitations", JsonObject{{"email", given.text("email")}, {"roles", std::move(roles)}, {"groups", std::move(groups)}});
         if (!made) return made;
         if (made->is_null()) return Json(fmt::format("{} exists and has access now", given.text("email")));
         return made;
       }},
      delete_command("invitation", "/invitations", [](const Session&, const std::string& id) -> Result<std::string> { return id; })};
  add_group(app, "invitations", "Invitations into a tenant", std::move(commands), exit_code);
}

void add_access(CLI::App& app, int& exit_code) {
  std::vector<RestCommand> commands{
      list_command("Who has access to the tenant", "/tenant-access", {"id", "username", "displayName", "groups"}),
      {"grant", "Give a user access to the tenant; roles come by bindings", "", {positional("email", "E-mail address of the user")}, {}, [](const Session& session, const Arguments& given) -> Result<Json> {
         auto done = send_json(session, "POST", "/tenant-access", JsonObject{{"email", given.text("email")}});
         if (!done) return done;
         return Json(nullptr);
       }},
      {"revoke", "Take access away, with all roles and memberships", "", {positional("person", "E-mail or id")}, {}, [](const Session& session, const Arguments& given) -> Result<Json> {
         auto id = user_id(session, given.text("person"));
         if (!id) return fail(id.error());
         auto done = session.send("DELETE", "/tenant-access/" + percent_encode(*id), "", "");
         if (!done) return done;
         return Json(nullptr);
       }}};
  add_group(app, "access", "Access of users to a tenant", std::move(commands), exit_code);
}

}  // namespace

void add_identity_commands(CLI::App& app, int& exit_code) {
  add_users(app, exit_code);
  add_auths(app, exit_code);
  add_groups(app, exit_code);
  add_roles(app, exit_code);
  add_bindings(app, exit_code);
  add_service_accounts(app, exit_code);
  add_tokens(app, exit_code);
  add_invitations(app, exit_code);
  add_access(app, exit_code);
}

}  // namespace insula::cli
