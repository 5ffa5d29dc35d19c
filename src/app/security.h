// What the configuration says about people: rules of passwords, limits of logins, the super admin and the default role that it declares.
#pragma once
#include "api/api.h"
#include "app/configuration.h"

namespace insula::app {

// Error `password-rules-invalid`.
Result<access::PasswordRules> password_rules(const Configuration& configuration);
api::GuardLimits guard_limits(const Configuration& configuration);

// At every start, before anybody can sign in: `kestra.security.super-admin` is made or brought in step (flag, password), `kestra.security.default-role` too.
Result<void> apply_super_admin(const Configuration& configuration, store::Stores& stores, const Clock& clock);
// Admin in `kestra.security.super-admin.tenant-admin-access`; after the tenants are there.
Result<void> apply_tenant_admin_access(const Configuration& configuration, store::Stores& stores, const Clock& clock);
Result<void> apply_default_role(const Configuration& configuration, store::Stores& stores, const Clock& clock);

}  // namespace insula::app
