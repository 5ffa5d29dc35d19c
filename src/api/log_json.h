// Log lines as JSON and as text, and what can be asked about them.
#pragma once
#include "api/call.h"

namespace insula::api {

JsonObject log_json(const store::LogWrite& log);
// `minLevel` or `filters[level][…]`, `taskRunId`, `taskId`, `attempt`.
Result<store::LogQuery> read_log_query(const Call& call);

}  // namespace insula::api
