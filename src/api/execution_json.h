// Executions as JSON, assembled on read from their rows (design.md §4).
#pragma once
#include "api/call.h"

namespace insula::api {

inline constexpr std::size_t kTaskRunsWhole = 10'000;   // up to here all of them are shown
inline constexpr std::size_t kTaskRunsFirst = 1'000;    // above: the first ones and those that are not terminal; `taskRunsTruncated` says so

// `task_runs_max`: how many of them this answer may still show (a page of searches shares one budget); lowered by what was shown.
Result<JsonObject> execution_json(store::TenantReader& reader, const execution::Header& header, std::size_t& task_runs_max);
Result<JsonObject> execution_json(store::TenantReader& reader, const execution::Header& header);
std::string execution_url(const Call& call, const execution::Header& header);

// Answers with this state of the execution and the task runs it had then. Its rows may have moved on meanwhile: those made later are left out.
struct ExecutionReply {
  int status = 200;
  bool with_url = false;
};
void reply_execution(const CallPtr& call, execution::Header header, ExecutionReply how = {});

// The header of the execution in the path. not_found, too when the caller may not look into its namespace.
Result<execution::Header> visible_execution(const Call& call, store::TenantReader& reader);
// Asks the same, then `work` goes on; without reading anything when the caller may do this everywhere.
void if_permitted(const CallPtr& call, std::function<void(const CallPtr&)> work);

// `[{key, value}, …]` of a body; 422 when a side is missing or the label is the system's.
Result<std::vector<flow::Label>> read_labels(const Json& json);

}  // namespace insula::api
