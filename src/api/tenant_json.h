// Tenants as super admins write and see them (features.md §1.2).
#pragma once
#include "api/fields.h"
#include "store/store.h"

namespace insula::api {

JsonObject tenant_json(const store::TenantRow& row);
// For the audit log: whatever may hold credentials is masked.
JsonObject audited_tenant_json(const store::TenantRow& row);
// `id_in_path`: empty when the tenant is made. Fields that have routes of their own (logos) are left out. Error `body-invalid` with all that is wrong.
Result<store::TenantRow> read_tenant(const JsonObject& body, std::string_view id_in_path);
// The colours and titles of the catalog of apps; for the tenant's field and for its own route.
JsonObject read_apps_catalog(Fields fields);
JsonObject read_default_dashboards(Fields fields);

}  // namespace insula::api
