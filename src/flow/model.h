// The compiled flow: plain data, immutable once built.
#pragma once
#include "base/base.h"
#include "expression/expression.h"
#include "flow/catalog.h"

namespace insula::flow {

struct Label {
  std::string key;
  std::string value;
  bool operator==(const Label&) const = default;
};

// features.md §3.6. maxAttempts counts the first attempt too.
struct Retry {
  enum class Type { constant, exponential, random } type = Type::constant;
  enum class Behavior { retry_failed_task, create_new_execution } behavior = Behavior::retry_failed_task;
  Duration interval{0};          // constant, exponential
  Duration min_interval{0};      // random
  Duration max_interval{0};      // exponential, random
  double delay_factor = 2;       // exponential
  std::optional<int> max_attempts;
  std::optional<Duration> max_duration;
  bool warning_on_retry = false;
};

enum class LogLevel { trace, debug, info, warn, error };
std::string_view to_string(LogLevel level);                      // "INFO"
std::optional<LogLevel> parse_log_level(std::string_view text);  // "INFO", exact case

using TaskIndex = int;                  // position in Flow::tasks, preorder; stable within one revision
inline constexpr TaskIndex kNoTask = -1;

// A list of child tasks of a flowable, or of the flow itself.
struct Branch {
  std::string name;                     // property that holds it: tasks, then, else, cases, defaults, errors, finally, afterExecution
  std::string key;                      // of `cases`: the case; else empty
  std::vector<TaskIndex> tasks;         // in file order, disabled ones included
};

struct Task {
  TaskId id;
  std::string type;                     // canonical type
  std::string written_type;             // as in the source (an alias perhaps)
  const TypeInfo* info = nullptr;       // lives as long as the catalog, which lives as long as the process
  TaskIndex index = kNoTask;
  TaskIndex parent = kNoTask;           // the enclosing flowable
  bool disabled = false;
  bool allow_failure = false;
  bool allow_warning = false;
  bool log_to_file = false;
  std::optional<LogLevel> log_level;
  std::optional<Retry> retry;
  std::optional<expression::Property> run_if;
  std::optional<expression::Property> timeout;   // ISO-8601 duration
  JsonObject properties;                // own properties after plugin defaults, without child tasks and without the common ones above
  std::map<std::string, expression::Property, std::less<>> compiled;  // the same, compiled; keys as in `properties`
  std::vector<Branch> branches;         // of a flowable, in file order of its properties
  std::vector<TaskIndex> depends_on;    // a child of Dag: its dependsOn
  std::vector<struct Input> const* on_resume = nullptr;  // Pause: inputs asked on resume, in Flow::resume_inputs
  int line = 0;

  const Branch* branch(std::string_view name, std::string_view key = {}) const;
  const expression::Property* property(std::string_view name) const;  // compiled, or nullptr
};

struct Trigger {
  TriggerId id;
  std::string type;
  std::string written_type;
  const TypeInfo* info = nullptr;
  bool disabled = false;
  JsonObject properties;                // all but id, type, disabled; plugin defaults applied
  std::map<std::string, expression::Property, std::less<>> compiled;
  std::vector<Label> labels;
  std::vector<std::string> stop_after;  // states
  Json tree;                            // as the API shows it
};

// features.md §3.4, dialect 1.
struct Input {
  std::string id;
  std::string type;                     // STRING, INT, …; ENUM and BOOLEAN kept as written
  bool required = true;
  std::optional<expression::Property> defaults;
  std::optional<expression::Property> prefill;
  std::vector<std::string> depends_on;
  std::optional<expression::Template> condition;
  JsonObject properties;                // everything written: min, max, values, itemType, validator…
};

struct Output {
  std::string id;
  std::string type;
  bool required = true;
  expression::Property value;
};

struct Concurrency {
  bool operator==(const Concurrency&) const = default;
  int limit = 0;
  enum class Behavior { queue, cancel, fail } behavior = Behavior::queue;
};

// Deprecated since 0.12 and still written: tasks that run when the execution has ended and its conditions hold. Off unless configured.
struct Listener {
  Json conditions;                      // list or null
  expression::Property compiled;        // the same
  Branch tasks;                         // name `listeners`, key: position in Flow::listeners
};

struct Flow {
  Namespace ns;
  FlowId id;
  int revision = 0;                     // 0 = not stored yet
  bool disabled = false;
  bool deleted = false;
  std::string description;
  std::vector<Label> labels;
  std::vector<Input> inputs;
  JsonObject variables;
  std::vector<Task> tasks;              // every task at any depth, preorder
  Branch main, errors, finally, after_execution;   // top-level lists
  std::vector<Listener> listeners;
  std::vector<Trigger> triggers;
  std::vector<Output> outputs;
  std::optional<Retry> retry;
  std::optional<Concurrency> concurrency;
  Json sla;                             // list or null
  std::map<TaskIndex, std::vector<Input>> resume_inputs;
  std::string source;                   // byte for byte
  Json tree;                            // parsed view, the shape of `GET /flows/{ns}/{id}` without tenantId, revision, source

  const Task& task(TaskIndex index) const { return tasks[static_cast<std::size_t>(index)]; }
  const Task* find(const TaskId& task_id) const;
  const Trigger* find(const TriggerId& trigger_id) const;
  // The innermost branch that holds the task (of its parent, or one of the flow's own).
  const Branch& branch_of(TaskIndex index) const;
};

}  // namespace insula::flow
