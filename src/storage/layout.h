// Where a file of an execution lives (features.md §5.5, sharp edge 73). Storage paths are relative, `/` between parts: `io/kestra/flow/executions/<id>/tasks/…`.
#pragma once
#include "base/base.h"

namespace insula::storage {

// 1.3's slug of flow, task, input and trigger ids inside paths: lower case, `_` → `-`. Execution and task run ids stay as they are.
std::string slug(std::string_view id);
// A file name that is one valid part of a path: separators and control characters become `_`; never empty, `.` or `..`; at most 200 bytes.
std::string safe_name(std::string_view name);

std::string execution_prefix(const Namespace& ns, const FlowId& flow, const ExecutionId& execution);   // ends with `/`
std::string flow_prefix(const Namespace& ns, const FlowId& flow);                                      // ends with `/`; all executions of the flow
// `name` may have folders (`reports/a.csv`).
std::string task_file_path(const Namespace& ns, const FlowId& flow, const ExecutionId& execution, const TaskId& task, const TaskRunId& task_run, std::string_view name);
// Files that a WorkingDirectory keeps for its next run; `value`: of the iteration it stands in, or empty.
std::string cache_file_path(const Namespace& ns, const FlowId& flow, const TaskId& task, std::string_view value);
// A state of core.state, of a flow or of the whole namespace; `value`: of the iteration it stands in, or empty.
std::string state_file_path(const Namespace& ns, const std::optional<FlowId>& flow, std::string_view name, std::string_view value);
std::string input_file_path(const Namespace& ns, const FlowId& flow, const ExecutionId& execution, std::string_view input_id, std::string_view name);
std::string trigger_file_path(const Namespace& ns, const FlowId& flow, const ExecutionId& execution, const TriggerId& trigger, std::string_view name);

// `kestra:///<path>`, percent-encoded where a URI needs it. The tenant is never in it.
std::string uri_of(std::string_view path);
bool is_uri(std::string_view text);                          // starts with `kestra:///`
// The path of a `kestra:///` URI. Errors: kind invalid, code `storage-uri-invalid` (other scheme, broken escape, a path that check_path refuses).
Result<std::string> path_of(std::string_view uri);

// Refuses what could leave the tenant's folder: empty, leading `/`, `.` or `..` or empty parts, backslash, NUL and other control characters, not UTF-8,
// a part above 255 bytes, a path above 2,048 bytes. Kind invalid, code `storage-path-invalid`.
Result<void> check_path(std::string_view path);

bool belongs_to_execution(std::string_view path, const Namespace& ns, const FlowId& flow, const ExecutionId& execution);

}  // namespace insula::storage
