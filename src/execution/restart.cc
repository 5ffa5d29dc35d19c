// Restart: the same execution goes on from what failed (features.md §5.4, sharp edge 44).
#include "execution/rework.h"

namespace insula::execution {

namespace {

bool is_to_restart(State state) { return state == State::failed || state == State::paused || state == State::killed; }

// A child execution that is to go on instead of being started anew.
std::optional<ExecutionId> child_to_restart(const flow::Task& task, const TaskRun& row) {
  if (!task.info || task.info->runs != flow::Runs::subflow) return std::nullopt;
  const expression::Property* behavior = task.property("restartBehavior");
  if (behavior && to_text(behavior->source()) == "NEW_EXECUTION") return std::nullopt;
  std::string id = text_or(row.outputs, "executionId");
  if (id.empty()) return std::nullopt;
  return ExecutionId(std::move(id));
}

}  // namespace

Result<Rework> restart(const flow::Flow& flow, Header header, std::vector<TaskRun> task_runs, StepContext& context) {
  const State current = header.state.current();
  if ((!is_terminal(current) && current != State::paused) || current == State::killed) {
    return fail(ErrorKind::conflict, "execution-not-restartable", fmt::format("Execution must be terminated or paused and not killed to be restarted, current state is '{}' !", to_string(current)));
  }
  Rework rework;
  Rows rows(flow, std::move(task_runs));
  // A failure in a side branch alone is a reason to run those branches again: what holds them goes on.
  bool failed_aside = false;
  std::vector<TaskRunId> holders;
  for (const TaskRun& row : rows.all()) {
    const std::string side = rows.side_branch(row);
    if (!is_to_restart(row.state.current()) || (side != "finally" && side != "afterExecution")) continue;
    failed_aside = true;
    for (const TaskRun* above : rows.ancestors(row)) holders.push_back(above->id);
  }
  rework.removed = rows.remove([&](const TaskRun& row) { return !rows.side_branch(row).empty(); });
  std::vector<TaskRunId> failed;
  for (const TaskRun& row : rows.all()) {
    if (!rows.task(row)) continue;  // the task is gone from this revision
    if (is_to_restart(row.state.current())) failed.push_back(row.id);
  }
  for (const TaskRunId& id : holders) {
    if (TaskRun* holder = rows.find(id)) reopen(*holder, context.now);
  }
  if (failed.empty() && !failed_aside) return std::unexpected(nothing_to_restart());
  // A WorkingDirectory runs again as a whole: its folder is gone.
  std::set<TaskRunId> directories;
  for (const TaskRunId& id : failed) {
    const TaskRun& row = *rows.find(id);
    const TaskRun* above = row.parent_id ? rows.find(*row.parent_id) : nullptr;
    if (is_working_directory(*rows.task(row))) directories.insert(id);
    if (above && rows.task(*above) && is_working_directory(*rows.task(*above))) directories.insert(above->id);
  }
  std::erase_if(failed, [&](const TaskRunId& id) { return directories.contains(id) || (rows.find(id)->parent_id && directories.contains(*rows.find(id)->parent_id)); });
  failed.insert(failed.end(), directories.begin(), directories.end());
  const std::vector<TaskRunId> emptied = rows.remove([&](const TaskRun& row) { return row.parent_id && directories.contains(*row.parent_id); });
  rework.removed.insert(rework.removed.end(), emptied.begin(), emptied.end());
  for (const TaskRunId& id : failed) {
    TaskRun& row = *rows.find(id);
    for (TaskRun* above : rows.ancestors(row)) reopen(*above, context.now);
    const flow::Task& task = *rows.task(row);
    const bool waits_for_nobody = row.state.current() == State::paused || kind_of(task) == FlowableKind::pause;
    const bool has_children = std::ranges::any_of(rows.all(), [&](const TaskRun& other) { return other.parent_id == id; });
    if (rows.flowable(row) && !directories.contains(id) && (!waits_for_nobody || has_children)) {
      reopen(row, context.now);
      continue;
    }
    row.state.move_to(State::restarted, context.now);
    if (const std::optional<ExecutionId> child = child_to_restart(task, row)) row.progress = JsonObject{{"restart", child->str()}};
    row.outputs.clear();
  }
  restarted(header, context.now);
  set_label(header, "system.restarted", "true");
  rebuild_progress(flow, header, rows.all());
  if (flow.revision != 0) header.flow_revision = flow.revision;  // another revision: the caller gives all new ids
  rework.header = std::move(header);
  rework.task_runs = std::move(rows.all());
  return rework;
}

}  // namespace insula::execution
