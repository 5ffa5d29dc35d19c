// Groups of a tenant (features.md §2.5).
#include "api/identity.h"
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

struct WantedGroup {
  std::string name, description;
  std::vector<std::string> members;
};

Result<WantedGroup> read_group(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "group");
  WantedGroup wanted{fields.text("name", {.required = true, .bytes_max = 200}), fields.text("description", {.bytes_max = 2'000}), fields.texts("membersId")};
  if (auto right = fields.result(); !right) return fail(right.error());
  std::ranges::sort(wanted.members);
  const auto twice = std::ranges::unique(wanted.members);
  wanted.members.erase(twice.begin(), twice.end());
  return wanted;
}

void create_group(const CallPtr& call) {
  auto wanted = read_group(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    const store::GroupRow group{change.next_id<GroupId>(), wanted.name, wanted.description, false, change.now};
    change.tenant().groups.push_back(group);
    JsonArray members;
    for (const std::string& id : wanted.members) {
      const auto user = admissible_user(change, UserId(id));
      if (!user) return fail(user.error());
      if (auto in = enter(change, change.directory(), change.call.scope().uid(), user->id, Access::by_path); !in) return fail(in.error());
      change.tenant().members.push_back({group.id, user->id, false, change.now});
      members.emplace_back(id);
    }
    JsonObject after = group_json(group);
    after["membersId"] = std::move(members);
    change.audit({"CREATE", "GROUP", group.id.str(), nullptr, after});
    return json_response(group_json(group));
  });
}

void update_group(const CallPtr& call) {
  auto wanted = read_group(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    const auto old = known_group(change.directory(), GroupId(change.call.parameter("id")));
    if (!old) return fail(old.error());
    store::GroupRow group = *old;
    group.name = wanted.name;
    group.description = wanted.description;
    change.tenant().groups.push_back(group);
    change.audit({"UPDATE", "GROUP", group.id.str(), group_json(*old), group_json(group)});
    return json_response(group_json(group));
  });
}

// Its bindings end with it; so does the access of members who had no other path into the tenant.
void delete_group(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto old = known_group(change.directory(), GroupId(change.call.parameter("id")));
    if (!old) return fail(old.error());
    store::Query members = whole({});
    for (;;) {
      const auto page = change.directory().members(old->id, members);
      if (!page) return fail(page.error());
      for (const auto& [user, member] : page->rows)
        if (auto left = leave_path(change, user.id, {old->id}, {}); !left) return fail(left.error());
      if (static_cast<int>(page->rows.size()) < members.page.size) break;
      ++members.page.number;
    }
    change.tenant().removed_groups.push_back(old->id);
    change.audit({"DELETE", "GROUP", old->id.str(), group_json(*old)});
    return http::Response::empty(200);
  });
}

void show_group(const CallPtr& call) {
  read_directory(call, [](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto group = known_group(directory, GroupId(asked.parameter("id")));
    if (!group) return fail(group.error());
    return Json(group_json(*group));
  });
}

void search_groups(const CallPtr& call) {
  auto query = identity_query(*call, group_search());
  if (!query) return call->reply_error(query.error());
  read_directory(call, [query = std::move(*query)](Call&, store::Directory& directory) -> Result<Json> {
    const auto found = directory.search_groups(query);
    if (!found) return fail(found.error());
    return page_json(*found, group_json);
  });
}

Result<JsonArray> groups_of(store::Directory& directory, const std::vector<std::string>& ids) {
  JsonArray list;
  for (const std::string& id : ids) {
    const auto group = directory.group(GroupId(id));
    if (!group) return fail(group.error());
    if (*group) list.push_back(group_json(**group));
  }
  return list;
}

void list_groups_by_id(const CallPtr& call) {
  auto ids = read_ids(*call);
  if (!ids) return call->reply_error(ids.error());
  read_directory(call, [ids = std::move(*ids)](Call&, store::Directory& directory) -> Result<Json> {
    auto list = groups_of(directory, ids);
    if (!list) return fail(std::move(list.error()));
    return Json(std::move(*list));
  });
}

void complete_groups(const CallPtr& call) {
  auto wanted = read_autocomplete(*call);
  if (!wanted) return call->reply_error(wanted.error());
  read_directory(call, [wanted = std::move(*wanted)](Call&, store::Directory& directory) -> Result<Json> {
    auto list = groups_of(directory, wanted.ids);
    if (!list) return fail(std::move(list.error()));
    const auto found = directory.search_groups(autocomplete_query(wanted));
    if (!found) return fail(found.error());
    for (const store::GroupRow& group : found->rows)
      if (std::ranges::find(wanted.ids, group.id.str()) == wanted.ids.end()) list->push_back(group_json(group));
    return Json(std::move(*list));
  });
}

}  // namespace

void add_group_routes(Routes& routes) {
  using enum http::Method;
  const auto rule = [](Action action) { return needs(Resource::group, action).or_super_admin(); };
  routes.emplace_back(post, "/api/v1/{tenant}/groups", rule(Action::create), create_group, "Creates a group, with members at will; they get access to the tenant.");
  routes.emplace_back(get, "/api/v1/{tenant}/groups/search", rule(Action::list), search_groups, "Searches groups.");
  routes.emplace_back(post, "/api/v1/{tenant}/groups/autocomplete", rule(Action::list), complete_groups, "Groups for a field that completes.");
  routes.emplace_back(post, "/api/v1/{tenant}/groups/ids", rule(Action::list), list_groups_by_id, "Groups by their ids.");
  routes.emplace_back(get, "/api/v1/{tenant}/groups/{id}", rule(Action::view), show_group, "One group.");
  routes.emplace_back(put, "/api/v1/{tenant}/groups/{id}", rule(Action::update), update_group, "Changes name and description of a group.");
  routes.emplace_back(del, "/api/v1/{tenant}/groups/{id}", rule(Action::delete_), delete_group, "Deletes a group with its bindings; members without another path lose their access.");
}

}  // namespace insula::api
