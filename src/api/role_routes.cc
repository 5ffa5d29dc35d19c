// Roles of a tenant (features.md §2.5): its own, and the built-in ones that nobody changes.
#include "api/identity.h"
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

struct WantedRole {
  store::RoleRow row;
  std::vector<std::string> unknown;        // names of permissions that mean nothing here
};

Result<WantedRole> read_role(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "role");
  WantedRole wanted;
  wanted.row.name = fields.text("name", {.required = true, .bytes_max = 200});
  wanted.row.description = fields.text("description", {.bytes_max = 2'000});
  wanted.row.is_default = fields.flag("isDefault").value_or(false);
  const Json* permissions = find(*body, "permissions");
  if (permissions == nullptr || permissions->is_null()) fields.wrong("permissions", "must not be null");
  if (auto right = fields.result(); !right) return fail(right.error());
  auto read = access::read_permissions(*permissions, &wanted.unknown);
  if (!read) return fail(std::move(read.error()));
  wanted.row.permissions = std::move(*read);
  return wanted;
}

Json shown(const WantedRole& role) {
  JsonObject json = role_json(role.row);
  if (!role.unknown.empty()) {
    JsonArray names;
    for (const std::string& name : role.unknown) names.emplace_back(name);
    json["ignoredPermissions"] = std::move(names);
  }
  return json;
}

std::unexpected<Error> is_built_in(const store::RoleRow& role) {
  return fail(ErrorKind::conflict, "role-built-in", fmt::format("'{}' is a built-in role and cannot be changed or deleted: create one of your own", role.name));
}

void create_role(const CallPtr& call) {
  auto wanted = read_role(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) mutable -> Result<http::Response> {
    if (auto may = may_hand_out(change.call, wanted.row.permissions, std::nullopt); !may) return fail(may.error());
    wanted.row.id = change.next_id<RoleId>();
    wanted.row.created = change.now;
    change.tenant().roles.push_back(wanted.row);
    change.audit({"CREATE", "ROLE", wanted.row.id.str(), nullptr, role_json(wanted.row)});
    return json_response(shown(wanted));
  });
}

void update_role(const CallPtr& call) {
  auto wanted = read_role(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) mutable -> Result<http::Response> {
    const auto old = known_role(change.directory(), RoleId(change.call.parameter("id")));
    if (!old) return fail(old.error());
    if (store::managed_role(old->id)) return is_built_in(*old);
    // Whoever holds it has the new permissions at once, and a default role reaches everybody who comes.
    const bool gives_more = wanted.row.permissions != old->permissions || (wanted.row.is_default && !old->is_default);
    if (gives_more)
      if (auto may = may_hand_out(change.call, wanted.row.permissions, std::nullopt); !may) return fail(may.error());
    wanted.row.id = old->id;
    wanted.row.created = old->created;
    change.tenant().roles.push_back(wanted.row);
    change.audit({"UPDATE", "ROLE", old->id.str(), role_json(*old), role_json(wanted.row)});
    return json_response(shown(wanted));
  });
}

void delete_role(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto old = known_role(change.directory(), RoleId(change.call.parameter("id")));
    if (!old) return fail(old.error());
    if (store::managed_role(old->id)) return is_built_in(*old);
    const auto bindings = change.directory().search_bindings(whole({{"roleId", store::Op::equals, {}, {old->id.str()}}, {"type", store::Op::equals, {}, {"USER"}}}));
    if (!bindings) return fail(bindings.error());
    for (const store::BindingRow& binding : bindings->rows)
      if (auto left = leave_path(change, UserId(binding.subject_id), {}, {binding.id}); !left) return fail(left.error());
    change.tenant().removed_roles.push_back(old->id);
    change.audit({"DELETE", "ROLE", old->id.str(), role_json(*old)});
    return http::Response::empty(204);
  });
}

void show_role(const CallPtr& call) {
  read_directory(call, [](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto role = known_role(directory, RoleId(asked.parameter("id")));
    if (!role) return fail(role.error());
    return Json(role_json(*role));
  });
}

void search_roles(const CallPtr& call) {
  auto query = identity_query(*call, role_search());
  if (!query) return call->reply_error(query.error());
  read_directory(call, [query = std::move(*query)](Call&, store::Directory& directory) -> Result<Json> {
    const auto found = directory.search_roles(query);
    if (!found) return fail(found.error());
    return page_json(*found, role_summary_json);
  });
}

// Roles of these ids that exist; others are left out.
Result<std::vector<store::RoleRow>> roles_of(store::Directory& directory, const std::vector<std::string>& ids) {
  std::vector<store::RoleRow> rows;
  for (const std::string& id : ids) {
    auto role = directory.role(RoleId(id));
    if (!role) return fail(std::move(role.error()));
    if (*role) rows.push_back(std::move(**role));
  }
  return rows;
}

void list_roles_by_id(const CallPtr& call) {
  auto ids = read_ids(*call);
  if (!ids) return call->reply_error(ids.error());
  read_directory(call, [ids = std::move(*ids)](Call&, store::Directory& directory) -> Result<Json> {
    const auto rows = roles_of(directory, ids);
    if (!rows) return fail(rows.error());
    JsonArray list;
    for (const store::RoleRow& role : *rows) list.push_back(role_json(role));
    return Json(std::move(list));
  });
}

void complete_roles(const CallPtr& call) {
  auto wanted = read_autocomplete(*call);
  if (!wanted) return call->reply_error(wanted.error());
  read_directory(call, [wanted = std::move(*wanted)](Call&, store::Directory& directory) -> Result<Json> {
    auto chosen = roles_of(directory, wanted.ids);
    if (!chosen) return fail(chosen.error());
    const auto found = directory.search_roles(autocomplete_query(wanted));
    if (!found) return fail(found.error());
    for (const store::RoleRow& role : found->rows)
      if (std::ranges::find(wanted.ids, role.id.str()) == wanted.ids.end()) chosen->push_back(role);
    JsonArray list;
    for (const store::RoleRow& role : *chosen) list.push_back(role_summary_json(role));
    return Json(std::move(list));
  });
}

}  // namespace

void add_role_routes(Routes& routes) {
  using enum http::Method;
  const auto rule = [](Action action) { return needs(Resource::role, action).or_super_admin(); };
  routes.emplace_back(post, "/api/v1/{tenant}/roles", rule(Action::create), create_role, "Creates a role; nobody can put more into it than they hold.");
  routes.emplace_back(get, "/api/v1/{tenant}/roles/search", rule(Action::list), search_roles, "Searches roles, the built-in ones too.");
  routes.emplace_back(post, "/api/v1/{tenant}/roles/autocomplete", rule(Action::list), complete_roles, "Roles for a field that completes.");
  routes.emplace_back(post, "/api/v1/{tenant}/roles/ids", rule(Action::list), list_roles_by_id, "Roles by their ids.");
  routes.emplace_back(get, "/api/v1/{tenant}/roles/{id}", rule(Action::view), show_role, "One role with its permissions.");
  routes.emplace_back(put, "/api/v1/{tenant}/roles/{id}", rule(Action::update), update_role, "Changes a role; whoever holds it is affected at once.");
  routes.emplace_back(del, "/api/v1/{tenant}/roles/{id}", rule(Action::delete_), delete_role, "Deletes a role with its bindings.");
}

}  // namespace insula::api
