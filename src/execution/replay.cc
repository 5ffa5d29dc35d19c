// Replay: a new execution, from the start or from one task run (sharp edge 44).
#include "execution/rework.h"

namespace insula::execution {

namespace {

bool iterates_in_order(const flow::Task& loop) {
  if (kind_of(loop) != FlowableKind::loop) return false;
  const expression::Property* limit = loop.property("concurrencyLimit");
  return !limit || !limit->source().is_int64() || limit->source().as_int64() == 1;
}

// Whether `row`, a child of `parent` (null: the execution), comes after `from`, another child of it.
bool comes_after(const flow::Flow& flow, const flow::Task* parent, const TaskRun& row, const TaskRun& from) {
  const flow::Task* task = flow.find(row.task_id);
  const flow::Task* start = flow.find(from.task_id);
  if (!task || !start) return true;
  const FlowableKind kind = parent ? kind_of(*parent) : FlowableKind::sequence;
  switch (kind) {
    case FlowableKind::parallel: case FlowableKind::each_parallel: return false;
    case FlowableKind::dag: {
      std::vector<flow::TaskIndex> reached{start->index};
      for (std::size_t i = 0; i < reached.size(); ++i) {
        for (const flow::TaskIndex other : flow.branch_of(start->index).tasks) {
          const auto& on = flow.task(other).depends_on;
          if (std::ranges::find(on, reached[i]) != on.end() && std::ranges::find(reached, other) == reached.end()) reached.push_back(other);
        }
      }
      return task->index != start->index && std::ranges::find(reached, task->index) != reached.end();
    }
    case FlowableKind::loop:
      // Of later iterations 1.3 keeps the tasks that stand before the chosen one.
      if (row.iteration != from.iteration) return iterates_in_order(*parent) && row.iteration.value_or(0) > from.iteration.value_or(0) && task->index >= start->index;
      [[fallthrough]];
    default: return task->index > start->index;
  }
}

// Branches of one flowable run in this order.
int rank_of(const flow::Flow& flow, const TaskRun& row) {
  const flow::Task* task = flow.find(row.task_id);
  const std::string& branch = task ? flow.branch_of(task->index).name : std::string();
  return branch == "errors" ? 1 : branch == "finally" ? 2 : branch == "afterExecution" ? 3 : 0;
}

// Whether the new execution runs `row` again, because it comes after `on_path`, another child of the same flowable.
bool runs_again(const flow::Flow& flow, const flow::Task* parent, const TaskRun& row, const TaskRun& on_path, bool is_chosen) {
  const int rank = rank_of(flow, row), chosen = rank_of(flow, on_path);
  // For a task run inside of a flowable 1.3 keeps the rows of the flow's error branch.
  if (rank != chosen) return rank > chosen && (parent || is_chosen || rank != 1);
  if (rank == 0) return comes_after(flow, parent, row, on_path);
  const flow::Task* task = flow.find(row.task_id);
  return !task || task->index > flow.find(on_path.task_id)->index;
}

Rework from_start(const flow::Flow& flow, const Header& header, ExecutionId as, StepContext& context) {
  Rework rework;
  rework.header = header;
  Header& fresh = rework.header;
  fresh.parent_id = header.id;
  fresh.id = std::move(as);
  fresh.parent_link.reset();
  fresh.state = StateHistory(State::created, context.now);
  fresh.outputs.clear();
  fresh.variables = flow.variables;
  fresh.progress = nullptr;
  fresh.task_runs = 0;
  fresh.schedule_date.reset();
  ++fresh.attempt_number;
  if (flow.revision != 0) fresh.flow_revision = flow.revision;
  set_label(fresh, "system.replay", "true");
  return rework;
}

Rework copied(const flow::Flow& flow, const Header& header, Rows rows, ExecutionId as, StepContext& context) {
  Rework rework;
  rework.header = header;
  restarted(rework.header, context.now);
  set_label(rework.header, "system.replay", "true");
  if (flow.revision != 0) rework.header.flow_revision = flow.revision;
  renew_ids(rework.header, rows.all(), std::move(as), context);
  rebuild_progress(flow, rework.header, rows.all());
  rework.task_runs = std::move(rows.all());
  return rework;
}

Rework after_the_end(const flow::Flow& flow, const Header& header, Rows rows, ExecutionId as, StepContext& context) {
  rows.remove([&](const TaskRun& row) { return !rows.task(row) || !row.state.is_terminal() || rows.side_branch(row) == "afterExecution"; });
  Rework rework = copied(flow, header, std::move(rows), std::move(as), context);
  Progress progress = Progress::from_json(rework.header.progress);
  progress.phase = Phase::ending;
  rework.header.progress = progress.to_json();
  return rework;
}

}  // namespace

Result<Rework> replay(const flow::Flow& flow, const Header& header, const std::vector<TaskRun>& task_runs, const TaskRunId& chosen, ExecutionId as, StepContext& context) {
  if (chosen.empty()) return from_start(flow, header, std::move(as), context);
  Rows rows(flow, task_runs);
  // A WorkingDirectory runs again as a whole: its folder is gone.
  TaskRunId from = chosen;
  if (const TaskRun* row = rows.find(chosen); row && row->parent_id) {
    const TaskRun* above = rows.find(*row->parent_id);
    if (above && rows.task(*above) && is_working_directory(*rows.task(*above))) from = above->id;
  }
  const TaskRun* found = rows.find(from);
  if (!found || !rows.task(*found) || rows.side_branch(*found) == "onPause") return std::unexpected(nothing_to_restart());
  // What comes after the execution has no place to begin from but the end of the execution: all of it runs again.
  if (rows.side_branch(*found) == "afterExecution") return after_the_end(flow, header, std::move(rows), std::move(as), context);
  std::vector<TaskRun> path{*found};
  for (const TaskRun* above : rows.ancestors(*found)) path.push_back(*above);
  rows.remove([&](const TaskRun& row) {
    if (row.parent_id == from) return true;
    if (!rows.task(row)) return true;
    return std::ranges::any_of(path, [&](const TaskRun& on_path) {
      if (row.id == on_path.id || row.parent_id != on_path.parent_id) return false;
      const TaskRun* parent = row.parent_id ? rows.find(*row.parent_id) : nullptr;
      return runs_again(flow, parent ? rows.task(*parent) : nullptr, row, on_path, on_path.id == from);
    });
  });
  for (const TaskRun& above : path) {
    TaskRun& row = *rows.find(above.id);
    if (row.id != from || (rows.flowable(row) && kind_of(*rows.task(row)) != FlowableKind::pause && !is_working_directory(*rows.task(row)))) {
      reopen(row, context.now);
    } else {
      row.state.move_to(State::restarted, context.now);
      row.outputs.clear();
    }
  }
  // What had not ended in the original is not taken along.
  rows.remove([&](const TaskRun& row) {
    return !row.state.is_terminal() && std::ranges::none_of(path, [&](const TaskRun& kept) { return kept.id == row.id; });
  });
  return copied(flow, header, std::move(rows), std::move(as), context);
}

}  // namespace insula::execution
