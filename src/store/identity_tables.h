// What each table of identity can do, one .cc per table. Functions throw StoreFailure. Those of a tenant's tables run on a connection with that
// tenant's scope, except where `all tenants` says so: those run without a scope.
#pragma once
#include "store/database.h"
#include "store/identity.h"
#include "store/system_store.h"

namespace insula::store {

namespace user_table {
const Table& table();
UserRow from_cells(Cursor& cell);
void insert(Connection& c, const UserRow& user);
bool update(Connection& c, const UserRow& user);                                       // false: no such user
void erase(Connection& c, const UserId& id);
std::optional<UserRow> find(Connection& c, const UserId& id);
std::optional<UserRow> find_by_email(Connection& c, std::string_view email);
std::int64_t count(Connection& c);                                                     // of people
// `condition`: SQL about `u` that every row must meet, without parameters.
Found<UserRow> search(Connection& c, const Query& query, std::string_view condition, const TenantUid& home = {});
}  // namespace user_table

namespace role_table {
void write(Connection& c, const std::vector<RoleRow>& roles);
void erase(Connection& c, const std::vector<RoleId>& ids);
std::optional<RoleRow> find(Connection& c, const RoleId& id);
std::vector<RoleRow> all(Connection& c);                                               // stored ones, by name
void erase_tenant(Connection& c, const TenantUid& uid);                                // all tenants
}  // namespace role_table

namespace group_table {
void write(Connection& c, const std::vector<GroupRow>& groups);
void erase(Connection& c, const std::vector<GroupId>& ids);
std::optional<GroupRow> find(Connection& c, const GroupId& id);
Found<GroupRow> search(Connection& c, const Query& query);
void erase_tenant(Connection& c, const TenantUid& uid);                                // all tenants
}  // namespace group_table

namespace member_table {
void write(Connection& c, const std::vector<MemberRow>& members);
void erase(Connection& c, const std::vector<std::pair<GroupId, UserId>>& members);
void erase_group(Connection& c, const GroupId& group);
void erase_user(Connection& c, const UserId& user);
std::optional<MemberRow> find(Connection& c, const GroupId& group, const UserId& user);
std::vector<std::pair<GroupRow, MemberRow>> groups_of(Connection& c, const UserId& user);
Found<std::pair<UserRow, MemberRow>> search(Connection& c, const GroupId& group, const Query& query);
void erase_user_everywhere(Connection& c, const UserId& user);                         // all tenants
void erase_tenant(Connection& c, const TenantUid& uid);                                // all tenants
}  // namespace member_table

namespace binding_table {
void write(Connection& c, const std::vector<BindingRow>& bindings);
void erase(Connection& c, const std::vector<BindingId>& ids);
void erase_role(Connection& c, const RoleId& role);
void erase_subject(Connection& c, SubjectKind kind, std::string_view id);
std::optional<BindingRow> find(Connection& c, const BindingId& id);
Found<BindingRow> search(Connection& c, const Query& query);
std::vector<BindingRow> held(Connection& c, const UserId& user);                       // direct ones first, then through groups
void erase_user_everywhere(Connection& c, const UserId& user);                         // all tenants
void erase_tenant(Connection& c, const TenantUid& uid);                                // all tenants
}  // namespace binding_table

// Access to a tenant that is more than a role: with it alone the tenant is seen, and nothing in it.
namespace access_table {
void write(Connection& c, const std::vector<UserId>& users, Instant now);
void erase(Connection& c, const UserId& user);
bool has(Connection& c, const UserId& user);                                           // explicit, by membership or by a binding
// SQL: ids of users with access; `{tenant …}` stands for the scope.
std::string_view users_sql();
void erase_user_everywhere(Connection& c, const UserId& user);                         // all tenants
void erase_tenant(Connection& c, const TenantUid& uid);                                // all tenants
}  // namespace access_table

namespace invitation_table {
void write(Connection& c, const std::vector<InvitationRow>& invitations);
void erase(Connection& c, const std::vector<InvitationId>& ids);
std::optional<InvitationRow> find(Connection& c, const InvitationId& id);
Found<InvitationRow> search(Connection& c, const Query& query);
std::vector<std::pair<TenantUid, InvitationRow>> find_everywhere(Connection& c, const InvitationId& id);        // all tenants
std::vector<std::pair<TenantUid, InvitationRow>> of_email(Connection& c, std::string_view email);               // all tenants
void erase_tenant(Connection& c, const TenantUid& uid);                                // all tenants
}  // namespace invitation_table

namespace token_table {
void write(Connection& c, const std::vector<TokenRow>& tokens);
void erase(Connection& c, const std::vector<TokenId>& ids);
void erase_user(Connection& c, const UserId& user);
std::vector<TokenRow> of_user(Connection& c, const UserId& user);
std::optional<TokenRow> find_by_prefix(Connection& c, std::string_view prefix);
}  // namespace token_table

namespace session_table {
void write(Connection& c, const std::vector<SessionRow>& sessions);
void erase(Connection& c, const std::vector<std::string>& hashes);
void erase_user(Connection& c, const UserId& user);                                    // also where the user acts as somebody else
std::optional<SessionRow> find(Connection& c, std::string_view hash);
void erase_expired(Connection& c, Instant now);
}  // namespace session_table

namespace password_reset_table {
void write(Connection& c, const std::vector<PasswordResetRow>& resets);
void erase_user(Connection& c, const UserId& user);
std::optional<PasswordResetRow> find(Connection& c, std::string_view hash);
void erase_expired(Connection& c, Instant now);
}  // namespace password_reset_table

// Entries on their way from a change of identity into the log of their tenant.
namespace outbox_table {
void write(Connection& c, const std::vector<AuditRow>& entries);
void erase(Connection& c, const std::vector<AuditId>& ids);
std::vector<AuditRow> list(Connection& c, std::size_t limit);
std::vector<TenantUid> tenants(Connection& c);                                         // all tenants
void erase_tenant(Connection& c, const TenantUid& uid);                                // all tenants
}  // namespace outbox_table

// A log and its chain, of a tenant or of the instance: the same statements about other tables.
class AuditTable {
 public:
  static const AuditTable& of_tenant();
  static const AuditTable& of_instance();
  // Chains the entries and writes them; one whose id is there is left out.
  void append(Connection& c, const std::vector<AuditRow>& entries) const;
  void purge(Connection& c, Instant before) const;
  Found<AuditRow> search(Connection& c, const Query& query) const;
  std::optional<AuditRow> find(Connection& c, const AuditId& id) const;
  std::vector<AuditRow> history(Connection& c, std::string_view object_id) const;
  AuditVerdict verify(Connection& c) const;

 private:
  struct Chain { std::int64_t last_sequence = 0, first_sequence = 1; std::string last_hash, first_hash; };
  AuditTable(std::string_view name, std::string_view chain, bool of_tenant);
  std::string rows(std::string_view rest) const;
  std::string mine() const { return of_tenant_ ? "{tenant a}" : "true"; }
  Chain chain(Connection& c) const;
  void write_chain(Connection& c, const Chain& chain) const;

  Table table_, chain_;
  bool of_tenant_;
};

// The part of a tenant; `now` stamps explicit accesses. On a connection with the tenant's scope, inside a transaction.
void write_directory_turn(Connection& c, const DirectoryTurn& turn, Instant now);
// Everything the tenant's identity consists of; all tenants.
void erase_directory(Connection& c, const TenantUid& uid);

}  // namespace insula::store
