// Rows of the instance. Not reachable from tenant routes.
#pragma once
#include "store/identity.h"
#include "store/scope.h"

namespace insula::store {

class SystemStore {
 public:
  virtual ~SystemStore() = default;

  Result<void> create_tenant(const TenantRow& tenant);                             // the turn of one tenant
  Result<void> update_tenant(const TenantRow& tenant);
  virtual Result<void> remove_tenant(const TenantUid& uid) = 0;
  virtual Result<std::optional<TenantRow>> tenant(const TenantId& id) = 0;         // not those being deleted
  virtual Result<std::optional<TenantRow>> tenant(const TenantUid& uid) = 0;       // those being deleted too
  virtual Result<std::vector<TenantRow>> tenants(std::string_view state) = 0;                // empty: all but those being deleted
  virtual Result<Found<TenantRow>> search_tenants(const Query& query) = 0;
  // The scope of a tenant that exists, suspended or not.
  Result<TenantScope> scope(const TenantId& id);
  TenantScope scope(const TenantRow& tenant) { return TenantScope(tenant.uid, tenant.id); }

  // ---- people, programs and their credentials
  virtual Result<std::optional<UserRow>> user(const UserId& id) = 0;
  virtual Result<std::optional<UserRow>> user_by_email(std::string_view email) = 0;
  virtual Result<Found<UserRow>> search_users(const Query& query) = 0;             // fields q id email name type (STANDARD, SERVICE_ACCOUNT) superAdmin (true, false) instance (`true`: of no tenant)
  virtual Result<std::int64_t> count_users() = 0;                                  // people, not service accounts
  virtual Result<std::vector<TenantRow>> tenants_of(const UserId& user) = 0;       // where they have access; suspended ones too
  virtual Result<std::vector<TokenRow>> tokens_of(const UserId& user) = 0;
  virtual Result<std::optional<TokenRow>> token_by_prefix(std::string_view prefix) = 0;
  virtual Result<std::optional<SessionRow>> session(std::string_view hash) = 0;
  virtual Result<std::optional<PasswordResetRow>> password_reset(std::string_view hash) = 0;
  virtual Result<std::optional<std::pair<TenantRow, InvitationRow>>> invitation(const InvitationId& id) = 0;
  virtual Result<std::vector<std::pair<TenantRow, InvitationRow>>> invitations_of(std::string_view email) = 0;
  virtual Result<void> commit(const SystemTurn& turn, Instant now) = 0;
  virtual Result<void> remove_expired(Instant now) = 0;                            // sessions and reset links
  Result<void> create_user(const UserRow& user);                                  // the turn of one user
  Result<void> update_user(const UserRow& user);

  // ---- audit log of the instance, and what waits to be moved into tenants' logs
  virtual Result<Found<AuditRow>> search_audit(const Query& query) = 0;            // fields as TenantReader::search_audit
  virtual Result<std::optional<AuditRow>> audit_entry(const AuditId& id) = 0;
  virtual Result<std::vector<AuditRow>> audit_history(std::string_view object_id) = 0;  // newest first, at most 1,000
  virtual Result<AuditVerdict> verify_audit() = 0;
  virtual Result<void> purge_audit(Instant before) = 0;
  virtual Result<std::vector<TenantUid>> tenants_with_outbox() = 0;
  virtual Result<std::vector<AuditRow>> audit_outbox(const TenantUid& tenant, std::size_t limit) = 0;  // oldest first
  virtual Result<void> remove_from_outbox(const TenantUid& tenant, const std::vector<AuditId>& moved) = 0;

  // wake(tenant, due_at): when a tenant that sleeps must be loaded (design.md §2 "Sleeping and waking"). `now` while loaded, nullopt = never.
  virtual Result<void> set_wakes(const std::vector<std::pair<TenantUid, std::optional<Instant>>>& wakes) = 0;
  virtual Result<std::vector<std::pair<TenantRow, Instant>>> wakes(Instant until, std::size_t limit) = 0;
  virtual Result<std::optional<Instant>> next_wake() = 0;

  virtual Result<std::optional<std::string>> setting(std::string_view key) = 0;    // instance uuid, keys…
  virtual Result<void> set_setting(std::string_view key, std::string_view value) = 0;
};

}  // namespace insula::store
