// Invitations: what they promise, and how they are kept.
#pragma once
#include "api/identity.h"

namespace insula::api {

struct InvitedRole {
  RoleId role;
  std::vector<std::string> namespaces;     // empty = the whole tenant
};
// The promises of a row; what is malformed is left out.
std::vector<InvitedRole> invited_roles(const store::InvitationRow& invitation);
std::vector<GroupId> invited_groups(const store::InvitationRow& invitation);

// Fills in what the invited get: access, default roles, roles and groups that still exist. `tenant` is that of the invitation.
Result<void> keep_promises(Change& change, const store::TenantRow& tenant, const store::InvitationRow& invitation, const UserId& user);

Result<Json> invitation_json(const Call& call, store::Directory& directory, const TenantId& tenant, const store::InvitationRow& invitation);

}  // namespace insula::api
