// Service accounts of the instance, for super admins (features.md §2.5). Names need not be unique.
#include "api/accounts.h"
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/routes.h"

namespace insula::api {
namespace {

struct Wanted {
  std::string name, description;
  bool super_admin = false;
  std::vector<std::string> tenants;
};

Result<Wanted> read_account(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "serviceAccount");
  Wanted wanted{fields.text("name", {.required = true}), fields.text("description", {.bytes_max = 2'000}), fields.super_admin().value_or(false), {}};
  if (!wanted.name.empty() && !access::is_token_name(wanted.name)) fields.wrong("name", "must match \"^(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$\"");
  // Ids when it is made, `{id, name}` when what was shown is sent back.
  if (const JsonArray* list = fields.array("tenants"))
    for (const Json& one : *list) wanted.tenants.push_back(one.is_object() ? text_or(one.get_object(), "id") : to_text(one));
  if (auto right = fields.result(); !right) return fail(right.error());
  return wanted;
}

Json account_json(const store::UserRow& account, const std::vector<store::TenantRow>& tenants) {
  return JsonObject{{"id", account.id.str()}, {"name", account.name}, {"description", account.description}, {"tenants", tenant_references_json(tenants)},
                    {"superAdmin", account.super_admin}, {"instanceOwner", account.super_admin}};
}

Result<store::UserRow> find_account(store::SystemStore& system, const Call& call) {
  auto account = system.user(UserId(call.parameter("id")));
  if (!account) return fail(std::move(account.error()));
  if (!*account || !(*account)->service_account) return not_found(fmt::format("there is no service account '{}'", call.parameter("id")));
  return std::move(**account);
}

Result<Json> shown(store::SystemStore& system, const store::UserRow& account) {
  const auto tenants = system.tenants_of(account.id);
  if (!tenants) return fail(tenants.error());
  return account_json(account, *tenants);
}

Result<http::Response> answer(Change& change, const store::UserRow& account) {
  const auto json = shown(change.system(), account);
  if (!json) return fail(json.error());
  return json_response(*json);
}

void create_account(const CallPtr& call) {
  auto wanted = read_account(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    const auto places = find_places(change.stores, wanted.tenants, {});
    if (!places) return fail(places.error());
    store::UserRow account;
    account.id = change.next_id<UserId>();
    account.service_account = true;
    account.name = wanted.name;
    account.description = wanted.description;
    account.super_admin = wanted.super_admin;
    account.created = change.now;
    change.turn.new_users.push_back(account);
    audit_account(change, "CREATE", nullptr, &account);
    if (auto in = enter_places(change, *places, account.id); !in) return fail(in.error());
    return json_response(account_json(account, places->tenants));
  });
}

void patch_account(const CallPtr& call) {
  auto wanted = read_account(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    const auto before = find_account(change.system(), change.call);
    if (!before) return fail(before.error());
    store::UserRow account = *before;
    account.name = wanted.name;
    account.description = wanted.description;
    change.turn.users.push_back(account);
    change.affected.push_back(account.id);
    audit_account(change, "UPDATE", &*before, &account);
    return answer(change, account);
  });
}

void patch_super_admin(const CallPtr& call) {
  const Result<bool> flag = read_super_admin(*call);
  if (!flag) return call->reply_error(flag.error());
  change_identity(call, [flag = *flag](Change& change) -> Result<http::Response> {
    auto before = find_account(change.system(), change.call);
    if (!before) return fail(std::move(before.error()));
    const auto account = set_super_admin(change, std::move(*before), flag);
    if (!account) return fail(account.error());
    return answer(change, *account);
  });
}

void delete_account(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto account = find_account(change.system(), change.call);
    if (!account) return fail(account.error());
    if (auto removed = remove_account(change, *account); !removed) return fail(removed.error());
    return http::Response::empty(204);
  });
}

void show_account(const CallPtr& call) {
  read_system(call, [](Call& asked, store::Stores& stores) -> Result<Json> {
    const auto account = find_account(stores.system(), asked);
    if (!account) return fail(account.error());
    return shown(stores.system(), *account);
  });
}

void list_accounts(const CallPtr& call) {
  auto query = identity_query(*call, service_account_search());
  if (!query) return call->reply_error(query.error());
  query->filters.push_back({"type", store::Op::equals, {}, {"SERVICE_ACCOUNT"}});
  read_system(call, [query = std::move(*query)](Call&, store::Stores& stores) -> Result<Json> {
    const auto found = stores.system().search_users(query);
    if (!found) return fail(found.error());
    JsonArray results;
    for (const store::UserRow& account : found->rows) {
      auto one = shown(stores.system(), account);
      if (!one) return fail(std::move(one.error()));
      results.push_back(std::move(*one));
    }
    return Json(JsonObject{{"results", std::move(results)}, {"total", found->total}});
  });
}

}  // namespace

void add_service_account_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/service-accounts", super_admin(), list_accounts, "Service accounts of the instance and of its tenants.");
  routes.emplace_back(post, "/api/v1/service-accounts", super_admin(), create_account, "Creates a service account, with access to tenants at will.");
  routes.emplace_back(get, "/api/v1/service-accounts/{id}", super_admin(), show_account, "One service account.");
  routes.emplace_back(patch, "/api/v1/service-accounts/{id}", super_admin(), patch_account, "Changes name and description.");
  routes.emplace_back(patch, "/api/v1/service-accounts/{id}/superadmin", super_admin(), patch_super_admin, "Makes a service account a super admin, or an ordinary one again.");
  routes.emplace_back(del, "/api/v1/service-accounts/{id}", super_admin(), delete_account, "Deletes a service account with its tokens and all rights.");
}

}  // namespace insula::api
