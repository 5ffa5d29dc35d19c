// A job on its way between an actor and a worker.
#pragma once
#include "execution/execution.h"
#include "store/store.h"

namespace insula::engine {

struct JobKey {
  ExecutionId execution_id;
  TaskRunId task_run_id;
  int attempt = 0;                         // fence of the result: only the current attempt's is accepted
  auto operator<=>(const JobKey&) const = default;
};

// A job that evaluates a polling trigger instead of running a task.
struct Poll {
  TriggerId trigger;
  Instant date;                            // the date it was due at: fence of the result, only that of the date at hand is accepted
};

struct Job {
  store::TenantScope scope;
  JobKey key;
  Namespace ns;
  FlowId flow_id;
  std::shared_ptr<const flow::Flow> flow;
  flow::TaskIndex task = flow::kNoTask;
  JsonObject variables;
  std::optional<Duration> timeout;
  std::uint64_t seed = 0;
  std::vector<std::string> secrets;              // plain texts of SECRET inputs: masked in its log
  std::vector<std::string> readable;             // storage prefixes of the executions whose files it may read, its own first
  execution::SubmitJob::Part part = execution::SubmitJob::Part::whole;
  std::optional<TaskRunId> session;              // the WorkingDirectory in whose folder it works
  bool session_begun = false;                    // that folder must be there
  std::optional<Poll> poll = {};                 // the key's execution id is that of the execution it may start
};

struct JobReport {
  execution::State state = execution::State::success;
  JsonObject outputs;
  std::vector<flow::Label> labels;
  std::vector<JsonObject> metrics;         // {name, type, value, tags} as the task told them
  std::string worker_id;
  Instant started, ended;
  std::string log_file;                    // URI, with logToFile
};

struct PollReport {
  JobKey key;
  Namespace ns;
  FlowId flow_id;
  Poll poll;
  bool failed = false;
  JsonObject outputs;                      // empty: nothing is to be started
  std::vector<execution::LogLine> lines;
};

// The dispatcher as an actor sees it.
class JobSink {
 public:
  virtual ~JobSink() = default;
  // A job that is known already (an actor that was loaded anew hands it out again) is not run twice. Known until it is settled.
  virtual void submit(Job job) = 0;
  virtual bool knows(const TenantUid& tenant, const JobKey& job) const = 0;
  virtual void settled(const TenantUid& tenant, const JobKey& job) = 0;  // its result is durable, or nobody waits for it any more
  virtual void cancel(const TenantUid& tenant, const JobKey& job) = 0;   // queued: dropped; running: its process is killed
  // The folder of a WorkingDirectory: removed, once no job works in it any more. May block.
  virtual void end_session(const TenantUid& tenant, const ExecutionId& execution, const TaskRunId& task_run) = 0;
  // Those that are there: after a crash some belong to nobody any more.
  virtual std::vector<std::pair<ExecutionId, TaskRunId>> sessions(const TenantUid& tenant) const = 0;
};

// A change of a trigger's state by a person.
struct TriggerChange {
  enum class Kind { set_disabled, unlock, restart, forget } kind;
  bool disabled = false;
};

}  // namespace insula::engine
