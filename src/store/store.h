// The door of `store`: durable truth. One Database port with two drivers (SQLite: one file per tenant and one system file; PostgreSQL 15: shared
// tables whose every key starts with the tenant); over it three stores, one file per table:
//   TenantStore  rows of one tenant; opened only with a TenantScope (I4)
//   Directory    identity seen from one tenant (users with access to it …); opened only with a TenantScope
//   SystemStore  rows of the instance: tenants, users, wake-up times
// "Committed" means fsynced (I1). No method throws for a database error: kind unavailable, code `store-…` (I8).
#pragma once
#include "store/directory.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/scope.h"
#include "store/stores.h"
#include "store/system_store.h"
#include "store/tenant_store.h"
