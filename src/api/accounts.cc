#include "api/accounts.h"

#include <algorithm>

#include "api/identity_json.h"

namespace insula::api {

std::string_view audit_resource(const store::UserRow& account) { return account.service_account ? "SERVICE_ACCOUNT" : "USER"; }

void audit_account(Change& change, std::string_view kind, const store::UserRow* before, const store::UserRow* after, JsonObject detail) {
  const store::UserRow& account = after != nullptr ? *after : *before;
  change.audit_instance({kind, audit_resource(account), account.id.str(), before != nullptr ? Json(audited_user_json(*before)) : Json(nullptr),
                         after != nullptr ? Json(audited_user_json(*after)) : Json(nullptr), std::move(detail)});
}

// Only people count: a program cannot be asked to let anybody in.
Result<void> keep_a_super_admin(store::SystemStore& system, const store::UserRow& without) {
  if (!without.super_admin || without.service_account) return {};
  const auto found = system.search_users(whole({{"superAdmin", store::Op::equals, {}, {"true"}}, {"type", store::Op::equals, {}, {"STANDARD"}}}));
  if (!found) return fail(found.error());
  const bool another = std::ranges::any_of(found->rows, [&](const store::UserRow& user) { return user.id != without.id && !user.password_hash.empty(); });
  if (another) return {};
  return fail(ErrorKind::conflict, "last-super-admin", fmt::format("'{}' is the last super admin who can sign in: make somebody else one first", without.username()));
}

Result<Places> find_places(store::Stores& stores, const std::vector<std::string>& tenants, const std::vector<std::string>& groups) {
  Places places;
  for (const std::string& id : tenants) {
    auto tenant = known_tenant(stores.system(), TenantId(id));
    if (!tenant) return fail(std::move(tenant.error()));
    if (std::ranges::find(places.tenants, tenant->uid, &store::TenantRow::uid) == places.tenants.end()) places.tenants.push_back(std::move(*tenant));
  }
  if (groups.empty()) return places;
  // A group belongs to one tenant, which the body need not name.
  const auto all = stores.system().tenants("");
  if (!all) return fail(all.error());
  for (const std::string& id : groups) {
    if (std::ranges::any_of(places.groups, [&](const auto& known) { return known.second.id.str() == id; })) continue;
    bool is_found = false;
    for (const store::TenantRow& tenant : *all) {
      auto group = stores.directory(stores.system().scope(tenant))->group(GroupId(id));
      if (!group) return fail(std::move(group.error()));
      if (!*group) continue;
      places.groups.emplace_back(tenant, std::move(**group));
      is_found = true;
      break;
    }
    if (!is_found) return not_found(fmt::format("there is no group '{}'", id));
  }
  return places;
}

Result<void> enter_places(Change& change, const Places& places, const UserId& user) {
  std::vector<TenantUid> entered;
  const auto come_in = [&](const store::TenantRow& tenant, Access access) -> Result<void> {
    if (std::ranges::find(entered, tenant.uid) != entered.end()) return {};
    entered.push_back(tenant.uid);
    change.audit(tenant.uid, {"CREATE", "TENANT_ACCESS", user.str(), nullptr, JsonObject{{"userId", user.str()}}});
    return enter(change, *change.stores.directory(change.system().scope(tenant)), tenant.uid, user, access);
  };
  for (const store::TenantRow& tenant : places.tenants)
    if (auto in = come_in(tenant, Access::given); !in) return in;
  for (const auto& [tenant, group] : places.groups) {
    if (auto in = come_in(tenant, Access::by_path); !in) return in;
    const auto member = change.stores.directory(change.system().scope(tenant))->member(group.id, user);
    if (!member) return fail(member.error());
    if (*member) continue;
    change.tenant(tenant.uid).members.push_back({group.id, user, false, change.now});
    change.audit(tenant.uid, {"UPDATE", "GROUP", group.id.str(), nullptr, JsonObject{{"group", group.name}, {"userId", user.str()}}, {{"member", "ADDED"}}});
  }
  return {};
}

Result<bool> read_super_admin(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "user");
  const std::optional<bool> flag = fields.super_admin();
  if (!flag) fields.wrong("superAdmin", "must be true or false");
  if (auto right = fields.result(); !right) return fail(right.error());
  return *flag;
}

Result<store::UserRow> set_super_admin(Change& change, store::UserRow account, bool super_admin) {
  if (account.super_admin == super_admin) return account;
  if (!super_admin)
    if (auto kept = keep_a_super_admin(change.system(), account); !kept) return fail(kept.error());
  const store::UserRow before = account;
  account.super_admin = super_admin;
  change.turn.users.push_back(account);
  change.affected.push_back(account.id);
  audit_account(change, "UPDATE", &before, &account);
  return account;
}

Result<void> remove_account(Change& change, const store::UserRow& account) {
  if (auto kept = keep_a_super_admin(change.system(), account); !kept) return kept;
  change.turn.removed_users.push_back(account.id);
  change.affected.push_back(account.id);
  audit_account(change, "DELETE", &account, nullptr);
  return {};
}

}  // namespace insula::api
