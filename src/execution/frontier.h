// Inside of `execution`: the frontier of one run. Only this folder includes it.
//
// A Node is an open (not terminal) task run. The root Node stands for the execution itself: its branches are the flow's. Finished task runs are
// written out and forgotten, but for what expressions may still name (Scope). Work is a queue: start a node, or advance a flowable (create the
// children that may start, or go to its next phase), so that depth of nesting never becomes depth of the stack.
#pragma once
#include "execution/run.h"

namespace insula::execution {

// `ending`, `after` and `done` are the root's only.
enum class Phase : std::uint8_t { main, errors, finally, ending, after, done };

// End states seen among the main children of a flowable (sharp edge 29).
struct Seen {
  bool killed = false, failed = false, warning = false, retried = false;
  void add(State state);
  State worst() const;  // RETRIED > KILLED > FAILED > WARNING > SUCCESS
};

// What expressions may name of one task run.
struct Held {
  State state = State::created;
  std::optional<std::string> value;      // of the task run itself
  std::optional<Json> outputs;           // absent: it has none (yet)
};
// Where outputs and states of task runs can be named from: the execution, or one iteration in flight.
struct Scope {
  Scope* parent = nullptr;
  flow::TaskIndex loop = flow::kNoTask;  // the loop whose iteration this is; kNoTask: the execution
  std::vector<std::string> path;         // values, outermost first
  std::map<TaskId, Held> held;
};

struct Item {                            // an iteration in flight
  int cursor = 0;                        // next child of the branch
  int open = 0;                          // children not terminal
  std::unique_ptr<Scope> scope;
};

// The folder of a WorkingDirectory: being filled by a job, in use by the children, being emptied by a job, done with.
enum class Folder : std::uint8_t { none, opening, in_use, closing, done };

// The bookkeeping of a flowable, stored as TaskRun::progress (of the root as Header::progress). Counters of open children and iterations with an
// open child are not stored: they are counted again from the open task runs.
struct Progress {
  Phase phase = Phase::main;
  std::string branch = "tasks", key;     // branch of the main phase
  int cursor = 0;                        // next child of the branch of the phase; next value of a loop
  int open = 0;                          // children of the phase that are not terminal
  Seen seen;
  bool stopped = false;                  // no further main children: one failed
  std::vector<int> done;                 // Dag: positions of ended children
  std::vector<int> started;              // Dag: positions of children made
  std::map<int, Item> items;             // loops: by index of the value
  std::set<int> idle_items;              // iterations whose next child is to be made
  bool resumed = false;                  // Pause: its `tasks` run now
  std::vector<TaskRunId> round_rows;     // LoopUntil: rows of this iteration that have ended
  std::optional<State> forced;           // end state whatever the children did
  Folder folder = Folder::none;          // WorkingDirectory
  bool folder_begun = false;             // a job has ended in its folder

  Json to_json() const;
  static Progress from_json(const Json& json);
};

// The part of a ForEachItem that starts its executions: counters, so that a step costs the same however many batches there are (I6).
struct Batches {
  int total = -1;                        // not known yet
  int started = 0;
  std::map<State, int> ended;            // by the state of the execution

  int open() const;
  Json to_json() const;
  static Batches from_json(const JsonObject& json);
};

enum class Wait : std::uint8_t { nothing, needs, job, timer, pause, subflow, resume_other, retry, children };

struct Node {
  TaskRun row;
  flow::TaskIndex task = flow::kNoTask;
  Node* parent = nullptr;                // the enclosing flowable; the root for top-level task runs; null only for the root
  Scope* scope = nullptr;
  Progress progress;                     // flowables
  Wait wait = Wait::nothing;
  bool dirty = false;
  bool advance_queued = false;
  bool closed = false;
  // Its flowable is over already (another child failed), or it never counted (onPause): only the end of the execution waits for it.
  bool detached = false;
  Instant rendered_at;                   // `now` of its expressions: the same in all rounds
  std::uint64_t seed = 0;
  int rounds = 0;
  std::vector<Answered::One> answers;
  std::vector<expression::Lookup> outstanding;  // asked for and not answered yet
  bool values_known = false;             // loops
  std::vector<std::string> values;
  std::optional<ExecutionId> child;      // subflow
  std::optional<Batches> batches;        // ForEachItem: `values` are the URIs of the batches
  bool names_batch = false;              // its expressions see the next batch as `taskrun`
  std::optional<ExecutionId> restart_child;  // subflow of a restarted execution: this one goes on instead of a new one
  std::set<std::string> timers;          // keys set and not cleared

  bool is_root() const { return parent == nullptr; }
};

struct Work {
  enum class Kind : std::uint8_t { start, advance } kind = Kind::start;
  std::int64_t position = 0;             // of the node; kRootPosition: the root
};

inline constexpr std::int64_t kRootPosition = -1;
inline constexpr std::size_t kHeldBytesMax = 1u << 20;   // outputs held per execution; beyond it they are asked for
inline constexpr int kRoundsMax = 64;
inline constexpr std::size_t kLogMessageMax = 10'240;    // characters of one log line
inline constexpr std::string_view kInlineWorker = "insula";

struct Frontier {
  std::shared_ptr<const flow::Flow> flow;
  Header header;
  Node root;
  Scope scope;                                            // the execution's
  std::map<std::int64_t, std::unique_ptr<Node>> nodes;    // by position: a fixed order
  std::unordered_map<TaskRunId, std::int64_t> positions;
  std::deque<Work> work;
  std::vector<std::unique_ptr<Node>> closed;              // until the work item at hand is done
  std::vector<std::int64_t> dirty;
  std::set<TaskId> left_memory;                           // tasks with outputs or states that are not held (any more)
  bool past_unknown = false;                              // restored: nothing that ended before is held
  std::size_t held_bytes = 0;
  std::optional<Json> plain_inputs;                       // SECRET values decrypted, once
  JsonObject roots;                                       // variables common to all task runs; empty = build again

  // Of the step in progress.
  StepContext* context = nullptr;
  Step* step = nullptr;
  int rows_made = 0;

  Frontier(std::shared_ptr<const flow::Flow> of, Header with);
  Frontier(const Frontier&) = delete;
  Frontier& operator=(const Frontier&) = delete;

  // ---- step.cc: the queue and the rows
  Step run_step(StepContext& step_context, const std::function<void()>& event);
  void drain();
  void flush();
  void enqueue_start(Node& node);
  void enqueue_advance(Node& node);
  Instant now() const { return context->now; }
  void read_clock() { if (context->clock) context->now = std::max(context->now, context->clock()); }
  const flow::Task& task_of(const Node& node) const { return flow->task(node.task); }
  Node* find(const TaskRunId& id);
  void touch(Node& node);
  void touch_header() { step->changes.header_changed = true; }
  void touch_shown_header() { touch_header(); roots.clear(); }  // what expressions see of it has changed
  void command(Command one) { step->commands.push_back(std::move(one)); }
  void refuse(Error error) { step->refused = std::move(error); }
  void set_timer(Node& node, std::string_view purpose, Instant due);
  void clear_timers(Node& node);
  void move_execution(State to);
  void move(Node& node, State to);
  void log(const Node* node, LogLevel level, std::string message);        // the engine speaks; null: about the execution
  void log_of_task(const Node& node, LogLevel level, std::string message);  // the task speaks: its logLevel holds
  void park(Node& node, const expression::Needs& needs);
  bool may_start() const;                                 // new task runs may be made and started
  bool out_of_budget() const { return rows_made >= context->task_runs_max; }

  // ---- advance.cc: flowables and the root
  void advance(Node& node);
  bool make_main_children(Node& node);                    // true: nothing is left to make
  bool make_next_of(Node& node, const flow::Branch* branch, std::optional<int> iteration = std::nullopt);
  Node& make_child(Node& parent, flow::TaskIndex task, Scope& in, std::optional<std::string> value, std::optional<int> iteration);
  Node& make_node(TaskRun row, flow::TaskIndex task, Node& parent, Scope* in);
  void child_ended(Node& parent, const Node& child);
  void go_to(Node& node, Phase phase);
  void leave_main(Node& node);
  void detach_children(Node& node);
  void close_flowable(Node& node);
  const flow::Branch* branch_of_phase(const Node& node) const;

  // ---- flowable_*.cc
  bool make_parallel(Node& node, const flow::Branch& branch);
  bool make_dag(Node& node, const flow::Branch& branch);
  bool make_iterations(Node& node, const flow::Branch& branch);
  bool make_each_parallel(Node& node, const flow::Branch& branch);
  bool make_until(Node& node, const flow::Branch& branch);
  void next_round(Node& node);
  bool know_values(Node& node);                           // false: parked or failed
  Item& open_item(Node& node, int index);
  std::optional<int> integer_property(Node& node, std::string_view name, int otherwise);

  // ---- start.cc
  void start(Node& node);
  bool passes_run_if(Node& node);                         // false: skipped, failed or parked
  void start_flowable(Node& node);
  void start_inline(Node& node);
  void start_job(Node& node);
  expression::Rendered<std::optional<Duration>> timeout_of(Node& node);
  SubmitJob job_of(Node& node, expression::Needs& needs);   // without its timeout
  void go_on_with(Node& node);                            // a node that waited is looked at again: started, or advanced when it has children
  void fail_before_start(Node& node, std::string message, bool task_knows);
  void fail_flowable(Node& node, const std::string& message);
  void open_attempt(Node& node, std::string_view worker);
  void close_attempt(Node& node, State state);

  // ---- finish.cc
  void attempt_ended(Node& node, State outcome, JsonObject outputs);
  State converted(const Node& node, State outcome) const;
  bool converted_away(const Node& node) const;           // a failure of it does not fail its flowable
  void finish(Node& node, State state);
  void stop(Node& node, State state);            // an open node that is not to go on: its job or child is stopped too
  void stop_all(State state);
  void end_execution();
  void exit_with(Node& node, State state);
  expression::Rendered<JsonObject> flow_outputs();

  // ---- retry.cc
  bool retry_later(Node& node);
  void retry_now(Node& node);

  // ---- pause.cc
  void start_pause(Node& node);
  void end_pause(Node& node, State to, JsonObject outputs);
  void continue_execution();
  void pause_by_person();
  void resume_by_person(const Resume& event);
  void force_run();

  // ---- working_directory.cc
  void start_working_directory(Node& node);
  bool close_folder(Node& node);                          // true: the worker is at it
  void hand_out_folder_job(Node& node, Folder folder);
  void folder_job_ended(Node& node, const JobEnded& event);

  // ---- subflow.cc
  void start_subflow(Node& node);
  void subflow_started(Node& node, const ExecutionId& id);
  void subflow_refused(Node& node, const Error& error);
  void subflow_changed(Node& node, const SubflowChanged& event);

  // ---- for_each_item.cc
  void start_batches(Node& node);
  void start_next_batch(Node& node);
  void batch_started(Node& node, const ExecutionId& id);
  void batch_ended(Node& node, const SubflowChanged& event);
  void fail_batches(Node& node, const Error& error, bool task_knows);
  void end_batches(Node& node, State state);
  expression::Rendered<std::vector<std::string>> batches_of(Node& node);

  // ---- kill.cc
  void kill();
  void cancel(const Cancel& event);

  // ---- events.cc
  void begin();
  void job_started(const JobStarted& event);
  void job_ended(const JobEnded& event);
  void timer_fired(const TimerFired& event);
  void answered(const Answered& event);
  void add_labels(const std::vector<Label>& labels);

  // ---- held.cc
  void hold(Node& node);
  void trim_held();
  JsonObject job_variables(Node& node, expression::Needs& needs);

  // ---- restore.cc
  void restore(std::vector<TaskRun> rows);
};

// ---- kinds of flowables
enum class FlowableKind : std::uint8_t { sequence, parallel, dag, loop, each_parallel, until, pause, working_directory };
FlowableKind kind_of(const flow::Task& task);
bool is_loop(const flow::Task& task);
bool is_flowable(const flow::Task& task);
bool is_working_directory(const flow::Task& task);
bool starts_batches(const flow::Task& task);             // the part `_items` of a ForEachItem
// Number of the attempt that a job of this node belongs to; the two jobs of a WorkingDirectory are told apart by it.
int job_attempt(const Frontier& frontier, const Node& node);
// The task of the innermost loop around a task, or kNoTask.
flow::TaskIndex innermost_loop(const flow::Flow& flow, flow::TaskIndex task);

}  // namespace insula::execution
