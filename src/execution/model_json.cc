// The JSON of an execution and of its task runs as 1.3 shows them: absent instead of null, dates with six digits.
#include "execution/model.h"

namespace insula::execution {

namespace {

// 1.3 leaves `outputs` out while a worker has not answered, and for what never ran; everything else has at least `{}`.
bool shows_outputs(const TaskRun& task_run) {
  if (!task_run.outputs.empty()) return true;
  if (task_run.attempts.empty() || task_run.state.current() == State::skipped) return false;
  const bool by_worker = !task_run.attempts.front().worker_id.empty();
  if (by_worker) return task_run.state.is_terminal();
  return task_run.attempts.front().state.entries().size() > 1;
}

JsonObject attempt_json(const Attempt& attempt) {
  JsonObject json;
  json["state"] = attempt.state.to_json();
  if (!attempt.worker_id.empty()) json["workerId"] = attempt.worker_id;
  if (!attempt.log_file.empty()) json["logFile"] = attempt.log_file;
  return json;
}

JsonObject trigger_json(const TriggerInfo& trigger) {
  JsonObject json{{"id", trigger.id}, {"type", trigger.type}};
  if (!trigger.variables.is_null()) json["variables"] = trigger.variables;
  return json;
}

}  // namespace

JsonObject to_json(const TaskRun& task_run, const Header& header) {
  JsonObject json;
  json["id"] = task_run.id.str();
  json["executionId"] = header.id.str();
  json["namespace"] = header.ns.str();
  json["flowId"] = header.flow_id.str();
  json["taskId"] = task_run.task_id.str();
  if (task_run.parent_id) json["parentTaskRunId"] = task_run.parent_id->str();
  if (task_run.value) json["value"] = *task_run.value;
  if (!task_run.attempts.empty()) {
    JsonArray attempts;
    for (const Attempt& attempt : task_run.attempts) attempts.push_back(attempt_json(attempt));
    json["attempts"] = std::move(attempts);
  }
  if (shows_outputs(task_run)) json["outputs"] = task_run.outputs;
  json["state"] = task_run.state.to_json();
  if (task_run.iteration) json["iteration"] = *task_run.iteration;
  if (task_run.dynamic) json["dynamic"] = true;
  if (task_run.force_execution) json["forceExecution"] = true;
  return json;
}

JsonObject to_json(const Header& header, const std::vector<TaskRun>& task_runs) {
  JsonObject json;
  json["id"] = header.id.str();
  json["namespace"] = header.ns.str();
  json["flowId"] = header.flow_id.str();
  json["flowRevision"] = header.flow_revision;
  if (!task_runs.empty()) {
    JsonArray list;
    list.reserve(task_runs.size());
    for (const TaskRun& task_run : task_runs) list.push_back(to_json(task_run, header));
    json["taskRunList"] = std::move(list);
  }
  if (!header.inputs.empty()) json["inputs"] = header.inputs;
  if (!header.outputs.empty()) json["outputs"] = header.outputs;
  JsonArray labels;
  for (const Label& label : header.labels) labels.push_back(JsonObject{{"key", label.key}, {"value", label.value}});
  json["labels"] = std::move(labels);
  if (!header.variables.empty()) json["variables"] = header.variables;
  json["state"] = header.state.to_json();
  if (header.parent_id) json["parentId"] = header.parent_id->str();
  json["originalId"] = header.original_id.str();
  if (header.trigger) json["trigger"] = trigger_json(*header.trigger);
  json["deleted"] = header.deleted;
  json["metadata"] = JsonObject{{"attemptNumber", header.attempt_number}, {"originalCreatedDate", format_instant(header.original_created)}};
  if (header.schedule_date) json["scheduleDate"] = format_instant_short(*header.schedule_date);
  if (!header.kind.empty()) json["kind"] = header.kind;
  return json;
}

}  // namespace insula::execution
