// Service accounts as a tenant sees them.
#pragma once
#include "api/identity.h"

namespace insula::api {

// The one of `{id}` that has access to the tenant.
Result<store::UserRow> find_tenant_account(store::Directory& directory, const Call& call);
// … that the tenant made itself; forbidden for those of the instance.
Result<store::UserRow> find_own_account(store::Directory& directory, const Call& call);

}  // namespace insula::api
