#include "flow/shape.h"

#include "flow/input_kinds.h"

namespace insula::flow {
namespace {

using Kind = PropertyInfo::Kind;
using Properties = std::vector<PropertyInfo>;

PropertyInfo fixed(std::string name, Kind kind, std::string doc = {}) { return {.name = std::move(name), .kind = kind, .dynamic = false, .doc = std::move(doc)}; }
PropertyInfo needed(std::string name, Kind kind, std::string doc = {}) { return {.name = std::move(name), .kind = kind, .required = true, .dynamic = false, .doc = std::move(doc)}; }
PropertyInfo flag(std::string name, std::string doc) { return {.name = std::move(name), .kind = Kind::boolean, .dynamic = false, .default_value = "false", .doc = std::move(doc)}; }
PropertyInfo one_of(std::string name, Properties::value_type::Kind kind, std::vector<std::string> values, std::string doc) {
  return {.name = std::move(name), .kind = kind, .dynamic = false, .values = std::move(values), .doc = std::move(doc)};
}
PropertyInfo one_of(std::string name, std::vector<std::string> values, std::string doc) { return one_of(std::move(name), Kind::enumeration, std::move(values), std::move(doc)); }

PropertyInfo deprecated(PropertyInfo info) {
  info.deprecated = true;
  return info;
}

PropertyInfo of(PropertyInfo info, Properties properties) {
  info.properties = std::move(properties);
  return info;
}

const std::vector<std::string>& levels() {
  static const std::vector<std::string> names = {"ERROR", "DEBUG", "TRACE", "INFO", "WARN"};
  return names;
}

PropertyInfo worker_group() {
  return of(fixed("workerGroup", Kind::object, "Kept for flows that name it: this server has one group of workers."),
            {fixed("key", Kind::string, "Name of the group."), one_of("fallback", {"CANCEL", "WAIT", "FAIL"}, "What to do when the group has no worker.")});
}

Properties flow_list() {
  return {fixed("id", Kind::string, "Names the flow within its namespace; cannot be changed later."),
          needed("namespace", Kind::string, "Where the flow belongs, with dots between its parts: `company.team`; cannot be changed later."),
          fixed("revision", Kind::integer, "Given by the server; left out of what is stored."),
          fixed("description", Kind::string, "What the flow is for, in Markdown."),
          fixed("labels", Kind::any, "Labels of the flow and of its executions: a map, or a list of `key` and `value`."),
          flag("disabled", "A disabled flow starts no executions."),
          flag("deleted", "Written by the server."),
          fixed("tenantId", Kind::string, "Written by the server."),
          fixed("updated", Kind::any, "Written by the server."),
          fixed("source", Kind::any, "Written by the server."),
          fixed("inputs", Kind::input_list, "What is asked for when an execution is started; `inputs.<id>` in expressions."),
          fixed("outputs", Kind::any, "What an execution gives to the flow that started it, rendered at its end."),
          fixed("variables", Kind::map, "Values for expressions: `vars.<name>`."),
          fixed("tasks", Kind::any, "Tasks that run one after another."),
          fixed("errors", Kind::any, "Tasks that run when one has failed."),
          fixed("finally", Kind::any, "Tasks that run at the end, whatever happened."),
          fixed("afterExecution", Kind::any, "Tasks that run when the execution has its final state, which they see as `execution.state`."),
          deprecated(fixed("listeners", Kind::any, "Tasks that run after an execution when conditions hold; off unless configured. Use `afterExecution`.")),
          fixed("triggers", Kind::any, "What starts executions: schedules, webhooks, ends of other flows."),
          fixed("pluginDefaults", Kind::any, "Values for all tasks of a type that do not say otherwise."),
          fixed("taskDefaults", Kind::any, "Old name of `pluginDefaults`."),
          of(fixed("concurrency", Kind::object, "How many executions of the flow may run at once."),
             {needed("limit", Kind::integer, "At most so many."), one_of("behavior", {"QUEUE", "CANCEL", "FAIL"}, "What happens to one more: it waits, is cancelled or fails.")}),
          fixed("retry", Kind::any, "When and how often a failed execution is tried again."),
          fixed("sla", Kind::any, "What an execution has to keep to, and what happens when it does not."),
          fixed("checks", Kind::any, "Conditions that are asked before an execution is started."),
          worker_group()};
}

Properties output_list() {
  PropertyInfo type = one_of("type", value_type_names(), "Its type.");
  type.required = true;
  return {needed("id", Kind::string, "Its name."), std::move(type), needed("value", Kind::any, "An expression, rendered at the end of the execution."),
          fixed("description", Kind::string, "What it is."), fixed("displayName", Kind::string, "Its name for people."), fixed("required", Kind::boolean, "Whether it must have a value.")};
}

Properties sla_list(bool is_assertion) {
  PropertyInfo behavior = one_of("behavior", {"NONE", "CANCEL", "FAIL"}, "What happens to an execution that breaks it.");
  behavior.required = true;
  return {fixed("id", Kind::string, "Its name."), fixed("type", Kind::string, "MAX_DURATION or EXECUTION_ASSERTION."), std::move(behavior),
          fixed("labels", Kind::any, "Labels for an execution that breaks it."),
          is_assertion ? needed("assert", Kind::string, "An expression that must hold.") : needed("duration", Kind::duration, "The longest time an execution may take.")};
}

Properties retry_list(Retry::Type type) {
  Properties list = {fixed("type", Kind::string, "constant, exponential or random."), fixed("maxAttempts", Kind::integer, "At most so many attempts, the first one counted."),
                     fixed("maxDuration", Kind::duration, "No attempt begins later than this after the first one."), fixed("warningOnRetry", Kind::boolean, "Whether a success after a failure ends with a warning."),
                     one_of("behavior", {"RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"}, "What is tried again: the task, or the whole execution anew.")};
  list[1].aliases = {"maxAttempt"};
  if (type == Retry::Type::random) list.push_back(needed("minInterval", Kind::duration, "The shortest wait."));
  else list.push_back(needed("interval", Kind::duration, "How long to wait before the next attempt."));
  if (type != Retry::Type::constant) list.push_back(needed("maxInterval", Kind::duration, "The longest wait."));
  if (type == Retry::Type::exponential) list.push_back(fixed("delayFactor", Kind::number, "By how much the wait grows each time; 2 unless given."));
  return list;
}

Properties shared_list(std::string_view noun) {
  return {fixed("id", Kind::string, fmt::format("Names the {} within the flow.", noun)),
          fixed("type", Kind::any, fmt::format("What kind of {} it is.", noun)),
          fixed("version", Kind::string, "Kept for flows that name it: types have one version here."),
          fixed("description", Kind::string, "What it is for, in Markdown."),
          fixed("disabled", Kind::boolean, "Skipped when true."),
          one_of("logLevel", levels(), "The lowest level of its log lines that is kept."),
          flag("logToFile", "Whether its log goes to a file of the execution instead of the log of the server."),
          worker_group(),
          of(fixed("assets", Kind::object, "Kept for flows that name it."), {fixed("inputs", Kind::any), fixed("outputs", Kind::any), fixed("enableAuto", Kind::any)}),
          fixed("pluginDefaultsRef", Kind::string, "The `ref` of the plugin defaults that are meant for it.")};
}

Properties task_list() {
  Properties list = shared_list("task");
  const Properties more = {fixed("retry", Kind::any, "When and how often a failed task is tried again."),
                           {.name = "timeout", .kind = Kind::duration, .doc = "The task fails when it takes longer."},
                           fixed("runIf", Kind::string, "An expression: the task is skipped unless it is true."),
                           flag("allowFailure", "A failure of it is only a warning."),
                           flag("allowWarning", "A warning of it is a success."),
                           of(fixed("taskCache", Kind::object, "Kept for flows that name it."), {needed("enabled", Kind::boolean), fixed("ttl", Kind::duration)})};
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

Properties trigger_list() {
  Properties list = shared_list("trigger");
  const Properties more = {fixed("conditions", Kind::condition_list, "All of them must hold."),
                           fixed("inputs", Kind::map, "Inputs of the executions it starts."),
                           fixed("labels", Kind::any, "Labels of the executions it starts."),
                           one_of("stopAfter", Kind::list, {"SUCCESS", "KILLING", "RESUBMITTED", "PAUSED", "SKIPPED", "CANCELLED", "QUEUED", "RETRIED", "RETRYING", "SUBMITTED", "WARNING", "FAILED",
                                                            "RUNNING", "CREATED", "RESTARTED", "BREAKPOINT", "KILLED"}, "States of an execution after which the trigger is disabled."),
                           one_of("minLogLevel", levels(), "The lowest level of its log lines that is kept."),
                           flag("failOnTriggerError", "Whether an error of the trigger itself gives a failed execution."),
                           flag("allowConcurrent", "Whether it may start an execution while the one before runs.")};
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

}  // namespace

std::span<const PropertyInfo> flow_properties() {
  static const Properties list = flow_list();
  return list;
}

std::span<const PropertyInfo> output_properties() {
  static const Properties list = output_list();
  return list;
}

std::span<const PropertyInfo> sla_properties(bool is_assertion) {
  static const std::array<Properties, 2> lists = {sla_list(false), sla_list(true)};
  return lists[is_assertion ? 1 : 0];
}

std::span<const PropertyInfo> check_item_properties() {
  static const Properties list = {needed("condition", Kind::string, "An expression that must hold."), fixed("message", Kind::string, "What is said when it does not."),
                                  one_of("style", {"ERROR", "SUCCESS", "WARNING", "INFO"}, "How it is shown."),
                                  one_of("behavior", {"CREATE_EXECUTION", "BLOCK_EXECUTION", "FAIL_EXECUTION"}, "Whether the execution is started all the same, not started, or fails.")};
  return list;
}

std::span<const PropertyInfo> listener_properties() {
  static const Properties list = {fixed("conditions", Kind::condition_list, "All of them must hold."), fixed("tasks", Kind::any, "Tasks that run then."), fixed("description", Kind::string, "What it is for.")};
  return list;
}

std::span<const PropertyInfo> retry_properties(Retry::Type type) {
  static const std::array<Properties, 3> lists = {retry_list(Retry::Type::constant), retry_list(Retry::Type::exponential), retry_list(Retry::Type::random)};
  return lists[static_cast<std::size_t>(type)];
}

std::span<const PropertyInfo> plugin_default_properties() {
  static const Properties list = {needed("type", Kind::string, "A type, or the beginning of several: `io.kestra.plugin.core`."),
                                  flag("forced", "Whether the values win over those of the task."),
                                  fixed("ref", Kind::string, "Only for elements that name it as their `pluginDefaultsRef`."), needed("values", Kind::map, "Properties with their values.")};
  return list;
}

std::span<const PropertyInfo> common_task_properties() {
  static const Properties list = task_list();
  return list;
}

std::span<const PropertyInfo> common_trigger_properties() {
  static const Properties list = trigger_list();
  return list;
}

std::span<const PropertyInfo> common_condition_properties() {
  static const Properties list = {fixed("type", Kind::any, "What kind of condition it is.")};
  return list;
}

std::span<const PropertyInfo> common_task_runner_properties() {
  static const Properties list = {fixed("type", Kind::any, "What kind of task runner it is."), fixed("version", Kind::string, "Kept for flows that name it.")};
  return list;
}

std::span<const PropertyInfo> branch_properties(const TypeInfo& info) {
  static const Properties list = {fixed("errors", Kind::task_list, "Tasks that run when one of the others has failed."), fixed("finally", Kind::task_list, "Tasks that run at the end, whatever happened.")};
  return info.runs == Runs::flowable ? std::span<const PropertyInfo>(list) : std::span<const PropertyInfo>();
}

}  // namespace insula::flow
