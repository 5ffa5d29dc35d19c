// A change of a tenant's identity, written on a connection that has its scope, within the transaction of the caller.
#include "store/identity_tables.h"

namespace insula::store {

void write_directory_turn(Connection& c, const DirectoryTurn& turn, Instant now) {
  for (const RoleId& role : turn.removed_roles) binding_table::erase_role(c, role);
  role_table::erase(c, turn.removed_roles);
  for (const GroupId& group : turn.removed_groups) {
    binding_table::erase_subject(c, SubjectKind::group, group.str());
    member_table::erase_group(c, group);
  }
  group_table::erase(c, turn.removed_groups);
  member_table::erase(c, turn.removed_members);
  binding_table::erase(c, turn.removed_bindings);
  for (const UserId& user : turn.removed_accesses) {
    binding_table::erase_subject(c, SubjectKind::user, user.str());
    member_table::erase_user(c, user);
    access_table::erase(c, user);
  }
  invitation_table::erase(c, turn.removed_invitations);

  role_table::write(c, turn.roles);
  try {
    group_table::write(c, turn.groups);
  } catch (StoreFailure& failure) {
    if (failure.cause == StoreFailure::Cause::constraint) failure.error = Error{ErrorKind::conflict, "group-exists", "A group with this name exists in the tenant. Choose another name.", failure.error.detail, {}};
    throw;
  }
  member_table::write(c, turn.members);
  binding_table::write(c, turn.bindings);
  access_table::write(c, turn.accesses, now);
  invitation_table::write(c, turn.invitations);
  outbox_table::write(c, turn.audit);
}

void erase_directory(Connection& c, const TenantUid& uid) {
  role_table::erase_tenant(c, uid);
  group_table::erase_tenant(c, uid);
  member_table::erase_tenant(c, uid);
  binding_table::erase_tenant(c, uid);
  access_table::erase_tenant(c, uid);
  invitation_table::erase_tenant(c, uid);
  outbox_table::erase_tenant(c, uid);
  // A tenant's own service accounts end with it; people stay.
  std::vector<UserId> programs;
  c.query("select id from users where home = $1", Cells().id(uid), [&](const Row& row) { programs.emplace_back(row.text(0)); });
  for (const UserId& id : programs) {
    token_table::erase_user(c, id);
    session_table::erase_user(c, id);
    user_table::erase(c, id);
  }
}

}  // namespace insula::store
