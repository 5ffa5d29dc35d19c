// A Flow trigger at work: which executions it hears of, whether what it heard makes it fire.
#pragma once
#include "triggers/condition.h"
#include "triggers/window.h"

namespace re2 {
class RE2;
}

namespace insula::triggers {

// Several conditions, each of which must have held for some execution within one window: `preconditions`, or a MultipleCondition.
class Gathering {
 public:
  static Gathering of_preconditions(const JsonObject& written);
  static Gathering of_multiple_condition(const JsonObject& written);
  const std::string& id() const { return id_; }
  const TimeWindow& time_window() const { return time_window_; }
  bool resets() const { return resets_; }                      // starts anew after it has been complete
  std::size_t size() const { return tests_.size(); }
  bool is_complete(const Window& window) const;
  // Names of the conditions that hold now. One that cannot be evaluated does not hold; why is told in `errors`.
  std::vector<std::string> met(const ConditionContext& context, std::vector<Error>& errors) const;
  // The flows whose executions alone can matter; nothing: any.
  std::optional<std::vector<std::pair<Namespace, FlowId>>> sources() const;

 private:
  struct Filter {
    std::string field, type, value;
    std::vector<std::string> values;
    expression::Template expression;                           // `value`, where the field is EXPRESSION
    std::shared_ptr<const re2::RE2> regex;                     // `value`, where the type is REGEX
  };
  struct Test {
    std::string name;
    std::string ns, flow_id;                                   // of `flows`; empty: any
    std::vector<std::string> states;
    std::vector<flow::Label> labels;
    std::vector<Filter> filters;                               // of `where`
    bool any = false;                                          // operand OR
    std::optional<Condition> condition;                        // of a MultipleCondition
  };
  static Test of_upstream(const JsonObject& written, std::size_t number);
  static Test of_filters(const JsonObject& written, std::size_t number);
  static Result<bool> holds(const Test& test, const ConditionContext& context);
  static Result<bool> holds(const Filter& filter, const ConditionContext& context);

  std::string id_;
  TimeWindow time_window_;
  bool resets_ = true;
  std::vector<Test> tests_;
};

// What one change of state did.
struct Heard {
  bool fires = false;
  JsonObject outputs;                                          // of the execution, merged with those gathered: `trigger.outputs`
  std::vector<Window> changed;                                 // to be written
  std::vector<Window> ended;                                   // to be forgotten: complete, or past
  std::vector<Error> errors;                                   // conditions that could not be evaluated: they do not hold
};

class Listener {
 public:
  // The Flow triggers of a flow that are enabled.
  static std::vector<Listener> of(const std::shared_ptr<const flow::Flow>& flow);
  const flow::Flow& flow() const { return *flow_; }
  const std::shared_ptr<const flow::Flow>& shared_flow() const { return flow_; }
  const flow::Trigger& trigger() const { return *trigger_; }
  const std::vector<Gathering>& gatherings() const { return gatherings_; }
  bool listens_to(execution::State state) const { return states_.contains(state); }
  // The flows whose executions alone can make it fire or change its windows; nothing: any.
  const std::optional<std::vector<std::pair<Namespace, FlowId>>>& sources() const { return sources_; }
  // `windows`: those it has, in any order. `context.execution` is the one that changed state.
  Heard hear(const ConditionContext& context, const std::vector<Window>& windows, Instant now, const schedule::Zone& zone) const;

 private:
  std::shared_ptr<const flow::Flow> flow_;
  const flow::Trigger* trigger_ = nullptr;
  std::set<execution::State> states_;
  Conditions conditions_;                                      // without MultipleConditions
  std::vector<Gathering> gatherings_;
  std::optional<std::vector<std::pair<Namespace, FlowId>>> sources_;
};

// `trigger.*` of the execution that a Flow trigger makes.
JsonObject trigger_variables(const execution::Header& upstream, execution::State state, JsonObject outputs);

}  // namespace insula::triggers
