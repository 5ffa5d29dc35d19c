// Who has access to a tenant (features.md §1.4). Access alone shows the tenant and nothing in it; default roles come with it.
#include "api/identity.h"
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

Result<JsonArray> people_json(store::Directory& directory, const std::vector<store::UserRow>& people) {
  JsonArray list;
  for (const store::UserRow& person : people) {
    const auto groups = directory.groups_of(person.id);
    if (!groups) return fail(groups.error());
    list.push_back(tenant_user_json(person, *groups));
  }
  return list;
}

void list_people(const CallPtr& call) {
  auto query = identity_query(*call, people_search());
  if (!query) return call->reply_error(query.error());
  read_directory(call, [query = std::move(*query)](Call&, store::Directory& directory) -> Result<Json> {
    const auto found = directory.search_people(query);
    if (!found) return fail(found.error());
    auto results = people_json(directory, found->rows);
    if (!results) return fail(std::move(results.error()));
    return Json(JsonObject{{"results", std::move(*results)}, {"total", found->total}});
  });
}

// Only of those with access, whatever `existingOnly` says: nobody looks through the users of the instance from within a tenant.
void complete_people(const CallPtr& call) {
  auto wanted = read_autocomplete(*call);
  if (!wanted) return call->reply_error(wanted.error());
  read_directory(call, [wanted = std::move(*wanted)](Call&, store::Directory& directory) -> Result<Json> {
    std::vector<store::UserRow> people;
    for (const std::string& id : wanted.ids) {
      auto person = directory.person(UserId(id));
      if (!person) return fail(std::move(person.error()));
      if (*person) people.push_back(std::move(**person));
    }
    auto found = directory.search_people(autocomplete_query(wanted));
    if (!found) return fail(std::move(found.error()));
    for (store::UserRow& person : found->rows)
      if (std::ranges::find(wanted.ids, person.id.str()) == wanted.ids.end()) people.push_back(std::move(person));
    auto list = people_json(directory, people);
    if (!list) return fail(std::move(list.error()));
    return Json(std::move(*list));
  });
}

JsonObject role_assignment_json(const store::HeldBinding& held) {
  const bool is_direct = held.binding.subject == store::SubjectKind::user;
  JsonObject json = role_reference_json(held.role);
  json["namespace"] = held.binding.ns ? Json(held.binding.ns->str()) : Json(nullptr);
  json["origin"] = is_direct ? "BINDING" : "GROUP";
  json["sourceId"] = is_direct ? held.binding.id.str() : held.binding.subject_id;
  json["permissions"] = permissions_json(held.role.permissions);
  return json;
}

void show_access(const CallPtr& call) {
  read_directory(call, [](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto user = known_person(directory, UserId(asked.parameter("userId")));
    if (!user) return fail(user.error());
    const auto groups = directory.groups_of(user->id);
    if (!groups) return fail(groups.error());
    const auto held = directory.held(user->id);
    if (!held) return fail(held.error());
    JsonArray in_groups, roles;
    for (const auto& [group, member] : *groups) in_groups.push_back(group_reference_json(group));
    for (const store::HeldBinding& one : *held) roles.push_back(role_assignment_json(one));
    return Json(JsonObject{{"tenantId", asked.tenant().str()}, {"userId", user->id.str()}, {"username", user->username()}, {"displayName", display_name(*user)},
                           {"groups", std::move(in_groups)}, {"roles", std::move(roles)}, {"superAdmin", user->super_admin}, {"instanceOwner", user->super_admin}});
  });
}

Result<void> give(Change& change, const store::UserRow& user) {
  change.audit({"CREATE", "TENANT_ACCESS", user.id.str(), nullptr, JsonObject{{"userId", user.id.str()}, {"username", user.username()}}});
  return enter(change, change.directory(), change.call.scope().uid(), user.id, Access::given);
}

void give_by_email(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  Fields fields(*body, "tenantAccess");
  const std::string email = lower_ascii(fields.text("email", {.required = true, .bytes_max = 256}));
  if (auto right = fields.result(); !right) return call->reply_error(right.error());
  change_identity(call, [email](Change& change) -> Result<http::Response> {
    const auto user = change.system().user_by_email(email);
    if (!user) return fail(user.error());
    if (!*user) return not_found(fmt::format("there is no user '{}'", email));
    const auto person = change.directory().person((*user)->id);
    if (!person) return fail(person.error());
    if (*person) return fail(ErrorKind::conflict, "access-exists", fmt::format("'{}' already has access to this tenant", email));
    if (auto given = give(change, **user); !given) return fail(given.error());
    return http::Response::empty(204);
  });
}

// Twice is once: whoever has access already keeps it, now in so many words.
void give_by_id(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto user = admissible_user(change, UserId(change.call.parameter("userId")));
    if (!user) return fail(user.error());
    if (auto given = give(change, *user); !given) return fail(given.error());
    return http::Response::empty(201);
  });
}

// With the access go groups and roles. A service account of the tenant has no life outside it: that one is deleted instead.
void take_away(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto user = known_person(change.directory(), UserId(change.call.parameter("userId")));
    if (!user) return fail(user.error());
    if (user->home == change.call.scope().uid())
      return fail(ErrorKind::conflict, "account-of-tenant", fmt::format("'{}' is a service account of this tenant: delete it there", user->name));
    change.tenant().removed_accesses.push_back(user->id);
    change.audit({"DELETE", "TENANT_ACCESS", user->id.str(), JsonObject{{"userId", user->id.str()}, {"username", user->username()}}});
    return http::Response::empty(204);
  });
}

}  // namespace

void add_tenant_access_routes(Routes& routes) {
  using enum http::Method;
  const auto rule = [](Action action) { return needs(Resource::user, action).or_super_admin(); };
  routes.emplace_back(get, "/api/v1/{tenant}/tenant-access", rule(Action::list), list_people, "People and service accounts with access to the tenant.");
  routes.emplace_back(post, "/api/v1/{tenant}/tenant-access", rule(Action::create), give_by_email, "Lets a user of the instance in, by e-mail address: 204, 404 unknown, 409 has access.");
  routes.emplace_back(post, "/api/v1/{tenant}/tenant-access/autocomplete", rule(Action::list), complete_people, "People of the tenant for a field that completes.");
  routes.emplace_back(get, "/api/v1/{tenant}/tenant-access/{userId}", rule(Action::view), show_access, "Groups and roles of somebody with access, and where each role comes from.");
  routes.emplace_back(put, "/api/v1/{tenant}/tenant-access/{userId}", rule(Action::create), give_by_id, "Lets a user of the instance in, by id: 201.");
  routes.emplace_back(del, "/api/v1/{tenant}/tenant-access/{userId}", rule(Action::delete_), take_away, "Takes access away, with groups and roles.");
}

}  // namespace insula::api
