// Conditions of triggers (features.md §4.6), compiled once and evaluated for one execution or one date.
#pragma once
#include "execution/execution.h"
#include "expression/expression.h"
#include "flow/flow.h"

namespace insula::triggers {

// What a condition sees.
struct ConditionContext {
  const expression::Variables& variables;
  const expression::Environment& environment;
  // The execution it is about: the one that changed state (Flow), the one that would be made (Webhook), none (Schedule).
  const execution::Header* execution = nullptr;
  execution::State state = execution::State::created;   // the one it changed to; later ones may have followed already
  // All its task runs, for conditions that look at attempts; may be empty where `execution` is none.
  std::function<Result<std::vector<execution::TaskRun>>()> task_runs = {};
};

class Condition {
 public:
  static Condition compile(const JsonObject& written);
  // Errors (kind invalid): an expression that fails, a value that is no date, an execution needed where there is none.
  Result<bool> holds(const ConditionContext& context) const;
  // Its type without package and without the old suffix: `ExecutionFlow`.
  const std::string& name() const { return name_; }
  const JsonObject& written() const { return written_; }

 private:
  Result<bool> nested_holds(const ConditionContext& context) const;
  Result<bool> about_execution(const ConditionContext& context) const;
  Result<bool> about_date(const ConditionContext& context) const;
  Result<bool> has_retry_attempt(const ConditionContext& context) const;
  Result<bool> outputs_hold(const ConditionContext& context) const;
  Result<bool> between(const ConditionContext& context, bool times) const;
  bool has(std::string_view property) const;
  Result<std::string> text(const ConditionContext& context, std::string_view property) const;   // rendered; its default, or empty, when absent
  Result<std::vector<std::string>> list(const ConditionContext& context, std::string_view property) const;

  std::string name_;
  JsonObject written_;
  std::map<std::string, expression::Property, std::less<>> properties_;
  std::vector<Condition> nested_;
};

// Labels to compare with: a map, or a list of `key` and `value`.
std::vector<flow::Label> read_labels(const Json& written);

// A list of conditions, all of which must hold.
class Conditions {
 public:
  Conditions() = default;
  static Conditions compile(const Json* list);   // nullptr, null and an empty list hold always
  Result<bool> hold(const ConditionContext& context) const;
  const std::vector<Condition>& all() const { return all_; }

 private:
  std::vector<Condition> all_;
};

}  // namespace insula::triggers
