// Rows of the instance. Not reachable from tenant routes.
#pragma once
#include "store/query.h"
#include "store/scope.h"

namespace insula::store {

struct TenantRow {
  TenantUid uid;
  TenantId id;
  std::string name;
  std::string state = "active";            // active, deleting
  JsonObject settings;                     // every other field of the API's Tenant object
  Instant created;
};

struct UserRow {
  UserId id;
  std::string email;                       // lower case, unique
  std::string first_name, last_name;
  std::string password_hash;               // PHC text of argon2id; empty = no password
  bool super_admin = false;
  bool restricted = false;
  Instant created;
};

class SystemStore {
 public:
  virtual ~SystemStore() = default;

  virtual Result<void> create_tenant(const TenantRow& tenant) = 0;                 // the commit point of a creation; code `tenant-exists`
  virtual Result<void> update_tenant(const TenantRow& tenant) = 0;
  virtual Result<void> remove_tenant(const TenantUid& uid) = 0;
  virtual Result<std::optional<TenantRow>> tenant(const TenantId& id) = 0;         // not those being deleted
  virtual Result<std::vector<TenantRow>> tenants(std::string_view state) = 0;
  virtual Result<Found<TenantRow>> search_tenants(const Query& query) = 0;
  // The scope of a tenant that exists and is active.
  Result<TenantScope> scope(const TenantId& id);
  TenantScope scope(const TenantRow& tenant) { return TenantScope(tenant.uid, tenant.id); }

  virtual Result<void> create_user(const UserRow& user) = 0;                       // code `user-exists`
  virtual Result<void> update_user(const UserRow& user) = 0;
  virtual Result<std::optional<UserRow>> user(const UserId& id) = 0;
  virtual Result<std::optional<UserRow>> user_by_email(std::string_view email) = 0;
  virtual Result<std::int64_t> count_users() = 0;
  virtual Result<std::vector<TenantRow>> tenants_of(const UserId& user) = 0;       // where they have a grant

  // wake(tenant, due_at): when a tenant that sleeps must be loaded (design.md §2 "Sleeping and waking"). `now` while loaded, nullopt = never.
  virtual Result<void> set_wakes(const std::vector<std::pair<TenantUid, std::optional<Instant>>>& wakes) = 0;
  virtual Result<std::vector<std::pair<TenantRow, Instant>>> wakes(Instant until, std::size_t limit) = 0;
  virtual Result<std::optional<Instant>> next_wake() = 0;

  virtual Result<std::optional<std::string>> setting(std::string_view key) = 0;    // instance uuid, keys…
  virtual Result<void> set_setting(std::string_view key, std::string_view value) = 0;
};

}  // namespace insula::store
