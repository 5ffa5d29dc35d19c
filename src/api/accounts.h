// Accounts of the instance, people and programs: what routes about either share.
#pragma once
#include "api/identity.h"

namespace insula::api {

// Somebody has to be left who can let others in. Errors: conflict `last-super-admin`. `without`: who is about to lose it.
Result<void> keep_a_super_admin(store::SystemStore& system, const store::UserRow& without);

// Tenants and groups that a body names, all of which exist.
struct Places {
  std::vector<store::TenantRow> tenants;
  std::vector<std::pair<store::TenantRow, store::GroupRow>> groups;
};
Result<Places> find_places(store::Stores& stores, const std::vector<std::string>& tenants, const std::vector<std::string>& groups);
// Lets the account into every place; access comes with a group.
Result<void> enter_places(Change& change, const Places& places, const UserId& user);

// `superAdmin` or `instanceOwner` of a body that holds nothing else.
Result<bool> read_super_admin(const Call& call);
// The account with the flag set, written into the change.
Result<store::UserRow> set_super_admin(Change& change, store::UserRow account, bool super_admin);
// The account that is gone after the change, with all it holds.
Result<void> remove_account(Change& change, const store::UserRow& account);
std::string_view audit_resource(const store::UserRow& account);                 // USER, SERVICE_ACCOUNT
void audit_account(Change& change, std::string_view kind, const store::UserRow* before, const store::UserRow* after, JsonObject detail = {});

}  // namespace insula::api
