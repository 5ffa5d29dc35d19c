// The frontier of one execution and its one verb, apply().
#pragma once
#include "execution/change.h"

namespace insula::execution {

struct Frontier;  // frontier.h

// Everything a step may know besides the run itself. Same StepContext, Run and Event → same Step (I9).
struct StepContext {
  Instant now;
  IdGenerator& ids;
  // Reads the clock anew between the pieces of work of a step, so that what runs inside it shows how long it took; never before `now`.
  // Empty: the whole step happens at `now`.
  std::function<Instant()> clock = {};
  std::string tenant_id;                 // for flow.tenantId
  std::string zone = "UTC";
  // Roots that are the same for every execution of the server: `globals`, `envs`, `kestra` (environment, url). Shared: a step must not cost their size.
  std::shared_ptr<const JsonObject> surroundings = {};
  bool recursive_rendering = false;
  std::shared_ptr<const expression::Jq> jq = {};
  // Decrypts the wrapper of a SECRET input for expressions; encrypts OutputValues of type SECRET and SECRET flow outputs.
  std::function<Result<std::string>(const Json& wrapper)> decrypt;
  std::function<Result<Json>(std::string_view plain)> encrypt;
  int task_runs_max = 2'000;             // of one step; then Step::more
};

// ---- events
struct Begin {};                                            // leave CREATED (or QUEUED, RESTARTED): first step of a run
struct JobStarted { TaskRunId task_run_id; int attempt; std::string worker_id; };
struct JobEnded {                                           // accepted only if task run and attempt are the current ones
  TaskRunId task_run_id;
  int attempt = 0;
  State state = State::success;                             // success, warning, failed, killed
  JsonObject outputs;
  std::vector<Label> labels = {};                           // added to the execution (core.execution.Labels)
  std::string worker_id = {};
  std::optional<Instant> started = {};
  std::string log_file = {};                                // URI, with logToFile
};
struct TimerFired { std::string key; };
struct Answered {                                           // to Needs; several at once
  struct One { expression::Lookup lookup; expression::Answer answer; };
  TaskRunId task_run_id;
  std::vector<One> answers;
};
struct SubflowStarted { TaskRunId task_run_id; ExecutionId execution_id; };
struct SubflowRefused { TaskRunId task_run_id; Error error; };
struct SubflowChanged {
  TaskRunId task_run_id;
  ExecutionId execution_id;
  State state;
  JsonObject outputs;
  std::string outputs_error = {};                           // the task's `outputs` could not be rendered: it fails, whatever the child did
};
struct OtherResumed { TaskRunId task_run_id; std::optional<Error> error; };
struct Kill {};                                             // → KILLING → KILLED
struct Cancel { State to = State::cancelled; std::string reason; };  // concurrency CANCEL/FAIL, set aside: ends without running further
struct Pause {};                                            // by a person: running tasks finish, nothing new starts
struct Resume { JsonObject inputs; std::string by; };       // onResume inputs already bound
struct ForceRun {};

using Event = std::variant<Begin, JobStarted, JobEnded, TimerFired, Answered, SubflowStarted, SubflowRefused, SubflowChanged, OtherResumed, Kill, Cancel, Pause, Resume, ForceRun>;

class Run {
 public:
  // A new execution in CREATED. `begin` it with Event Begin (now, at its schedule date, or when a slot is free).
  Run(std::shared_ptr<const flow::Flow> flow, Header header);
  // Back from the store: the header and its task runs that are not terminal (with progress). Finished ones are asked for when needed.
  static Run restore(std::shared_ptr<const flow::Flow> flow, Header header, std::vector<TaskRun> open_task_runs);
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  const Header& header() const;
  const std::shared_ptr<const flow::Flow>& flow() const;
  bool is_terminal() const;
  std::size_t open_task_runs() const;
  std::vector<TaskRunId> open_sessions() const;   // of WorkingDirectories
  const TaskRun* find_open(const TaskRunId& id) const;
  // Whether a StartSubflow is still to be acted on: its task run may have ended, or asked again, since.
  bool expects(const StartSubflow& start) const;
  // The inputs that a paused Pause task asks for (its onResume), or nullptr when it asks for none.
  const std::vector<flow::Input>* resume_inputs() const;

  // Applies the event and then everything that follows from it without the outside: inline tasks, flowables, one after another.
  Step apply(const Event& event, StepContext& context);
  // Goes on after Step::more.
  Step proceed(StepContext& context);
  // Jobs that were handed out and have no result: for resubmission after a restart of the server.
  std::vector<SubmitJob> jobs_in_flight(StepContext& context) const;
  // What an expression typed by a person sees (POST …/eval): the variables of a task run, or of the execution when the id is empty.
  // `task_runs` are all rows of the execution.
  static JsonObject variables_of(const flow::Flow& flow, const Header& header, const std::vector<TaskRun>& task_runs, const TaskRunId& task_run, const StepContext& context);

 private:
  explicit Run(std::unique_ptr<Frontier> frontier);
  std::unique_ptr<Frontier> frontier_;
};

// ---- operations on a whole, ended (or paused) execution: they need all its rows
struct Rework {
  Header header;                          // same id (restart, change of a task run's state) or a new one (replay)
  std::vector<TaskRun> task_runs;         // all rows the execution has afterwards, with progress rebuilt
  std::vector<TaskRunId> removed;         // rows of the same execution that go
  std::vector<std::pair<TaskRunId, ExecutionId>> restart_subflows;
};
// features.md §5.4. Errors: kind conflict / invalid in 1.3's words (recorded/executions.json). Afterwards: Run::restore + Begin.
Result<Rework> restart(const flow::Flow& flow, Header header, std::vector<TaskRun> task_runs, StepContext& context);
// `as`: the id of the new execution. Task run empty = from the start. `inputs`: replay-with-inputs.
Result<Rework> replay(const flow::Flow& flow, const Header& header, const std::vector<TaskRun>& task_runs, const TaskRunId& from, ExecutionId as, StepContext& context);
Result<Rework> change_task_run_state(const flow::Flow& flow, Header header, std::vector<TaskRun> task_runs, const TaskRunId& task_run, execution::State to, StepContext& context);

}  // namespace insula::execution
