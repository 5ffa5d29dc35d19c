// What an execution is made of. Plain data; one TaskRun = one row, one Header = one row.
#pragma once
#include "execution/state.h"
#include "flow/flow.h"

namespace insula::execution {

using flow::Label;
using flow::LogLevel;

// Where the execution came from: `trigger` of its JSON.
struct TriggerInfo {
  std::string id;                        // trigger id, or the task id for a subflow
  std::string type;
  Json variables;                        // what `trigger.*` shows
};

// The task run of another execution that waits for this one (Subflow with wait: true).
struct ParentLink {
  ExecutionId execution_id;
  TaskRunId task_run_id;
};

struct Header {
  ExecutionId id;
  Namespace ns;
  FlowId flow_id;
  int flow_revision = 0;
  StateHistory state;
  JsonObject inputs;                     // SECRET values as encrypted wrappers
  JsonObject outputs;
  JsonObject variables;                  // flow variables, and those set later
  std::vector<Label> labels;
  std::optional<TriggerInfo> trigger;
  std::optional<ParentLink> parent_link;
  std::optional<ExecutionId> parent_id;  // replay or restart-as-new: the execution it was made from
  ExecutionId original_id;
  int attempt_number = 1;                // metadata.attemptNumber
  Instant original_created;
  std::optional<Instant> schedule_date;
  std::string kind;                      // empty = NORMAL
  bool deleted = false;
  std::int64_t task_runs = 0;            // rows made so far; position of the next one
  // Bookkeeping of the run itself (phase, cursor, states seen among the top-level tasks). Stored with the header, not shown.
  Json progress;
};

struct Attempt {
  StateHistory state;
  std::string worker_id;
  std::string log_file;
};

struct TaskRun {
  TaskRunId id;
  TaskId task_id;
  std::optional<TaskRunId> parent_id;    // the enclosing flowable's task run
  std::optional<std::string> value;      // of the innermost loop iteration
  std::optional<int> iteration;          // 0-based
  std::int64_t position = 0;             // place in taskRunList
  std::vector<Attempt> attempts;
  JsonObject outputs;
  StateHistory state;
  bool dynamic = false;
  bool force_execution = false;
  // A flowable's own bookkeeping (branch taken, phase, cursor, counters, values), so that its children need not be read again. Not shown.
  Json progress;
};

struct LogLine {
  Instant at;
  LogLevel level = LogLevel::info;
  std::string message;
  std::optional<TaskId> task_id;
  std::optional<TaskRunId> task_run_id;
  std::optional<TriggerId> trigger_id;
  int attempt = 0;                       // 0-based
  std::string thread;
};

// JSON as the API of 1.3 shows it (recorded/executions.json); `task_runs` in order of position.
JsonObject to_json(const TaskRun& task_run, const Header& header);
JsonObject to_json(const Header& header, const std::vector<TaskRun>& task_runs);

}  // namespace insula::execution
