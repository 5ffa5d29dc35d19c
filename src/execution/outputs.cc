#include "execution/outputs.h"

namespace insula::execution {

namespace {

using ById = std::unordered_map<TaskRunId, const TaskRun*>;

ById by_id(const std::vector<TaskRun>& rows) {
  ById found;
  for (const TaskRun& row : rows) found.emplace(row.id, &row);
  return found;
}

// Values of the enclosing iterations, outermost first.
std::vector<std::string_view> values_above(const TaskRun& row, const ById& rows) {
  std::vector<std::string_view> values;
  for (std::optional<TaskRunId> parent = row.parent_id; parent;) {
    const auto at = rows.find(*parent);
    if (at == rows.end()) break;
    if (at->second->value) values.push_back(*at->second->value);
    parent = at->second->parent_id;
  }
  std::ranges::reverse(values);
  return values;
}

bool has_outputs(const flow::Flow& flow, const TaskRun& row) {
  if (!row.outputs.empty()) return true;
  const flow::Task* task = flow.find(row.task_id);
  const bool flowable = task && task->info && task->info->runs == flow::Runs::flowable;
  if (flowable) return true;
  return row.state.is_terminal() && row.state.current() != State::skipped && !row.attempts.empty() && !row.attempts.front().worker_id.empty();
}

// Merges the outputs of one row into what its task has so far.
void merge_outputs(JsonObject& result, const TaskRun& row, const ById& rows) {
  if (row.outputs.empty()) return;  // an iteration without outputs leaves no key
  std::vector<std::string_view> path = values_above(row, rows);
  if (row.value) path.push_back(*row.value);
  JsonObject* at = &result;
  for (const std::string_view value : path) {
    Json& next = (*at)[value];
    if (!next.is_object()) next.emplace_object();
    at = &next.as_object();
  }
  for (const auto& [key, value] : row.outputs) (*at)[key] = value;
}

void merge_state(JsonObject& result, const TaskRun& row) {
  const std::string_view state = to_string(row.state.current());
  if (row.value) result[*row.value] = JsonObject{{"state", state}};
  else result["state"] = state;
}

}  // namespace

Json outputs_of(const flow::Flow& flow, const TaskId& task, const std::vector<TaskRun>& rows) {
  const ById index = by_id(rows);
  JsonObject result;
  bool any = false;
  for (const TaskRun& row : rows) {
    if (row.task_id != task || !has_outputs(flow, row)) continue;
    any = true;
    merge_outputs(result, row, index);
  }
  return any ? Json(std::move(result)) : Json(nullptr);
}

Json state_of(const TaskId& task, const std::vector<TaskRun>& rows) {
  JsonObject result;
  for (const TaskRun& row : rows) {
    if (row.task_id == task) merge_state(result, row);
  }
  return result.empty() ? Json(nullptr) : Json(std::move(result));
}

JsonObject all_outputs(const flow::Flow& flow, const std::vector<TaskRun>& rows) {
  const ById index = by_id(rows);
  JsonObject result;
  for (const TaskRun& row : rows) {
    if (!has_outputs(flow, row)) continue;
    Json& of_task = result[row.task_id.str()];
    if (!of_task.is_object()) of_task.emplace_object();
    merge_outputs(of_task.as_object(), row, index);
  }
  return result;
}

JsonObject all_states(const std::vector<TaskRun>& rows) {
  JsonObject result;
  for (const TaskRun& row : rows) {
    Json& of_task = result[row.task_id.str()];
    if (!of_task.is_object()) of_task.emplace_object();
    merge_state(of_task.as_object(), row);
  }
  return result;
}

std::vector<TaskId> rows_needed(const flow::Flow& flow, const TaskId& task) {
  std::vector<TaskId> needed{task};
  const flow::Task* at = flow.find(task);
  while (at && at->parent != flow::kNoTask) {
    at = &flow.task(at->parent);
    needed.push_back(at->id);
  }
  return needed;
}

std::optional<expression::Answer> answer_from_rows(const flow::Flow& flow, const expression::Lookup& lookup, const std::vector<TaskRun>& rows) {
  const bool outputs = lookup.name == "outputs";
  if (!outputs && lookup.name != "tasks") return std::nullopt;
  const std::string key = text_or(lookup.arguments, "key");
  if (key.empty()) return Json(outputs ? all_outputs(flow, rows) : all_states(rows));
  Json answer = outputs ? outputs_of(flow, TaskId(key), rows) : state_of(TaskId(key), rows);
  if (answer.is_null()) return expression::Undefined{};
  return answer;
}

}  // namespace insula::execution
