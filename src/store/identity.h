// Rows of identity: people and programs; and what they may in a tenant: roles, groups, bindings, access, invitations (features.md §2).
// All of it lives in the system's database, keyed by tenant, so that a request is authorised without opening the tenant's own data.
#pragma once
#include "access/access.h"
#include "store/audit.h"

namespace insula::store {

struct TenantRow {
  TenantUid uid;
  TenantId id;
  std::string name;
  std::string state = "active";            // active, suspended, deleting
  JsonObject settings;                     // every other field of the API's Tenant object
  Instant created;
};

struct UserRow {
  UserId id;
  std::string email;                       // lower case, unique among people; empty for service accounts
  std::string first_name, last_name;
  std::string password_hash;               // PHC text of argon2id; empty = no password
  bool super_admin = false;
  bool restricted = false;                 // may not change its own profile
  Instant created;
  bool service_account = false;
  std::string name, description;           // of service accounts
  TenantUid home;                          // of a tenant's own service account; empty = of the instance
  std::optional<Instant> locked_until;     // after too many failed logins

  // `ada@example.com`, or the name of a service account.
  const std::string& username() const { return service_account ? name : email; }
  bool operator==(const UserRow&) const = default;
};

struct RoleRow {
  RoleId id;
  std::string name, description;
  bool is_default = false;                 // bound to everybody who gets access to the tenant
  access::Permissions permissions;
  Instant created;
};
// The built-in roles as rows: id `ADMIN`, name `Admin`, …; they are in every tenant and stored in none.
std::optional<RoleRow> managed_role(const RoleId& id);
const std::vector<RoleRow>& managed_role_rows();

struct GroupRow {
  GroupId id;
  std::string name, description;           // the name is unique in the tenant
  bool external = false;                   // kept in step by an identity provider
  Instant created;
};
struct MemberRow {
  GroupId group;
  UserId user;
  bool owner = false;                      // may manage the members of the group
  Instant created;
};

enum class SubjectKind { user, group };
// A role held by a user or a group, for the tenant or one namespace and what is below it. Never changed: deleted and made anew.
struct BindingRow {
  BindingId id;
  SubjectKind subject = SubjectKind::user;
  std::string subject_id;
  RoleId role;
  std::optional<Namespace> ns;
  Instant created;
};

struct InvitationRow {
  InvitationId id;                         // unguessable: whoever knows it may accept
  std::string email;                       // lower case
  JsonArray roles;                         // [{id, namespaces: […]}]
  JsonArray groups;                        // ids
  bool super_admin = false;
  Instant sent, expires;
  std::optional<Instant> accepted;
};

// What somebody holds in a tenant.
struct Standing {
  bool has_access = false;                 // without it the tenant does not exist for them
  std::vector<access::Grant> grants;
};
// A binding that reaches a user, directly or through a group.
struct HeldBinding {
  BindingRow binding;
  RoleRow role;
};

struct TokenRow {
  TokenId id;
  UserId user;
  std::string name, description;
  access::TokenRecord record;
  access::TokenLife life;
  Instant created;
  std::optional<Instant> expires, last_used;
};

// A signed-in browser. The secret of its cookie is kept only as SHA-256.
struct SessionRow {
  std::string hash;                        // hex
  UserId user;
  UserId impersonator;                     // empty = the user themselves
  Instant created, expires;
};
struct PasswordResetRow {
  std::string hash;                        // hex SHA-256 of the token in the link
  UserId user;
  Instant expires;
};

// Everything one change of a tenant's identity writes, in one transaction. Order inside: removals, then writes.
struct DirectoryTurn {
  std::vector<RoleRow> roles;
  std::vector<RoleId> removed_roles;                       // with the bindings to them
  std::vector<GroupRow> groups;                            // code `group-exists` when the name is taken
  std::vector<GroupId> removed_groups;                     // with members and bindings
  std::vector<MemberRow> members;
  std::vector<std::pair<GroupId, UserId>> removed_members;
  std::vector<BindingRow> bindings;
  std::vector<BindingId> removed_bindings;
  std::vector<UserId> accesses;                            // explicit access, with or without a role
  std::vector<UserId> removed_accesses;                    // with memberships and bindings of the user
  std::vector<InvitationRow> invitations;
  std::vector<InvitationId> removed_invitations;
  std::vector<AuditRow> audit;                             // to the outbox, and from there into the tenant's log, once
};

// The same for the instance; `tenants` are parts of it that concern single tenants.
struct SystemTurn {
  std::vector<TenantRow> new_tenants;                      // the commit point of their creation; code `tenant-exists`
  std::vector<TenantRow> changed_tenants;
  std::vector<UserRow> new_users;                          // code `user-exists`
  std::vector<UserRow> users;                              // changed; code `user-not-found`
  std::vector<UserId> removed_users;                       // with tokens, sessions and everything they hold in any tenant
  std::vector<TokenRow> tokens;
  std::vector<TokenId> removed_tokens;
  std::vector<SessionRow> sessions;
  std::vector<std::string> removed_sessions;               // by hash
  std::vector<UserId> signed_out;                          // all sessions of these users
  std::vector<PasswordResetRow> resets;
  std::vector<UserId> used_resets;                         // all reset links of these users
  std::vector<std::pair<TenantUid, DirectoryTurn>> tenants;
  std::vector<AuditRow> audit;                             // of the instance
};

}  // namespace insula::store
