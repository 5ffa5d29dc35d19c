// The catalog entry of the Flow trigger.
#include <re2/re2.h>

#include "triggers/triggers.h"
#include "triggers/types_parts.h"

namespace insula::triggers {

namespace {

Violation violation(std::string path, std::string message) {
  Violation made;
  made.path = std::move(path);
  made.message = std::move(message);
  return made;
}

std::string below(const std::string& path, std::string_view key) { return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key); }

bool present(const JsonObject& object, std::string_view key) {
  const Json* value = find(object, key);
  return value != nullptr && !value->is_null();
}

// Whether `value` or `values` fits the type of a filter.
void check_filter(const JsonObject& filter, const std::string& path, std::vector<Violation>& wrong) {
  const std::string type = text_or(filter, "type");
  if (type.empty()) return;
  const bool many = type == "IN" || type == "NOT_IN";
  if (!many && !present(filter, "value")) wrong.push_back(violation(path, fmt::format("`value` cannot be null for type {}", type)));
  else if (many && present(filter, "value")) wrong.push_back(violation(path, fmt::format("`value` must be null for type {}", type)));
  else if (many && !present(filter, "values")) wrong.push_back(violation(path, fmt::format("`values` cannot be null for type {}", type)));
  else if (!many && present(filter, "values")) wrong.push_back(violation(path, fmt::format("`values` must be null for type {}", type)));
  else if (type == "REGEX" && !re2::RE2(text_or(filter, "value"), re2::RE2::Quiet).ok()) wrong.push_back(violation(path, fmt::format("`value` is no regular expression: {}", text_or(filter, "value"))));
}

std::vector<Violation> check_flow_trigger(const JsonObject& trigger) {
  std::vector<Violation> wrong;
  const Json* written = find(trigger, "preconditions");
  if (written == nullptr || !written->is_object()) return wrong;
  const JsonObject& preconditions = written->get_object();
  check_gathering_id(preconditions, "preconditions", wrong);
  check_time_window(preconditions, "preconditions", wrong);
  const Json* where = find(preconditions, "where");
  if (where == nullptr || !where->is_array()) return wrong;
  for (std::size_t i = 0; i < where->get_array().size(); ++i) {
    const Json* filters = find(where->get_array()[i], "filters");
    if (filters == nullptr || !filters->is_array()) continue;
    for (std::size_t j = 0; j < filters->get_array().size(); ++j) {
      if (const Json& filter = filters->get_array()[j]; filter.is_object()) check_filter(filter.get_object(), fmt::format("preconditions.where[{}].filters[{}]", i, j), wrong);
    }
  }
  return wrong;
}

flow::PropertyInfo preconditions_part() {
  const flow::PropertyInfo states = part("states", Kind::list, "States that count; absent: those of the trigger.", {.fixed = true, .values = state_names()});
  const flow::PropertyInfo filter_type =
      part("type", Kind::enumeration, "How it is compared.",
           {.required = true, .fixed = true,
            .values = {"EQUAL_TO", "NOT_EQUAL_TO", "IN", "NOT_IN", "IS_TRUE", "IS_FALSE", "IS_NULL", "IS_NOT_NULL", "STARTS_WITH", "ENDS_WITH", "REGEX", "CONTAINS"}});
  flow::PropertyInfo filters = part(
      "filters", Kind::list, "What is compared.",
      {.min_one = true, .fixed = true,
       .properties = {part("field", Kind::enumeration, "What of the execution.", {.required = true, .fixed = true, .values = {"FLOW_ID", "NAMESPACE", "STATE", "EXPRESSION"}}), filter_type,
                      part("value", Kind::string, "The one to compare with; the expression, for EXPRESSION.", {.fixed = true}),
                      part("values", Kind::list, "Those to compare with, for IN and NOT_IN.", {.fixed = true})}});
  return part("preconditions", Kind::object, "Fires once each of `flows` and `where` has been seen within a window of time.",
              {.fixed = true,
               .properties = {part("id", Kind::string, "Name of the window, unique in the flow.", {.fixed = true}), time_window_part(),
                              part("resetOnSuccess", Kind::boolean, "Whether it starts anew after it has fired.", {.fixed = true, .otherwise = "true"}),
                              part("flows", Kind::list, "Executions of flows.",
                                   {.fixed = true,
                                    .properties = {part("namespace", Kind::string, "Absent: any.", {.fixed = true}), part("flowId", Kind::string, "Absent: any.", {.fixed = true}), states,
                                                   part("labels", Kind::map, "Labels that it must have.", {.fixed = true})}}),
                              part("where", Kind::list, "Executions that pass filters.",
                                   {.fixed = true,
                                    .properties = {part("id", Kind::string, "Name of the filter.", {.required = true, .fixed = true}),
                                                   part("operand", Kind::enumeration, "Whether all or one must pass.", {.fixed = true, .otherwise = "AND", .values = {"AND", "OR"}}), filters}})}});
}

}  // namespace

flow::PropertyInfo time_window_part() {
  const auto time = [](std::string name, std::string doc) { return part(std::move(name), Kind::string, std::move(doc), {.fixed = true}); };
  return part("timeWindow", Kind::object, "The window; one day from midnight when absent.",
              {.fixed = true,
               .properties = {part("type", Kind::enumeration, "DURATION_WINDOW: laid out from midnight. SLIDING_WINDOW: begins with the first execution. DAILY_TIME_DEADLINE: from midnight to `deadline`. DAILY_TIME_WINDOW: from `startTime` to `endTime`.",
                                   {.fixed = true, .otherwise = "DURATION_WINDOW", .values = {"DURATION_WINDOW", "SLIDING_WINDOW", "DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW"}}),
                              part("window", Kind::duration, "Its length.", {.fixed = true, .otherwise = "P1D"}), part("windowAdvance", Kind::duration, "Moves its start.", {.fixed = true}),
                              time("deadline", "Time of the day."), time("startTime", "Time of the day."), time("endTime", "Time of the day.")}});
}

void check_time_window(const JsonObject& holder, const std::string& path, std::vector<Violation>& wrong) {
  const Json* written = find(holder, "timeWindow");
  if (written == nullptr || !written->is_object()) return;
  for (std::string& fault : faults_of_time_window(written->get_object())) wrong.push_back(violation(below(path, "timeWindow"), std::move(fault)));
}

void check_gathering_id(const JsonObject& holder, const std::string& path, std::vector<Violation>& wrong) {
  static const re2::RE2 pattern("[a-zA-Z0-9][a-zA-Z0-9_-]*");
  const std::string id = text_or(holder, "id");
  const std::string at = below(path, "id");
  if (!present(holder, "id")) wrong.push_back(violation(at, "must not be null"));
  if (trim(id).empty()) wrong.push_back(violation(at, "must not be blank"));
  if (present(holder, "id") && !re2::RE2::FullMatch(id, pattern)) wrong.push_back(violation(at, "must match \"^[a-zA-Z0-9][a-zA-Z0-9_-]*\""));
}

void register_flow_trigger(flow::Catalog& catalog) {
  flow::TypeInfo info;
  info.type = std::string(kFlow);
  info.category = flow::TypeCategory::trigger;
  info.aliases = {"io.kestra.core.models.triggers.types.Flow"};
  info.title = "Starts an execution when executions of other flows change state.";
  info.doc = "Every change of state of any execution of the tenant is looked at, but for those of the flow itself. `conditions` must all hold; `preconditions` gather several executions. "
             "Expressions see the variables of the execution that changed state (`outputs` are those of its tasks, `trigger.outputs` those of its flow) and the `flow` of the trigger.";
  info.properties = {part("states", Kind::list, "States that count when they are entered.", {.fixed = true, .otherwise = "every terminal state, and PAUSED", .values = state_names()}), preconditions_part()};
  info.outputs = {part("executionId", Kind::string, "Id of the execution that changed state."), part("executionLabels", Kind::map, "Its labels."), part("state", Kind::string, "The state it entered."),
                  part("namespace", Kind::string, "Its namespace."),                              part("flowId", Kind::string, "Its flow."),         part("flowRevision", Kind::integer, "The revision of its flow."),
                  part("outputs", Kind::map, "Its flow outputs; with `preconditions` those of all executions that were gathered.")};
  info.example = "id: transform\nnamespace: company.team\ninputs:\n  - id: day\n    type: STRING\n    defaults: today\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n"
                 "    message: \"after {{ trigger.executionId }}: {{ inputs.day }}\"\ntriggers:\n  - id: after-extract\n    type: io.kestra.plugin.core.trigger.Flow\n    inputs:\n"
                 "      day: \"{{ trigger.outputs.day }}\"\n    preconditions:\n      id: extracted\n      flows:\n        - namespace: company.team\n          flowId: extract\n          states: [SUCCESS]\n";
  info.check = check_flow_trigger;
  catalog.add(std::move(info));
}

}  // namespace insula::triggers
