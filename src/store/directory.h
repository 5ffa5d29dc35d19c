// Identity as one tenant sees it: its roles, groups, bindings, invitations, and the people who have access to it. Any thread.
#pragma once
#include "store/identity.h"
#include "store/scope.h"

namespace insula::store {

class Directory {
 public:
  virtual ~Directory() = default;

  // What the user may do in this tenant; no access = the tenant does not exist for them.
  virtual Result<Standing> standing(const UserId& user) = 0;
  virtual Result<std::vector<HeldBinding>> held(const UserId& user) = 0;                       // direct ones first

  // ---- roles: the managed ones are found too
  virtual Result<std::optional<RoleRow>> role(const RoleId& id) = 0;
  virtual Result<Found<RoleRow>> search_roles(const Query& query) = 0;                         // fields q id name; sort name
  virtual Result<std::vector<RoleRow>> default_roles() = 0;

  virtual Result<std::optional<GroupRow>> group(const GroupId& id) = 0;
  virtual Result<Found<GroupRow>> search_groups(const Query& query) = 0;                       // fields q id name
  virtual Result<std::vector<std::pair<GroupRow, MemberRow>>> groups_of(const UserId& user) = 0;
  virtual Result<Found<std::pair<UserRow, MemberRow>>> members(const GroupId& group, const Query& query) = 0;  // field q
  virtual Result<std::optional<MemberRow>> member(const GroupId& group, const UserId& user) = 0;

  virtual Result<std::optional<BindingRow>> binding(const BindingId& id) = 0;
  virtual Result<Found<BindingRow>> search_bindings(const Query& query) = 0;                   // fields type (USER, GROUP) subjectId roleId namespace id

  // People and service accounts with access to the tenant.
  virtual Result<std::optional<UserRow>> person(const UserId& id) = 0;
  virtual Result<Found<UserRow>> search_people(const Query& query) = 0;                        // fields q id email name type (STANDARD, SERVICE_ACCOUNT) home (`true`: made by this tenant)

  virtual Result<std::optional<InvitationRow>> invitation(const InvitationId& id) = 0;
  virtual Result<Found<InvitationRow>> search_invitations(const Query& query) = 0;             // fields q email status (PENDING, ACCEPTED, EXPIRED: as of Query's filter key, an ISO date)

  virtual Result<void> commit(const DirectoryTurn& turn, Instant now) = 0;
  // A managed role for a user, in one call: ADMIN, DEVELOPER, EDITOR, LAUNCHER, VIEWER; code `role-unknown`. Twice is once.
  virtual Result<void> grant_role(const UserId& user, std::string_view managed_role, Instant now) = 0;
};

}  // namespace insula::store
