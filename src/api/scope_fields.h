// Fields that a tenant and a namespace have in common (features.md §1.2, §7.1): isolation, workers, concurrency, quotas, storage and secrets.
#pragma once
#include "api/fields.h"

namespace insula::api {

// What is wrong with them is told with the rest.
void check_scope_fields(Fields& fields);
// For the audit log: whatever may hold credentials.
void mask_credentials(JsonObject& json);

}  // namespace insula::api
