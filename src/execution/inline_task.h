// Rules of tasks whose whole effect is rows of our store, and of opening a flowable.
#pragma once
#include "execution/frontier.h"

namespace insula::execution {

// What an inline task did. Computed before anything changes, so that a rule that has to ask leaves no trace.
struct InlineResult {
  State state = State::success;
  JsonObject outputs = {};
  std::vector<std::pair<LogLevel, std::string>> logs = {};
  std::vector<Label> labels = {};                 // merged into the execution's
  std::optional<JsonObject> variables = {};       // the execution's variables from now on
  std::optional<State> exit = {};                 // the execution ends in this state
  std::optional<Duration> sleep = {};             // wait that long, then SUCCESS
  std::optional<ResumeOther> resume = {};         // answered by OtherResumed
};

// Access of a rule to its task and to rendered properties.
class InlineCall {
 public:
  InlineCall(Frontier& frontier, Node& node) : frontier_(frontier), node_(node) {}
  const flow::Task& task() const { return frontier_.task_of(node_); }
  const Header& header() const { return frontier_.header; }
  const flow::Flow& flow() const { return *frontier_.flow; }
  const StepContext& context() const { return *frontier_.context; }
  bool has(std::string_view name) const;          // written and not null
  const Json& source(std::string_view name) const;
  // Rendered text, or nothing when the property is absent.
  expression::Rendered<std::optional<std::string>> text(std::string_view name) const;
  // Every text inside rendered; null when absent.
  expression::Rendered<Json> value(std::string_view name) const;
  // As `value`; a text that holds JSON is read (a map or list given by one expression).
  expression::Rendered<Json> structured(std::string_view name) const;
  expression::Rendered<bool> flag(std::string_view name, bool otherwise) const;
  expression::Rendered<std::optional<Duration>> duration(std::string_view name) const;
  // Text of any template, with the variables of this task.
  expression::Rendered<std::string> render(const Json& source) const;

 private:
  Frontier& frontier_;
  Node& node_;
};

using InlineRule = expression::Rendered<InlineResult> (*)(const InlineCall&);
struct InlineTask {
  InlineRule rule = nullptr;
  bool in_executor = false;   // no worker in 1.3: CREATED > RUNNING > SUCCESS, and a failure has no attempt that ran
};
const InlineTask* inline_task(std::string_view type);

// subflow.cc, for for_each_item.cc too.
expression::Rendered<StartSubflow> start_of(const InlineCall& call, const TaskRunId& id, JsonObject inputs);
std::string execution_link(const ExecutionId& id, const flow::Task& task);
bool literal_flag(const flow::Task& task, std::string_view name, bool otherwise);

struct Opened {
  JsonObject outputs = {};
  std::string branch = "tasks", key = {};
  bool nothing_matches = false;                   // Switch: no case and no default
};
expression::Rendered<Opened> open_flowable(Frontier& frontier, Node& node);

// ISO-8601, or a number of seconds: what a DURATION input renders to.
std::optional<Duration> duration_of(std::string_view text);
Error not_a_duration(std::string_view property, std::string_view text);
Error invalid_property(std::string message);

// The rules, one file each.
expression::Rendered<InlineResult> run_log(const InlineCall& call);
expression::Rendered<InlineResult> run_echo(const InlineCall& call);
expression::Rendered<InlineResult> run_return(const InlineCall& call);
expression::Rendered<InlineResult> run_output_values(const InlineCall& call);
expression::Rendered<InlineResult> run_fail(const InlineCall& call);
expression::Rendered<InlineResult> run_assert(const InlineCall& call);
expression::Rendered<InlineResult> run_labels(const InlineCall& call);
expression::Rendered<InlineResult> run_exit(const InlineCall& call);
expression::Rendered<InlineResult> run_set_variables(const InlineCall& call);
expression::Rendered<InlineResult> run_unset_variables(const InlineCall& call);
expression::Rendered<InlineResult> run_sleep(const InlineCall& call);
expression::Rendered<InlineResult> run_resume(const InlineCall& call);

}  // namespace insula::execution
