// A person decides that a task run ended otherwise; the execution goes on from there.
#include "execution/rework.h"

namespace insula::execution {

Result<Rework> change_task_run_state(const flow::Flow& flow, Header header, std::vector<TaskRun> task_runs, const TaskRunId& task_run, State to, StepContext& context) {
  if (!is_terminal(header.state.current()) && header.state.current() != State::paused) {
    return fail(ErrorKind::conflict, "execution-running", fmt::format("Execution '{}' is {}: only a terminated or paused execution can be changed", header.id, to_string(header.state.current())));
  }
  if (!is_terminal(to)) return fail(ErrorKind::invalid, "state-not-terminal", fmt::format("A task run cannot be set to {}", to_string(to)));
  Rework rework;
  Rows rows(flow, std::move(task_runs));
  TaskRun* changed = rows.find(task_run);
  if (!changed || !rows.task(*changed)) {
    return fail(ErrorKind::invalid, "task-run-not-found", fmt::format("No task run found on execution '{}' with id '{}'", header.id, task_run));
  }
  if (changed->state.current() != to) changed->state.move_to(to, context.now);
  if (!changed->attempts.empty() && changed->attempts.back().state.current() != to) changed->attempts.back().state.move_to(to, context.now);
  changed->progress = nullptr;
  // Whoever called for the error branch may be well now; what comes after the main course comes again.
  const std::string side = rows.side_branch(*changed);
  if (side.empty()) rework.removed = rows.remove([&](const TaskRun& row) { return !rows.side_branch(row).empty(); });
  changed = rows.find(task_run);
  for (TaskRun* above : rows.ancestors(*changed)) reopen(*above, context.now);
  const bool others_paused = std::ranges::any_of(rows.all(), [](const TaskRun& row) { return row.state.current() == State::paused; });
  if (!others_paused) restarted(header, context.now);
  rebuild_progress(flow, header, rows.all());
  rework.header = std::move(header);
  rework.task_runs = std::move(rows.all());
  return rework;
}

}  // namespace insula::execution
