// The catalog entries of the flowables.
#include "execution/types_parts.h"

namespace insula::execution {

using flow::PropertyInfo;
using flow::TypeInfo;
using Kind = flow::PropertyInfo::Kind;

namespace {

Violation of_task(std::string message) {
  Violation violation;
  violation.message = std::move(message);
  return violation;
}

// Dag: dependsOn names tasks of the same list, and never in a circle.
std::vector<Violation> check_dag(const JsonObject& properties) {
  const Json* tasks = insula::find(properties, "tasks");
  if (!tasks || !tasks->is_array() || tasks->as_array().empty()) return {of_task("invalid Dag task")};
  std::map<std::string, std::vector<std::string>> depends;
  std::vector<std::string> order;
  for (const Json& entry : tasks->as_array()) {
    const Json* task = insula::find(entry, "task");
    if (!task || !task->is_object()) continue;
    const std::string id = text_or(task->as_object(), "id");
    order.push_back(id);
    std::vector<std::string>& of = depends[id];
    const Json* list = insula::find(entry, "dependsOn");
    if (list && list->is_array()) for (const Json& on : list->as_array()) of.push_back(to_text(on));
  }
  std::vector<std::string> missing, cyclic;
  for (const std::string& id : order) {
    for (const std::string& on : depends[id]) {
      if (!depends.contains(on) && std::ranges::find(missing, on) == missing.end()) missing.push_back(on);
    }
  }
  if (!missing.empty()) return {of_task("Not existing task id in dependency: " + join(missing, ", "))};
  for (const std::string& id : order) {
    std::set<std::string> seen;
    std::vector<std::string> next = depends[id];
    while (!next.empty()) {
      const std::string at = std::move(next.back());
      next.pop_back();
      if (at == id) {
        cyclic.push_back(id);
        break;
      }
      if (seen.insert(at).second) for (const std::string& on : depends[at]) next.push_back(on);
    }
  }
  if (!cyclic.empty()) return {of_task("Cyclic dependency detected: " + join(cyclic, ", "))};
  return {};
}

std::vector<Violation> check_switch(const JsonObject& properties) {
  const auto has_tasks = [&](std::string_view key) {
    const Json* value = insula::find(properties, key);
    return value && ((value->is_object() && !value->as_object().empty()) || (value->is_array() && !value->as_array().empty()));
  };
  if (has_tasks("cases") || has_tasks("defaults")) return {};
  return {of_task("No task defined, neither cases or default have any tasks")};
}

std::vector<Violation> check_for_each(const JsonObject& properties) {
  const Json* limit = insula::find(properties, "concurrencyLimit");
  if (!limit || !limit->is_int64() || limit->as_int64() >= 0) return {};
  Violation violation = of_task("must be greater than or equal to 0");
  violation.path = "concurrencyLimit";
  return {violation};
}

PropertyInfo tasks_of(std::string doc) { return part("tasks", Kind::task_list, std::move(doc), {.required = true, .min_one = true}); }
const std::string kConcurrent = "How many of them may run at once. 0: all.";

void register_sequences(flow::Catalog& catalog) {
  catalog.add({.type = core("flow.Sequential"), .runs = flow::Runs::flowable, .aliases = {old("flows.Sequential")},
               .properties = {tasks_of("Tasks that run one after another.")},
               .title = "Runs tasks one after another.",
               .doc = "The next task starts when the one before has ended and did not fail. A failure skips the rest, runs `errors`, then `finally`.",
               .example = example("tasks:\n  - id: load\n    type: io.kestra.plugin.core.flow.Sequential\n    tasks:\n      - id: first\n        type: io.kestra.plugin.core.log.Log\n        message: first\n      - id: second\n        type: io.kestra.plugin.core.log.Log\n        message: second\n")});
  catalog.add({.type = core("flow.AllowFailure"), .runs = flow::Runs::flowable, .aliases = {old("flows.AllowFailure")},
               .properties = {tasks_of("Tasks that run one after another.")},
               .title = "Runs tasks one after another; a failure among them is only a warning.",
               .doc = "Like Sequential, but ends WARNING where Sequential would end FAILED, so that the flow goes on.",
               .example = example("tasks:\n  - id: optional\n    type: io.kestra.plugin.core.flow.AllowFailure\n    tasks:\n      - id: fail\n        type: io.kestra.plugin.core.execution.Fail\n")});
  catalog.add({.type = core("flow.Parallel"), .runs = flow::Runs::flowable, .aliases = {old("flows.Parallel")},
               .properties = {part("concurrent", Kind::integer, kConcurrent, {.default_value = "0"}),
                              tasks_of("Tasks that run side by side.")},
               .title = "Runs tasks side by side.",
               .doc = "Children start in the order of the file. When one fails, those not started are not started; those running go on to their end.",
               .example = example("tasks:\n  - id: both\n    type: io.kestra.plugin.core.flow.Parallel\n    concurrent: 2\n    tasks:\n      - id: left\n        type: io.kestra.plugin.core.log.Log\n        message: left\n      - id: right\n        type: io.kestra.plugin.core.log.Log\n        message: right\n")});
  PropertyInfo entries = part("tasks", Kind::list, "Tasks with what they depend on.", {.required = false, .min_one = true});
  entries.required = true;
  entries.properties = {part("task", Kind::task, "The task.", {.required = true}), part("dependsOn", Kind::list, "Ids of tasks of this list that must have ended before.", {})};
  catalog.add({.type = core("flow.Dag"), .runs = flow::Runs::flowable, .aliases = {old("flows.Dag")},
               .properties = {part("concurrent", Kind::integer, kConcurrent, {.default_value = "0"}), std::move(entries)},
               .title = "Runs tasks as soon as those they depend on have ended.",
               .doc = "A task starts when every task in its `dependsOn` has ended without failing.",
               .example = example("tasks:\n  - id: dag\n    type: io.kestra.plugin.core.flow.Dag\n    tasks:\n      - task:\n          id: first\n          type: io.kestra.plugin.core.log.Log\n          message: first\n      - task:\n          id: second\n          type: io.kestra.plugin.core.log.Log\n          message: second\n        dependsOn: [first]\n"),
               .check = check_dag});
}

void register_choices(flow::Catalog& catalog) {
  catalog.add({.type = core("flow.If"), .runs = flow::Runs::flowable, .aliases = {old("flows.If")},
               .properties = {part("condition", Kind::string, "Rendered once. False for an empty text, `false`, `0` and `-0`; anything else is true.", {}),
                              part("then", Kind::task_list, "Tasks for true.", {.required = true, .min_one = true}),
                              part("else", Kind::task_list, "Tasks for false.", {})},
               .outputs = {part("evaluationResult", Kind::boolean, "Whether the condition held.", {})},
               .title = "Runs tasks depending on a condition.",
               .doc = "The condition is rendered once, when the task starts; a restart keeps the result. False without `else` is a success.",
               .example = example("inputs:\n  - id: go\n    type: BOOL\n    defaults: true\ntasks:\n  - id: maybe\n    type: io.kestra.plugin.core.flow.If\n    condition: \"{{ inputs.go }}\"\n    then:\n      - id: yes_\n        type: io.kestra.plugin.core.log.Log\n        message: going\n")});
  catalog.add({.type = core("flow.Switch"), .runs = flow::Runs::flowable, .aliases = {old("flows.Switch")},
               .properties = {part("value", Kind::string, "Rendered once and compared with the cases as text.", {.required = true}),
                              part("cases", Kind::task_list, "A list of tasks for each value.", {}),
                              part("defaults", Kind::task_list, "Tasks for any other value.", {})},
               .outputs = {part("value", Kind::string, "The rendered value.", {}), part("defaults", Kind::boolean, "True when no case matched.", {})},
               .title = "Runs the tasks of the case that matches a value.",
               .doc = "No case and no `defaults` for the value is a failure.",
               .example = example("tasks:\n  - id: choose\n    type: io.kestra.plugin.core.flow.Switch\n    value: \"{{ flow.namespace }}\"\n    cases:\n      company.team:\n        - id: ours\n          type: io.kestra.plugin.core.log.Log\n          message: ours\n    defaults:\n      - id: other\n        type: io.kestra.plugin.core.log.Log\n        message: other\n"),
               .check = check_switch});
}

void register_loops(flow::Catalog& catalog) {
  const std::string values_doc = "A list, or an expression that gives a JSON array. Duplicates count once, null is refused, values become text.";
  PropertyInfo limit = part("concurrencyLimit", Kind::integer, "How many iterations may run at once. 0: all.", {.default_value = "1"});
  limit.dynamic = false;
  catalog.add({.type = core("flow.ForEach"), .runs = flow::Runs::flowable,
               .properties = {part("values", Kind::any, values_doc, {.required = true}), std::move(limit), tasks_of("Tasks of one iteration, one after another.")},
               .title = "Runs tasks for each value of a list.",
               .doc = "In an iteration `taskrun.value` is the value as text and `taskrun.iteration` its place, from 0. Outputs are kept by value: `outputs.task['value'].key`.",
               .example = example("tasks:\n  - id: each\n    type: io.kestra.plugin.core.flow.ForEach\n    values: [a, b]\n    tasks:\n      - id: say\n        type: io.kestra.plugin.core.log.Log\n        message: \"{{ taskrun.value }}\"\n"),
               .check = check_for_each});
  catalog.add({.type = core("flow.EachSequential"), .runs = flow::Runs::flowable, .aliases = {old("flows.EachSequential")},
               .properties = {part("value", Kind::any, values_doc, {.required = true}), tasks_of("Tasks of one iteration, one after another.")},
               .title = "Runs tasks for each value, one value after another.", .doc = "Deprecated: use ForEach.",
               .example = example("tasks:\n  - id: each\n    type: io.kestra.plugin.core.flow.EachSequential\n    value: [a, b]\n    tasks:\n      - id: say\n        type: io.kestra.plugin.core.log.Log\n        message: \"{{ taskrun.value }}\"\n"),
               .deprecated = true});
  catalog.add({.type = core("flow.EachParallel"), .runs = flow::Runs::flowable, .aliases = {old("flows.EachParallel")},
               .properties = {part("value", Kind::any, values_doc, {.required = true}), part("concurrent", Kind::integer, kConcurrent, {.default_value = "0"}),
                              tasks_of("Tasks of every iteration, all at once.")},
               .title = "Runs tasks for each value, all at once.", .doc = "Deprecated: use ForEach with `concurrencyLimit: 0`. All tasks of all values start together.",
               .example = example("tasks:\n  - id: each\n    type: io.kestra.plugin.core.flow.EachParallel\n    value: [a, b]\n    tasks:\n      - id: say\n        type: io.kestra.plugin.core.log.Log\n        message: \"{{ taskrun.value }}\"\n"),
               .deprecated = true});
}

void register_until(flow::Catalog& catalog) {
  PropertyInfo frequency = part("checkFrequency", Kind::object, "How often to try.", {});
  frequency.properties = {part("interval", Kind::duration, "Time between two iterations.", {.default_value = "PT1M"}),
                          part("maxIterations", Kind::integer, "At most so many iterations.", {}),
                          part("maxDuration", Kind::duration, "At most for so long.", {})};
  catalog.add({.type = core("flow.LoopUntil"), .runs = flow::Runs::flowable, .aliases = {core("flow.WaitFor"), old("flows.WaitFor")},
               .properties = {part("condition", Kind::string, "Rendered after each iteration; true ends the loop.", {.required = true}),
                              tasks_of("Tasks of one iteration, one after another."), std::move(frequency),
                              part("failOnMaxReached", Kind::boolean, "Whether reaching a maximum is a failure.", {.default_value = "false"})},
               .outputs = {part("iterationCount", Kind::integer, "Number of the iteration, from 1.", {})},
               .title = "Runs tasks again and again until a condition holds.",
               .doc = "Only the task runs of the last iteration are kept. Between two iterations the task waits, without holding anything.",
               .example = example("tasks:\n  - id: poll\n    type: io.kestra.plugin.core.flow.LoopUntil\n    condition: \"{{ outputs.poll.iterationCount >= 3 }}\"\n    checkFrequency:\n      interval: PT10S\n      maxIterations: 20\n    tasks:\n      - id: look\n        type: io.kestra.plugin.core.log.Log\n        message: looking\n")});
}

void register_working_directory(flow::Catalog& catalog) {
  PropertyInfo cache = part("cache", Kind::object, "Files that are kept for the next run of the task.", {});
  cache.properties = {part("patterns", Kind::list, "Files, as glob patterns: `node_modules/**`.", {}), part("ttl", Kind::duration, "How long they are kept; for ever when absent.", {})};
  PropertyInfo namespace_files = part("namespaceFiles", Kind::object, "Not available yet: with `enabled: true` the task fails.", {});
  for (const char* name : {"enabled", "include", "exclude", "namespaces", "ifExists", "folderPerNamespace"}) namespace_files.properties.push_back(part(name, Kind::any, "", {}));
  catalog.add({.type = core("flow.WorkingDirectory"), .runs = flow::Runs::flowable, .aliases = {old("flows.WorkingDirectory"), old("flows.Worker")},
               .properties = {tasks_of("Tasks that run one after another in the same folder; only such as a worker runs."),
                              part("inputFiles", Kind::any, "Files put into the folder first: names to contents or `kestra://` URIs.", {}),
                              part("outputFiles", Kind::list, "Files of the folder to keep, by name or pattern.", {}), std::move(namespace_files), std::move(cache)},
               .outputs = {part("outputFiles", Kind::map, "Names to `kestra://` URIs.", {})},
               .title = "Runs tasks one after another in the same folder.",
               .doc = "What one task leaves in the folder the next one finds. The folder is removed when the last task has ended, in whatever way; tasks of `errors` and `finally` do not see it. "
                      "A restart runs all tasks again.",
               .example = example("tasks:\n  - id: folder\n    type: io.kestra.plugin.core.flow.WorkingDirectory\n    inputFiles:\n      greeting.txt: hello {{ flow.id }}\n    outputFiles: [greeting.txt]\n    tasks:\n      - id: work\n        type: io.kestra.plugin.core.log.Log\n        message: scripts that stand here find greeting.txt\n  - id: show\n    type: io.kestra.plugin.core.log.Log\n    message: \"{{ read(outputs.folder.outputFiles['greeting.txt']) }}\"\n")});
}

void register_pause(flow::Catalog& catalog) {
  catalog.add({.type = core("flow.Pause"), .runs = flow::Runs::flowable, .aliases = {old("flows.Pause")},
               .properties = {part("pauseDuration", Kind::duration, "Goes on by itself after this time.", {}),
                              part("delay", Kind::duration, "Old name of `pauseDuration`.", {.deprecated = true}),
                              part("behavior", Kind::string, "What the end of `pauseDuration` means: RESUME, WARN, CANCEL or FAIL.", {.default_value = "RESUME"}),
                              part("onResume", Kind::input_list, "Inputs that the one who resumes is asked for.", {}),
                              part("onPause", Kind::task, "A task that runs when the pause begins.", {}),
                              part("tasks", Kind::task_list, "Tasks that run after the pause.", {.deprecated = true})},
               .outputs = {part("onResume", Kind::map, "What was given on resume.", {}), part("resumed", Kind::map, "By whom, when and to which state the pause ended.", {})},
               .title = "Stops until a person, or the time, lets the execution go on.",
               .doc = "Nothing new starts in the whole execution while it is paused. With `timeout` it fails when nobody resumed in time.",
               .example = example("tasks:\n  - id: approve\n    type: io.kestra.plugin.core.flow.Pause\n    onResume:\n      - id: reason\n        type: STRING\n  - id: after\n    type: io.kestra.plugin.core.log.Log\n    message: \"{{ outputs.approve.onResume.reason }}\"\n")});
}

}  // namespace

void register_flowables(flow::Catalog& catalog) {
  register_sequences(catalog);
  register_choices(catalog);
  register_loops(catalog);
  register_until(catalog);
  register_pause(catalog);
  register_working_directory(catalog);
}

}  // namespace insula::execution
