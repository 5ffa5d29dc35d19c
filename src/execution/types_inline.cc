// The catalog entries of the inline tasks and of Subflow.
#include "execution/types_parts.h"

namespace insula::execution {

using flow::PropertyInfo;
using Kind = flow::PropertyInfo::Kind;

namespace {

PropertyInfo fixed(PropertyInfo info) {
  info.dynamic = false;
  return info;
}

PropertyInfo choice(PropertyInfo info, std::vector<std::string> values) {
  info.values = std::move(values);
  return fixed(std::move(info));
}

PropertyInfo level() { return part("level", Kind::string, "TRACE, DEBUG, INFO, WARN or ERROR.", {.default_value = "INFO"}); }

void register_values(flow::Catalog& catalog) {
  catalog.add({.type = core("log.Log"), .runs = flow::Runs::inline_, .aliases = {old("log.Log")},
               .properties = {part("message", Kind::any, "A text, or a list of texts: one line each.", {.required = true}), level()},
               .title = "Writes to the log of the execution.", .doc = "Lines below the task's `logLevel` are left out.",
               .example = example("tasks:\n  - id: hello\n    type: io.kestra.plugin.core.log.Log\n    message: Hello {{ flow.id }}\n")});
  catalog.add({.type = core("debug.Return"), .runs = flow::Runs::inline_, .aliases = {old("debugs.Return")},
               .properties = {part("format", Kind::string, "What to give back.", {})},
               .outputs = {part("value", Kind::string, "The rendered text.", {})},
               .title = "Gives back a rendered text.", .doc = "For trying expressions, and for values that later tasks use.",
               .example = example("tasks:\n  - id: value\n    type: io.kestra.plugin.core.debug.Return\n    format: \"{{ execution.startDate }}\"\n")});
  catalog.add({.type = core("debug.Echo"), .runs = flow::Runs::inline_, .aliases = {old("debugs.Echo")},
               .properties = {part("format", Kind::string, "The line.", {}), level()},
               .title = "Writes a line to the log.", .doc = "Deprecated: use log.Log.",
               .example = example("tasks:\n  - id: echo\n    type: io.kestra.plugin.core.debug.Echo\n    format: hello\n"), .deprecated = true});
  catalog.add({.type = core("output.OutputValues"), .runs = flow::Runs::inline_,
               .properties = {part("values", Kind::any, "A map of values; expressions inside are rendered.", {})},
               .outputs = {part("values", Kind::map, "The rendered values.", {})},
               .title = "Gives values to the tasks after it.", .doc = "Read them as `outputs.<id>.values.<key>`.",
               .example = example("tasks:\n  - id: values\n    type: io.kestra.plugin.core.output.OutputValues\n    values:\n      day: \"{{ now() | date('yyyy-MM-dd') }}\"\n")});
  catalog.add({.type = core("flow.Sleep"), .runs = flow::Runs::inline_,
               .properties = {part("duration", Kind::duration, "How long to wait.", {.required = true})},
               .title = "Waits.", .doc = "A timer: waiting holds no thread and no memory.",
               .example = example("tasks:\n  - id: wait\n    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT5S\n")});
}

void register_execution_tasks(flow::Catalog& catalog) {
  catalog.add({.type = core("execution.Fail"), .runs = flow::Runs::inline_, .aliases = {old("executions.Fail")},
               .properties = {part("condition", Kind::string, "Fails only when this is true.", {}),
                              part("errorMessage", Kind::string, "The line in the log.", {.default_value = "Task failure"})},
               .title = "Fails.", .doc = "Always, or when `condition` is true.",
               .example = example("tasks:\n  - id: stop\n    type: io.kestra.plugin.core.execution.Fail\n    errorMessage: not today\n")});
  catalog.add({.type = core("execution.Assert"), .runs = flow::Runs::inline_,
               .properties = {part("conditions", Kind::list, "Expressions that must all be true.", {.required = true}),
                              part("errorMessage", Kind::string, "Added to the log when one is not.", {})},
               .title = "Fails unless all conditions are true.", .doc = "The log names each condition that is not.",
               .example = example("tasks:\n  - id: check\n    type: io.kestra.plugin.core.execution.Assert\n    conditions:\n      - \"{{ 1 + 1 == 2 }}\"\n")});
  catalog.add({.type = core("execution.Labels"), .runs = flow::Runs::inline_, .aliases = {old("executions.Labels")},
               .properties = {part("labels", Kind::any, "A map, a list of `key` and `value`, or an expression that gives one.", {.required = true})},
               .title = "Adds labels to the running execution.", .doc = "A label that exists gets the new value. `system.` labels are refused.",
               .example = example("tasks:\n  - id: mark\n    type: io.kestra.plugin.core.execution.Labels\n    labels:\n      customer: \"{{ flow.namespace }}\"\n")});
  catalog.add({.type = core("execution.Exit"), .runs = flow::Runs::inline_,
               .properties = {part("state", Kind::string, "SUCCESS, WARNING, KILLED, FAILED or CANCELLED.", {.default_value = "SUCCESS"})},
               .title = "Ends the execution at once.", .doc = "What is running is stopped; `errors` and `finally` do not run.",
               .example = example("tasks:\n  - id: enough\n    type: io.kestra.plugin.core.execution.Exit\n    state: SUCCESS\n")});
  catalog.add({.type = core("execution.SetVariables"), .runs = flow::Runs::inline_,
               .properties = {part("variables", Kind::any, "A map of variables; nested maps are merged.", {.required = true}),
                              part("overwrite", Kind::boolean, "Whether variables that exist may be changed.", {.default_value = "true"})},
               .title = "Sets variables of the running execution.", .doc = "Read them as `vars.<key>`.",
               .example = example("variables:\n  stage: one\ntasks:\n  - id: next\n    type: io.kestra.plugin.core.execution.SetVariables\n    variables:\n      stage: two\n")});
  catalog.add({.type = core("execution.UnsetVariables"), .runs = flow::Runs::inline_,
               .properties = {part("variables", Kind::any, "Names of variables.", {.required = true}),
                              part("ignoreMissing", Kind::boolean, "Names that do not exist are left alone.", {.default_value = "false"})},
               .title = "Removes variables of the running execution.", .doc = "`vars.<key>` is undefined afterwards.",
               .example = example("variables:\n  stage: one\ntasks:\n  - id: forget\n    type: io.kestra.plugin.core.execution.UnsetVariables\n    variables: [stage]\n")});
  catalog.add({.type = core("execution.Resume"), .runs = flow::Runs::inline_,
               .properties = {part("executionId", Kind::string, "The paused execution; the own one when absent.", {}),
                              part("namespace", Kind::string, "Its namespace.", {}), part("flowId", Kind::string, "Its flow.", {}),
                              part("inputs", Kind::any, "Values for the inputs of its Pause task.", {})},
               .title = "Resumes a paused execution.", .doc = "Deprecated. Fails when that execution is not paused.",
               .example = example("inputs:\n  - id: paused\n    type: STRING\ntasks:\n  - id: resume\n    type: io.kestra.plugin.core.execution.Resume\n    executionId: \"{{ inputs.paused }}\"\n"),
               .deprecated = true});
}

void register_subflow(flow::Catalog& catalog) {
  catalog.add({.type = core("flow.Subflow"), .runs = flow::Runs::subflow, .aliases = {old("flows.Subflow"), old("flows.Flow")},
               .properties = {part("namespace", Kind::string, "Namespace of the flow.", {.required = true, .min_one = true}),
                              part("flowId", Kind::string, "Its id.", {.required = true}),
                              fixed(part("revision", Kind::integer, "Its revision; the newest when absent.", {})),
                              part("inputs", Kind::map, "Its inputs.", {}),
                              part("labels", Kind::any, "Labels of the new execution.", {}),
                              fixed(part("wait", Kind::boolean, "Whether to wait for its end.", {.default_value = "true"})),
                              fixed(part("transmitFailed", Kind::boolean, "Whether a failure, a kill or a warning of it becomes that of this task.", {.default_value = "true"})),
                              part("inheritLabels", Kind::boolean, "Whether it gets the labels of this execution.", {.default_value = "false"}),
                              part("outputs", Kind::map, "Deprecated: use the outputs of the flow.", {.deprecated = true}),
                              part("scheduleDate", Kind::string, "When it is to begin.", {}),
                              choice(part("restartBehavior", Kind::enumeration, "What a restart of this execution does with a failed one.", {.default_value = "RETRY_FAILED"}), {"NEW_EXECUTION", "RETRY_FAILED"})},
               .outputs = {part("executionId", Kind::string, "Id of the new execution.", {}), part("state", Kind::string, "Its state.", {}), part("outputs", Kind::map, "Outputs of its flow.", {})},
               .title = "Runs another flow.", .doc = "The flow belongs to the same tenant. Inputs are checked as if a person had started it.",
               .example = example("tasks:\n  - id: child\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: company.team\n    flowId: other\n    inputs:\n      day: \"{{ now() }}\"\n")});
}

}  // namespace

void register_inline(flow::Catalog& catalog) {
  register_values(catalog);
  register_execution_tasks(catalog);
  register_subflow(catalog);
}

void register_types(flow::Catalog& catalog) {
  register_flowables(catalog);
  register_inline(catalog);
  register_for_each_item(catalog);
}

}  // namespace insula::execution
