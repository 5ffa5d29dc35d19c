// What the expressions of a task run see (features.md §6.2).
#pragma once
#include "execution/frontier.h"

namespace insula::execution {

// Variables of one property of a task run, or of the execution itself (the root node). `outputs` and `tasks` are lazy: what memory holds is
// answered from the scopes, the rest is Pending until the engine answers.
class TaskVariables final : public expression::Variables {
 public:
  // `reading`: the source of the property, to see which outputs it reads only of its own iteration.
  TaskVariables(Frontier& frontier, const Node& node, const Json& reading);
  const Json* root(std::string_view name) const override;
  std::vector<std::string> root_names() const override;
  bool is_lazy(std::string_view name) const override { return name == "outputs" || name == "tasks"; }
  expression::Answer member(std::string_view root, std::string_view key) const override;
  expression::Answer whole(std::string_view root) const override;
  expression::Answer lookup(const expression::Lookup& lookup) const override;
  const JsonObject& own() const { return own_; }

 private:
  expression::Answer answered(const expression::Lookup& lookup) const;

  Frontier& frontier_;
  const Node& node_;
  JsonObject own_;                       // task, taskrun, parent, parents
  std::set<std::string, std::less<>> own_iteration_;
};

// `salt` tells the properties of one task apart, so that uuid() in two of them gives two ids.
expression::Environment environment_of(const Frontier& frontier, const Node& node, std::string_view salt);

// Keys that every text of `source` reads as `outputs.<key>[taskrun.value]` (or of a parent's value, or with currentEachOutput) and in no other way:
// the iteration at hand is enough to answer them.
std::set<std::string, std::less<>> read_of_own_iteration(const Json& source);

// Roots that all task runs of an execution see, but for `inputs`, which may be large and never change.
JsonObject common_roots(const flow::Flow& flow, const Header& header, const StepContext& context);
void add_surroundings(JsonObject& roots, const StepContext& context);
JsonObject decrypted_inputs(const JsonObject& inputs, const StepContext& context);
JsonObject task_run_root(const TaskRun& row);
// `labels`: dotted keys nested.
JsonObject labels_root(const std::vector<Label>& labels);

}  // namespace insula::execution
