#include "execution/rework.h"

namespace insula::execution {

Rows::Rows(const flow::Flow& flow, std::vector<TaskRun> rows) : flow_(flow), rows_(std::move(rows)) {
  std::ranges::sort(rows_, {}, &TaskRun::position);
  index();
}

void Rows::index() {
  by_id_.clear();
  for (std::size_t i = 0; i < rows_.size(); ++i) by_id_.emplace(rows_[i].id, i);
}

TaskRun* Rows::find(const TaskRunId& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &rows_[found->second];
}

bool Rows::flowable(const TaskRun& row) const {
  const flow::Task* found = task(row);
  return found && is_flowable(*found);
}

std::vector<TaskRun*> Rows::ancestors(const TaskRun& row) {
  std::vector<TaskRun*> found;
  for (std::optional<TaskRunId> parent = row.parent_id; parent;) {
    TaskRun* at = find(*parent);
    if (!at) break;
    found.push_back(at);
    parent = at->parent_id;
  }
  return found;
}

std::string Rows::side_branch(const TaskRun& row) const {
  const flow::Task* at = task(row);
  while (at) {
    const std::string& branch = flow_.branch_of(at->index).name;
    if (branch == "errors" || branch == "finally" || branch == "afterExecution" || branch == "onPause") return branch;
    at = at->parent == flow::kNoTask ? nullptr : &flow_.task(at->parent);
  }
  return {};
}

std::vector<TaskRunId> Rows::remove(const std::function<bool(const TaskRun&)>& doomed) {
  std::vector<TaskRunId> removed;
  std::unordered_set<TaskRunId> gone;
  for (const TaskRun& row : rows_) {  // parents come before their children
    if (!doomed(row) && !(row.parent_id && gone.contains(*row.parent_id))) continue;
    gone.insert(row.id);
    removed.push_back(row.id);
  }
  std::erase_if(rows_, [&](const TaskRun& row) { return gone.contains(row.id); });
  index();
  return removed;
}

namespace {

using Children = std::vector<const TaskRun*>;

const flow::Branch* main_branch(const flow::Flow& flow, const TaskRun* row, Progress& progress) {
  if (!row) return &flow.main;
  const flow::Task* task = flow.find(row->task_id);
  if (task->type.ends_with(".If")) {
    const Json* result = insula::find(row->outputs, "evaluationResult");
    progress.branch = result && result->is_bool() && result->as_bool() ? "then" : "else";
  } else if (task->type.ends_with(".Switch")) {
    const Json* defaults = insula::find(row->outputs, "defaults");
    progress.branch = defaults && defaults->is_bool() && defaults->as_bool() ? "defaults" : "cases";
    if (progress.branch == "cases") progress.key = text_or(row->outputs, "value");
  } else if (kind_of(*task) == FlowableKind::pause) {
    progress.resumed = true;
  }
  return task->branch(progress.branch, progress.key);
}

int place_in(const flow::Flow& flow, const flow::Branch& branch, const TaskRun& row) {
  const flow::Task* task = flow.find(row.task_id);
  const auto at = task ? std::ranges::find(branch.tasks, task->index) : branch.tasks.end();
  return at == branch.tasks.end() ? -1 : static_cast<int>(at - branch.tasks.begin());
}

Phase phase_of(const flow::Flow& flow, const TaskRun& row) {
  const flow::Task* task = flow.find(row.task_id);
  const std::string& branch = task ? flow.branch_of(task->index).name : std::string();
  return branch == "errors" ? Phase::errors : branch == "finally" ? Phase::finally : Phase::main;
}

void rebuild_loop(const flow::Flow& flow, const flow::Branch& branch, bool all_at_once, const Children& children, Progress& progress) {
  struct Seen { int cursor = 0; bool open = false; };
  std::map<int, Seen> iterations;
  int last = -1;
  for (const TaskRun* child : children) {
    const int place = place_in(flow, branch, *child);
    if (place < 0 || !child->iteration) continue;
    Seen& seen = iterations[*child->iteration];
    seen.cursor = std::max(seen.cursor, place + 1);
    seen.open = seen.open || !child->state.is_terminal();
    last = std::max(last, *child->iteration * static_cast<int>(branch.tasks.size()) + place);
  }
  if (all_at_once) {
    progress.cursor = last + 1;
    return;
  }
  if (!iterations.empty()) progress.cursor = iterations.rbegin()->first + 1;
  for (const auto& [index, seen] : iterations) {
    if (seen.open || seen.cursor >= static_cast<int>(branch.tasks.size())) continue;
    progress.items[index].cursor = seen.cursor;
    progress.idle_items.insert(index);
  }
}

Progress rebuilt(const flow::Flow& flow, const TaskRun* row, const Children& children) {
  Progress progress;
  const flow::Branch* branch = main_branch(flow, row, progress);
  if (!branch) return progress;
  const FlowableKind kind = row ? kind_of(*flow.find(row->task_id)) : FlowableKind::sequence;
  const TaskRun* open_aside = nullptr;  // what goes on stands in a side branch
  bool any_open = false;
  for (const TaskRun* child : children) {
    const int place = place_in(flow, *branch, *child);
    if (place < 0) {
      if (!child->state.is_terminal() && phase_of(flow, *child) != Phase::main) open_aside = child;
      continue;
    }
    if (kind == FlowableKind::until && child->state.is_terminal()) progress.round_rows.push_back(child->id);
    const State state = child->state.current();
    if (child->state.is_terminal()) progress.seen.add(state);
    if (state == State::failed || state == State::killed) progress.stopped = true;
    if (!child->state.is_terminal()) any_open = true;
    if (kind == FlowableKind::dag) {
      progress.started.push_back(place);
      if (child->state.is_terminal()) progress.done.push_back(place);
    } else if (kind == FlowableKind::sequence || kind == FlowableKind::parallel || kind == FlowableKind::until || kind == FlowableKind::pause || kind == FlowableKind::working_directory) {
      progress.cursor = std::max(progress.cursor, place + 1);
    }
  }
  if (kind == FlowableKind::loop || kind == FlowableKind::each_parallel) {
    rebuild_loop(flow, *branch, kind == FlowableKind::each_parallel, children, progress);
  }
  if (any_open) progress.stopped = false;   // what is tried again counts, beside what has failed and stays so
  if (open_aside) {
    progress.phase = phase_of(flow, *open_aside);
    progress.cursor = place_in(flow, flow.branch_of(flow.find(open_aside->task_id)->index), *open_aside) + 1;
    progress.items.clear();
    progress.idle_items.clear();
  }
  return progress;
}

}  // namespace

void rebuild_progress(const flow::Flow& flow, Header& header, std::vector<TaskRun>& rows) {
  std::unordered_map<TaskRunId, Children> children;
  Children top;
  for (const TaskRun& row : rows) {
    if (row.parent_id) children[*row.parent_id].push_back(&row);
    else top.push_back(&row);
  }
  header.progress = rebuilt(flow, nullptr, top).to_json();
  for (TaskRun& row : rows) {
    const flow::Task* task = flow.find(row.task_id);
    if (!task || !is_flowable(*task) || row.state.current() != State::running) continue;
    row.progress = rebuilt(flow, &row, children[row.id]).to_json();
  }
  header.task_runs = 0;
  for (TaskRun& row : rows) header.task_runs = std::max(header.task_runs, row.position + 1);
}

void reopen(TaskRun& row, Instant now) {
  if (row.state.current() != State::running) row.state.move_to(State::running, now);
}

void restarted(Header& header, Instant now) {
  header.state.move_to(State::restarted, now);
  ++header.attempt_number;
  header.outputs.clear();
  header.progress = nullptr;
}

void set_label(Header& header, std::string key, std::string value) {
  const auto known = std::ranges::find(header.labels, key, &Label::key);
  if (known != header.labels.end()) known->value = std::move(value);
  else header.labels.push_back({std::move(key), std::move(value)});
}

void renew_ids(Header& header, std::vector<TaskRun>& rows, ExecutionId as, StepContext& context) {
  header.parent_id = header.id;
  header.id = std::move(as);
  header.parent_link.reset();
  std::unordered_map<TaskRunId, TaskRunId> renewed;
  std::int64_t position = 0;
  for (TaskRun& row : rows) {
    const TaskRunId id = context.ids.next_as<TaskRunId>(context.now);
    renewed.emplace(row.id, id);
    row.id = id;
    row.position = position++;
    if (!row.parent_id) continue;
    const auto parent = renewed.find(*row.parent_id);
    if (parent == renewed.end()) row.parent_id.reset();
    else row.parent_id = parent->second;
  }
}

Error nothing_to_restart() { return {ErrorKind::invalid, "nothing-to-restart", "No task found to restart execution from!", {}, {}}; }

}  // namespace insula::execution
