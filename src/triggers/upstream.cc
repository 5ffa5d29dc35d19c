#include "triggers/upstream.h"

#include <re2/re2.h>

#include "triggers/condition_name.h"

namespace insula::triggers {
namespace {

struct Upstream {
  const Namespace& ns;
  const FlowId& flow;
};
using Answer = std::optional<bool>;   // nothing: only an execution tells

// A text that is written, compared with what it must be; an expression may be anything.
Answer is(const std::string& written, const std::string& actual) {
  if (written.contains('{')) return std::nullopt;
  return written.empty() || written == actual;
}

Answer all_of(std::initializer_list<Answer> answers) {
  Answer together = true;
  for (const Answer& answer : answers) {
    if (answer == false) return false;
    if (!answer) together = std::nullopt;
  }
  return together;
}

// All (or one of them, where `any`) of a list of objects.
Answer of_list(const Json* list, bool any, const std::function<Answer(const JsonObject&)>& ask) {
  Answer together = !any;
  if (list == nullptr || !list->is_array()) return together;
  for (const Json& item : list->get_array()) {
    const Answer answer = item.is_object() ? ask(item.get_object()) : std::nullopt;
    if (answer == any) return any;
    if (!answer) together = std::nullopt;
  }
  return together;
}

Answer namespace_holds(const JsonObject& condition, const Upstream& upstream) {
  const std::string ns = text_or(condition, "namespace");
  const Json* prefix = find(condition, "prefix");
  const std::string how = text_or(condition, "comparison", prefix != nullptr && to_text(*prefix) == "true" ? "PREFIX" : "EQUALS");
  if (ns.contains('{') || how.contains('{')) return std::nullopt;
  if (how == "PREFIX") return upstream.ns.str().starts_with(ns);
  if (how == "SUFFIX") return upstream.ns.str().ends_with(ns);
  return upstream.ns.str() == ns;
}

Answer condition_holds(const JsonObject& written, const Upstream& upstream) {
  const auto nested = [&](const JsonObject& one) { return condition_holds(one, upstream); };
  const std::string name = condition_name(text_or(written, "type"));
  if (name == "ExecutionFlow" || name == "FlowCondition") return all_of({is(text_or(written, "namespace"), upstream.ns.str()), is(text_or(written, "flowId"), upstream.flow.str())});
  if (name == "ExecutionNamespace" || name == "FlowNamespaceCondition") return namespace_holds(written, upstream);
  if (name == "Or") return of_list(find(written, "conditions"), true, nested);
  if (name == "Not") {   // none of them holds
    const Answer one_holds = of_list(find(written, "conditions"), true, nested);
    return one_holds ? Answer(!*one_holds) : std::nullopt;
  }
  if (name == "MultipleCondition") {   // each is met by an execution of its own
    const Json* conditions = find(written, "conditions");
    if (conditions == nullptr || !conditions->is_object()) return std::nullopt;
    JsonArray list;
    for (const auto& [key, condition] : conditions->get_object()) list.push_back(condition);
    const Json together(std::move(list));
    return of_list(&together, true, nested);
  }
  return std::nullopt;
}

Answer filter_holds(const JsonObject& filter, const Upstream& upstream) {
  const std::string field = text_or(filter, "field"), type = text_or(filter, "type"), value = text_or(filter, "value");
  if (field != "FLOW_ID" && field != "NAMESPACE") return std::nullopt;
  const std::string& actual = field == "FLOW_ID" ? upstream.flow.str() : upstream.ns.str();
  if (type == "EQUAL_TO") return actual == value;
  if (type == "NOT_EQUAL_TO") return actual != value;
  if (type == "STARTS_WITH") return actual.starts_with(value);
  if (type == "ENDS_WITH") return actual.ends_with(value);
  if (type == "CONTAINS") return actual.contains(value);
  if (type == "REGEX") return re2::RE2::FullMatch(actual, re2::RE2(value, re2::RE2::Quiet));
  if (type != "IN" && type != "NOT_IN") return std::nullopt;
  bool is_listed = false;
  if (const Json* values = find(filter, "values"); values != nullptr && values->is_array())
    is_listed = std::ranges::any_of(values->get_array(), [&](const Json& one) { return to_text(one) == actual; });
  return is_listed == (type == "IN");
}

// One execution meets one of them; all together make the trigger fire.
Answer preconditions_hold(const JsonObject& preconditions, const Upstream& upstream) {
  const Json* flows = find(preconditions, "flows");
  const Json* where = find(preconditions, "where");
  const auto is_empty = [](const Json* list) { return list == nullptr || !list->is_array() || list->get_array().empty(); };
  if (is_empty(flows) && is_empty(where)) return std::nullopt;
  const Answer one_of_flows = of_list(flows, true, [&](const JsonObject& one) { return all_of({is(text_or(one, "namespace"), upstream.ns.str()), is(text_or(one, "flowId"), upstream.flow.str())}); });
  const Answer one_of_filters = of_list(where, true, [&](const JsonObject& one) {
    return of_list(find(one, "filters"), text_or(one, "operand") == "OR", [&](const JsonObject& filter) { return filter_holds(filter, upstream); });
  });
  if (one_of_flows == false && one_of_filters == false) return false;
  return std::nullopt;
}

}  // namespace

bool may_follow(const flow::Trigger& trigger, const Namespace& ns, const FlowId& flow) {
  const Upstream upstream{ns, flow};
  if (of_list(find(trigger.properties, "conditions"), false, [&](const JsonObject& one) { return condition_holds(one, upstream); }) == false) return false;
  const Json* preconditions = find(trigger.properties, "preconditions");
  return preconditions == nullptr || !preconditions->is_object() || preconditions_hold(preconditions->get_object(), upstream) != false;
}

}  // namespace insula::triggers
