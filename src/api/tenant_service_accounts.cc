// Service accounts of a tenant (features.md §2.5): those that the tenant made are changed and deleted here; those of the instance that were let
// in are only seen.
#include "api/accounts.h"
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/routes.h"
#include "api/tenant_accounts.h"

namespace insula::api {

Result<store::UserRow> find_tenant_account(store::Directory& directory, const Call& call) {
  auto account = directory.person(UserId(call.parameter("id")));
  if (!account) return fail(std::move(account.error()));
  if (!*account || !(*account)->service_account) return not_found(fmt::format("there is no service account '{}'", call.parameter("id")));
  return std::move(**account);
}

Result<store::UserRow> find_own_account(store::Directory& directory, const Call& call) {
  auto account = find_tenant_account(directory, call);
  if (account && account->home != call.scope().uid())
    return fail(ErrorKind::forbidden, "account-of-instance", fmt::format("'{}' is a service account of the instance: only a super admin changes it", account->name));
  return account;
}

namespace {

using access::Action;
using access::Resource;

struct Wanted {
  std::string name, description;
  std::optional<bool> super_admin;
  std::optional<std::vector<GroupId>> groups;
};

Result<Wanted> read_account(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "serviceAccount");
  Wanted wanted{fields.text("name", {.required = true}), fields.text("description", {.bytes_max = 2'000}), fields.super_admin(), {}};
  if (!wanted.name.empty() && !access::is_token_name(wanted.name)) fields.wrong("name", "must match \"^(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$\"");
  if (const JsonArray* list = fields.array("groups")) {
    wanted.groups.emplace();
    for (const Json& one : *list) {
      GroupId id(one.is_object() ? text_or(one.get_object(), "id") : to_text(one));
      if (std::ranges::find(*wanted.groups, id) == wanted.groups->end()) wanted.groups->push_back(std::move(id));
    }
  }
  if (auto right = fields.result(); !right) return fail(right.error());
  return wanted;
}

Json account_json(const store::UserRow& account, const std::vector<store::GroupRow>& groups) {
  JsonArray list;
  for (const store::GroupRow& group : groups) list.push_back(group_reference_json(group));
  return JsonObject{{"id", account.id.str()}, {"name", account.name}, {"description", account.description}, {"groups", std::move(list)}, {"superAdmin", account.super_admin},
                    {"instanceOwner", account.super_admin}};
}

Result<std::vector<store::GroupRow>> groups_now(store::Directory& directory, const UserId& account) {
  auto memberships = directory.groups_of(account);
  if (!memberships) return fail(std::move(memberships.error()));
  std::vector<store::GroupRow> groups;
  for (auto& [group, member] : *memberships) groups.push_back(std::move(group));
  return groups;
}

// Puts the account into the wanted groups and out of the others.
Result<std::vector<store::GroupRow>> set_groups(Change& change, const UserId& account, const std::vector<store::GroupRow>& before, const std::vector<GroupId>& wanted) {
  std::vector<store::GroupRow> groups;
  for (const GroupId& id : wanted) {
    auto group = known_group(change.directory(), id);
    if (!group) return fail(std::move(group.error()));
    if (std::ranges::find(before, id, &store::GroupRow::id) == before.end()) {
      if (auto may = may_hand_out_group(change, *group); !may) return fail(may.error());
      change.tenant().members.push_back({id, account, false, change.now});
    }
    groups.push_back(std::move(*group));
  }
  for (const store::GroupRow& group : before)
    if (std::ranges::find(wanted, group.id) == wanted.end()) change.tenant().removed_members.emplace_back(group.id, account);
  return groups;
}

Result<void> may_set_super_admin(const Call& call, bool is, const std::optional<bool>& wanted) {
  if (!wanted || *wanted == is || call.principal().super_admin) return {};
  return fail(ErrorKind::forbidden, "super-admin-needed", "only a super admin decides who is one");
}

void create_account(const CallPtr& call) {
  auto wanted = read_account(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    if (auto may = may_set_super_admin(change.call, false, wanted.super_admin); !may) return fail(may.error());
    store::UserRow account;
    account.id = change.next_id<UserId>();
    account.service_account = true;
    account.name = wanted.name;
    account.description = wanted.description;
    account.super_admin = wanted.super_admin.value_or(false);
    account.home = change.call.scope().uid();
    account.created = change.now;
    change.turn.new_users.push_back(account);
    if (auto in = enter(change, change.directory(), account.home, account.id, Access::given); !in) return fail(in.error());
    const auto groups = set_groups(change, account.id, {}, wanted.groups.value_or(std::vector<GroupId>()));
    if (!groups) return fail(groups.error());
    change.audit({"CREATE", "SERVICE_ACCOUNT", account.id.str(), nullptr, account_json(account, *groups)});
    return json_response(account_json(account, *groups));
  });
}

void update_account(const CallPtr& call) {
  auto wanted = read_account(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    const auto before = find_own_account(change.directory(), change.call);
    if (!before) return fail(before.error());
    if (auto may = may_set_super_admin(change.call, before->super_admin, wanted.super_admin); !may) return fail(may.error());
    store::UserRow account = *before;
    account.name = wanted.name;
    account.description = wanted.description;
    account.super_admin = wanted.super_admin.value_or(account.super_admin);
    change.turn.users.push_back(account);
    change.affected.push_back(account.id);
    auto groups = groups_now(change.directory(), account.id);
    if (!groups) return fail(std::move(groups.error()));
    const Json was = account_json(*before, *groups);
    if (wanted.groups) groups = set_groups(change, account.id, *groups, *wanted.groups);
    if (!groups) return fail(std::move(groups.error()));
    change.audit({"UPDATE", "SERVICE_ACCOUNT", account.id.str(), was, account_json(account, *groups)});
    return json_response(account_json(account, *groups));
  });
}

void delete_account(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto account = find_own_account(change.directory(), change.call);
    if (!account) return fail(account.error());
    change.turn.removed_users.push_back(account->id);
    change.affected.push_back(account->id);
    change.audit({"DELETE", "SERVICE_ACCOUNT", account->id.str(), account_json(*account, {})});
    return http::Response::empty(200);
  });
}

void show_account(const CallPtr& call) {
  read_directory(call, [](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto account = find_tenant_account(directory, asked);
    if (!account) return fail(account.error());
    const auto groups = groups_now(directory, account->id);
    if (!groups) return fail(groups.error());
    return account_json(*account, *groups);
  });
}

void list_accounts(const CallPtr& call) {
  auto query = identity_query(*call, people_search());
  if (!query) return call->reply_error(query.error());
  std::erase_if(query->filters, [](const store::Filter& filter) { return filter.field == "type"; });
  query->filters.push_back({"type", store::Op::equals, {}, {"SERVICE_ACCOUNT"}});
  read_directory(call, [query = std::move(*query)](Call&, store::Directory& directory) -> Result<Json> {
    const auto found = directory.search_people(query);
    if (!found) return fail(found.error());
    JsonArray results;
    for (const store::UserRow& account : found->rows) {
      const auto groups = directory.groups_of(account.id);
      if (!groups) return fail(groups.error());
      JsonObject one = tenant_user_json(account, *groups);
      one["name"] = account.name;
      results.push_back(std::move(one));
    }
    return Json(JsonObject{{"results", std::move(results)}, {"total", found->total}});
  });
}

}  // namespace

void add_tenant_service_account_routes(Routes& routes) {
  using enum http::Method;
  const auto rule = [](Action action) { return needs(Resource::service_account, action).or_super_admin(); };
  routes.emplace_back(get, "/api/v1/{tenant}/service-accounts", rule(Action::list), list_accounts, "Service accounts with access to the tenant.");
  routes.emplace_back(post, "/api/v1/{tenant}/service-accounts", rule(Action::create), create_account, "Creates a service account of the tenant.");
  routes.emplace_back(get, "/api/v1/{tenant}/service-accounts/{id}", rule(Action::view), show_account, "One service account with its groups.");
  routes.emplace_back(put, "/api/v1/{tenant}/service-accounts/{id}", rule(Action::update), update_account, "Changes a service account of the tenant; `groups` are all of them afterwards.");
  routes.emplace_back(del, "/api/v1/{tenant}/service-accounts/{id}", rule(Action::delete_), delete_account, "Deletes a service account of the tenant with its tokens.");
}

}  // namespace insula::api
