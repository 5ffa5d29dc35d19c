// Identity as one tenant sees it: its grants and the users who have access to it. The tenants issue widens this with groups, roles, bindings.
#pragma once
#include "access/access.h"
#include "store/scope.h"

namespace insula::store {

class Directory {
 public:
  virtual ~Directory() = default;
  // What the user may do in this tenant; empty = the tenant does not exist for them.
  virtual Result<std::vector<access::Grant>> grants(const UserId& user) = 0;
  virtual Result<void> grant_role(const UserId& user, std::string_view managed_role, Instant now) = 0;  // ADMIN, DEVELOPER, EDITOR, LAUNCHER, VIEWER
  virtual Result<void> revoke_all(const UserId& user) = 0;
};

}  // namespace insula::store
