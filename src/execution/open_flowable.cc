// What a flowable decides when it opens: the branch of If and Switch (sharp edge 34: once, kept over a restart).
#include "execution/inline_task.h"

namespace insula::execution {

namespace {

expression::Rendered<Opened> open_if(const InlineCall& call) {
  const auto condition = call.text("condition");
  if (!condition) return std::unexpected(condition.error());
  const bool holds = expression::is_truthy(trim(condition->value_or("")));
  Opened opened;
  opened.outputs["evaluationResult"] = holds;
  opened.branch = holds ? "then" : "else";
  return opened;
}

expression::Rendered<Opened> open_switch(const InlineCall& call) {
  const auto value = call.text("value");
  if (!value) return std::unexpected(value.error());
  const std::string text = value->value_or("");
  Opened opened;
  const bool matches = call.task().branch("cases", text) != nullptr;
  opened.outputs["value"] = text;
  opened.outputs["defaults"] = !matches;
  opened.branch = matches ? "cases" : "defaults";
  if (matches) opened.key = text;
  opened.nothing_matches = !matches && !call.task().branch("defaults");
  return opened;
}

}  // namespace

expression::Rendered<Opened> open_flowable(Frontier& frontier, Node& node) {
  const InlineCall call(frontier, node);
  const std::string_view type = call.task().type;
  if (type.ends_with(".If")) return open_if(call);
  if (type.ends_with(".Switch")) return open_switch(call);
  Opened opened;
  if (kind_of(call.task()) == FlowableKind::until) opened.outputs["iterationCount"] = 1;
  return opened;
}

}  // namespace insula::execution
