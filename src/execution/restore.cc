// A run back from its rows.
#include "execution/frontier.h"

namespace insula::execution {

namespace {

// Whether the end of this child counts for its flowable: it stands in the branch of the phase the flowable is in.
bool counts(const flow::Flow& flow, const Node& parent, flow::TaskIndex child) {
  const std::string& branch = flow.branch_of(child).name;
  switch (parent.progress.phase) {
    case Phase::main:
      if (parent.progress.stopped) return false;
      return branch != "errors" && branch != "finally" && branch != "afterExecution" && branch != "onPause";
    case Phase::errors: return branch == "errors";
    case Phase::finally: return branch == "finally";
    default: return branch == "afterExecution";
  }
}

Wait wait_of(const flow::Task& task, const TaskRun& row) {
  const State state = row.state.current();
  if (state == State::retrying) return Wait::retry;
  if (state == State::paused) return kind_of(task) == FlowableKind::until ? Wait::timer : Wait::pause;
  if (state == State::created || state == State::restarted) {
    return Wait::nothing;
  }
  if (is_flowable(task)) {
    const bool decides = task.type.ends_with(".If") || task.type.ends_with(".Switch");
    return decides && row.outputs.empty() ? Wait::nothing : Wait::children;  // restarted after its condition failed: decide again
  }
  switch (task.info ? task.info->runs : flow::Runs::job) {
    case flow::Runs::subflow: return Wait::subflow;
    case flow::Runs::inline_: return task.type.ends_with(".Resume") ? Wait::resume_other : Wait::timer;
    default: return Wait::job;
  }
}

}  // namespace

void Frontier::restore(std::vector<TaskRun> rows) {
  std::ranges::sort(rows, {}, &TaskRun::position);
  past_unknown = header.task_runs > static_cast<std::int64_t>(rows.size());
  for (TaskRun& row : rows) {
    const flow::Task* task = flow->find(row.task_id);
    INSULA_ASSERT(task != nullptr && !row.state.is_terminal());
    Node* parent = row.parent_id ? find(*row.parent_id) : &root;
    const bool detached = !parent || !counts(*flow, *parent, task->index);
    if (detached) parent = &root;   // the flowable does not wait for it, and may be gone first
    Scope* in = parent->scope;
    if (!detached) {
      ++parent->progress.open;
      if (!parent->is_root() && is_loop(task_of(*parent)) && row.iteration) {
        Item& item = open_item(*parent, *row.iteration);
        if (item.scope->path.size() == (parent->scope ? parent->scope->path.size() : 0) && row.value) item.scope->path.push_back(*row.value);
        const auto& tasks = flow->branch_of(task->index).tasks;
        item.cursor = std::max(item.cursor, static_cast<int>(std::ranges::find(tasks, task->index) - tasks.begin()) + 1);
        ++item.open;
        in = item.scope.get();
      }
    }
    const Json progress = row.progress;
    Node& node = make_node(std::move(row), task->index, *parent, detached ? nullptr : in);
    node.detached = detached;
    node.wait = wait_of(*task, node.row);
    if (is_flowable(*task)) node.progress = Progress::from_json(progress);
    else if (starts_batches(*task)) {
      node.batches = progress.is_object() ? Batches::from_json(progress.as_object()) : Batches();
      // Those that are not started yet: their files are named again.
      if (node.wait == Wait::subflow && node.batches->started != node.batches->total) node.wait = Wait::nothing;
    } else if (progress.is_object() && progress.as_object().contains("child")) node.child = ExecutionId(text_or(progress.as_object(), "child"));
    else if (progress.is_object() && progress.as_object().contains("restart")) node.restart_child = ExecutionId(text_or(progress.as_object(), "restart"));
    if (node.progress.folder == Folder::opening || node.progress.folder == Folder::closing) node.wait = Wait::job;
    hold(node);
    const std::string id = node.row.id.str();
    if (node.wait == Wait::retry) node.timers.insert(id + ":retry");
    if (node.wait == Wait::pause && node.progress.forced) node.timers.insert(id + ":pause");
    if (node.wait == Wait::timer) node.timers = is_flowable(*task) ? std::set<std::string>{id + ":again"} : std::set<std::string>{id + ":sleep", id + ":timeout"};
    if (header.state.current() == State::created || header.state.current() == State::restarted) continue;  // Begin starts them
    if (node.wait == Wait::nothing) enqueue_start(node);
    if (node.wait == Wait::children) enqueue_advance(node);
  }
  const State current = header.state.current();
  if (current != State::created && current != State::restarted && current != State::queued && header.task_runs > 0) enqueue_advance(root);
}

}  // namespace insula::execution
