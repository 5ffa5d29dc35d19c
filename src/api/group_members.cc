// Who is in a group, and the groups of one user. Owners of a group manage its members without the permission (features.md §2.1).
#include "api/identity.h"
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

constexpr std::array<std::string_view, 2> kMemberships{"OWNER", "MEMBER"};

struct Member {
  store::GroupRow group;
  store::UserRow user;
  std::optional<store::MemberRow> row;
};

// The group and the user of the path.
Result<Member> find_member(Change& change) {
  auto group = known_group(change.directory(), GroupId(change.call.parameter("id")));
  if (!group) return fail(std::move(group.error()));
  auto user = admissible_user(change, UserId(change.call.parameter("userId")));
  if (!user) return fail(std::move(user.error()));
  auto row = change.directory().member(group->id, user->id);
  if (!row) return fail(std::move(row.error()));
  return Member{std::move(*group), std::move(*user), std::move(*row)};
}

std::unexpected<Error> is_no_member(const Member& member) {
  return fail(ErrorKind::conflict, "member-missing", fmt::format("'{}' is not in the group '{}'", member.user.username(), member.group.name));
}

JsonObject told(const Member& member, bool owner) {
  return {{"group", member.group.name}, {"userId", member.user.id.str()}, {"username", member.user.username()}, {"membership", owner ? "OWNER" : "MEMBER"}};
}

// The user as they will be after the change.
Result<http::Response> shown(Change& change, const Member& member, std::optional<bool> owner) {
  auto groups = change.directory().groups_of(member.user.id);
  if (!groups) return fail(std::move(groups.error()));
  std::erase_if(*groups, [&](const Membership& one) { return one.first.id == member.group.id; });
  if (owner) groups->emplace_back(member.group, store::MemberRow{member.group.id, member.user.id, *owner, change.now});
  return json_response(member_json(member.user, *groups));
}

void add_member(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto member = find_member(change);
    if (!member) return fail(member.error());
    if (member->row) return fail(ErrorKind::conflict, "member-exists", fmt::format("'{}' is already in the group '{}'", member->user.username(), member->group.name));
    if (auto may = may_hand_out_group(change, member->group); !may) return fail(may.error());
    if (auto in = enter(change, change.directory(), change.call.scope().uid(), member->user.id, Access::by_path); !in) return fail(in.error());
    change.tenant().members.push_back({member->group.id, member->user.id, false, change.now});
    change.audit({"UPDATE", "GROUP", member->group.id.str(), nullptr, told(*member, false), {{"member", "ADDED"}}});
    return shown(change, *member, false);
  });
}

void remove_member(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto member = find_member(change);
    if (!member) return fail(member.error());
    if (!member->row) return is_no_member(*member);
    change.tenant().removed_members.emplace_back(member->group.id, member->user.id);
    if (auto left = leave_path(change, member->user.id, {member->group.id}, {}); !left) return fail(left.error());
    change.audit({"UPDATE", "GROUP", member->group.id.str(), told(*member, member->row->owner), nullptr, {{"member", "REMOVED"}}});
    return shown(change, *member, std::nullopt);
  });
}

void set_membership(const CallPtr& call) {
  const std::string membership(call->query("membership"));
  if (membership.empty()) return call->reply_error({ErrorKind::bad_request, "parameter-missing", "Required QueryValue [membership] not specified", {}, {}});
  if (std::ranges::find(kMemberships, membership) == kMemberships.end())
    return call->reply_error(illegal_argument("membership-invalid", fmt::format("'{}' is no membership: OWNER or MEMBER", membership)).error());
  change_identity(call, [owner = membership == "OWNER"](Change& change) -> Result<http::Response> {
    const auto member = find_member(change);
    if (!member) return fail(member.error());
    if (!member->row) return is_no_member(*member);
    store::MemberRow row = *member->row;
    row.owner = owner;
    change.tenant().members.push_back(row);
    change.audit({"UPDATE", "GROUP", member->group.id.str(), told(*member, member->row->owner), told(*member, owner), {{"member", "CHANGED"}}});
    return shown(change, *member, owner);
  });
}

void list_members(const CallPtr& call) {
  auto query = identity_query(*call, member_search());
  if (!query) return call->reply_error(query.error());
  read_directory(call, [query = std::move(*query)](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto group = known_group(directory, GroupId(asked.parameter("id")));
    if (!group) return fail(group.error());
    const auto found = directory.members(group->id, query);
    if (!found) return fail(found.error());
    JsonArray results;
    for (const auto& [user, member] : found->rows) {
      const auto groups = directory.groups_of(user.id);
      if (!groups) return fail(groups.error());
      results.push_back(member_json(user, *groups));
    }
    return Json(JsonObject{{"results", std::move(results)}, {"total", found->total}});
  });
}

// ---- all groups of one user at once

Result<std::vector<GroupId>> read_group_ids(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "user");
  std::vector<GroupId> ids;
  if (!fields.has("groupIds")) fields.wrong("groupIds", "must not be null");
  for (std::string& id : fields.texts("groupIds")) ids.emplace_back(std::move(id));
  if (auto right = fields.result(); !right) return fail(right.error());
  std::ranges::sort(ids);
  const auto twice = std::ranges::unique(ids);
  ids.erase(twice.begin(), twice.end());
  return ids;
}

Json ids_json(const std::vector<GroupId>& ids) {
  JsonArray list;
  for (const GroupId& id : ids) list.emplace_back(id.str());
  return JsonObject{{"groupIds", std::move(list)}};
}

void set_groups(const CallPtr& call) {
  auto wanted = read_group_ids(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    const auto user = admissible_user(change, UserId(change.call.parameter("id")));
    if (!user) return fail(user.error());
    const auto memberships = change.directory().groups_of(user->id);
    if (!memberships) return fail(memberships.error());
    std::vector<GroupId> before, leaving;
    for (const auto& [group, member] : *memberships) {
      before.push_back(group.id);
      if (std::ranges::find(wanted, group.id) == wanted.end()) leaving.push_back(group.id);
    }
    for (const GroupId& id : wanted) {
      if (std::ranges::find(before, id) != before.end()) continue;
      const auto group = known_group(change.directory(), id);
      if (!group) return fail(group.error());
      if (auto may = may_hand_out_group(change, *group); !may) return fail(may.error());
      change.tenant().members.push_back({id, user->id, false, change.now});
    }
    for (const GroupId& id : leaving) change.tenant().removed_members.emplace_back(id, user->id);
    // Nobody leaves whose new groups are a path of their own.
    const auto moved = wanted.empty() ? leave_path(change, user->id, leaving, {}) : enter(change, change.directory(), change.call.scope().uid(), user->id, Access::by_path);
    if (!moved) return fail(moved.error());
    change.audit({"UPDATE", "USER", user->id.str(), ids_json(before), ids_json(wanted)});
    return http::Response::empty(204);
  });
}

}  // namespace

void add_group_member_routes(Routes& routes) {
  using enum http::Method;
  const auto manage = needs(Resource::group, Action::manage_members).or_owner_of("id").or_super_admin();
  routes.emplace_back(get, "/api/v1/{tenant}/groups/{id}/members", needs(Resource::group, Action::view).or_owner_of("id").or_super_admin(), list_members, "Members of a group.");
  routes.emplace_back(put, "/api/v1/{tenant}/groups/{id}/members/{userId}", manage, add_member, "Adds a user to a group, who gets access to the tenant; 409 when they are in it.");
  routes.emplace_back(del, "/api/v1/{tenant}/groups/{id}/members/{userId}", manage, remove_member, "Takes a user out of a group; without another path they lose their access.");
  routes.emplace_back(put, "/api/v1/{tenant}/groups/{id}/members/membership/{userId}", manage, set_membership, "Makes a member an owner of the group, or a member again.");
  routes.emplace_back(put, "/api/v1/{tenant}/users/{id}/groups", needs(Resource::user, Action::manage_group_membership).or_super_admin(), set_groups, "Sets all groups of a user.");
}

}  // namespace insula::api
