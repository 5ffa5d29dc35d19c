// What a running task may reach besides its own properties: its log, its files, and, through Platform, its tenant.
#pragma once
#include "expression/expression.h"
#include "flow/flow.h"
#include "sandbox/sandbox.h"
#include "storage/storage.h"

namespace insula::tasks {

// Where the log lines of one attempt go. Thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(flow::LogLevel level, std::string message) = 0;   // masked and within limits already
};

struct LogQuery {
  std::optional<Namespace> ns;             // with flow: that flow's; with execution: that execution's
  std::optional<FlowId> flow;
  std::optional<ExecutionId> execution;
  std::vector<TaskId> tasks;               // empty = all
  flow::LogLevel level = flow::LogLevel::info;   // minimum
};

// The tenant as a task may see it; made by the engine for one job and bound to its tenant and execution (I4).
class Platform {
 public:
  virtual ~Platform() = default;
  // Answers what the variables do not hold: `kv`, `secret`, `read`, `outputs`…; never Pending.
  virtual expression::Answer lookup(const expression::Lookup& lookup) = 0;
  // Log rows in order of time as the API shows them (`namespace`, `flowId`, `taskId`, `executionId`, `taskRunId`, `attemptNumber`, `triggerId`, `timestamp`, `level`, `thread`, `message`).
  // `row` returns false to stop.
  virtual Result<void> fetch_logs(const LogQuery& query, const std::function<bool(const JsonObject&)>& row) = 0;
  // For encryptBody: the wrapper {"type":"io.kestra.datatype:aes_encrypted","value":…}. Error when the server has no encryption key.
  virtual Result<Json> encrypt(std::string_view plain) = 0;
  // ForEachItem: the flow outputs of the executions that the task `items` beside this one has started, in the order of their batches. Those without are
  // left out. Stops at an error of `each`.
  virtual Result<void> batch_outputs(const TaskId& items, const std::function<Result<void>(const JsonObject&)>& each) = 0;
  // Returns when the change is durable. Error of kind not_found when there is no such trigger.
  virtual Result<void> set_trigger_disabled(const Namespace& ns, const FlowId& flow, const TriggerId& trigger, bool disabled) = 0;
};

// The files of one task run: writes below its own folder, reads what its execution may read.
class FileArea {
 public:
  struct Owner {
    TenantUid tenant;
    Namespace ns;
    FlowId flow;
    ExecutionId execution;
    TaskId task;
    TaskRunId task_run;
  };
  // `readable` are prefixes besides the own execution's (storage::execution_prefix of parent and triggering executions).
  FileArea(storage::Storage& storage, Owner owner, std::vector<std::string> readable = {});

  // Each gives the `kestra:///` URI of the new file; `name` may have folders.
  Result<std::string> put(std::string_view name, std::string_view bytes);
  Result<std::string> put_file(std::string_view name, const std::filesystem::path& local);   // takes the local file over
  Result<std::unique_ptr<storage::Writer>> create(std::string_view name);
  std::string uri(std::string_view name) const;

  // Errors: `file-foreign` (forbidden) for a file of another execution; those of Storage.
  Result<std::string> read(std::string_view uri, std::uint64_t bytes_max);
  Result<std::unique_ptr<storage::Reader>> open(std::string_view uri);
  Result<void> copy_to(std::string_view uri, const std::filesystem::path& local);            // a new local file
  // The cached files of a WorkingDirectory, kept for the task (and the iteration's value) over its executions.
  Result<std::optional<storage::FileInfo>> cache_info(std::string_view value);               // nothing when there is none
  Result<std::unique_ptr<storage::Reader>> open_cache(std::string_view value);
  Result<std::unique_ptr<storage::Writer>> write_cache(std::string_view value);
  Result<void> remove_cache(std::string_view value);
  // Files of core.state, below storage::state_file_path.
  Result<std::optional<std::string>> read_state(std::string_view path, std::uint64_t bytes_max);   // nothing when there is none
  Result<void> write_state(std::string_view path, std::string_view bytes);
  Result<bool> remove_state(std::string_view path);                                                // false: there was none
  const Owner& owner() const { return owner_; }

 private:
  Result<std::string> readable_path(std::string_view uri) const;
  std::string path(std::string_view name) const;
  std::string cache_path(std::string_view value) const;
  storage::Storage* storage_;
  Owner owner_;
  std::vector<std::string> readable_;
};

}  // namespace insula::tasks
