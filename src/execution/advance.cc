// Flowables and the execution itself: which children may start, when a phase is over, what comes next.
#include "execution/frontier.h"

namespace insula::execution {

void Frontier::advance(Node& node) {
  if (node.closed || node.wait != Wait::children) return;
  for (;;) {
    Progress& progress = node.progress;
    switch (progress.phase) {
      case Phase::main:
        if (!progress.stopped) {
          if (!may_start()) return;
          const bool all_made = make_main_children(node);
          if (node.closed || node.wait != Wait::children || !all_made || progress.open > 0) return;
        } else {
          detach_children(node);
        }
        if (close_folder(node)) return;
        leave_main(node);
        break;
      case Phase::errors:
      case Phase::finally:
        if (progress.open > 0 || !may_start()) return;
        // A failure in these branches stops nothing and changes nothing.
        if (!make_next_of(node, branch_of_phase(node))) return;
        if (progress.phase == Phase::errors) go_to(node, Phase::finally);
        else if (node.is_root()) go_to(node, Phase::ending);
        else return close_flowable(node);
        break;
      case Phase::ending:
        // Task runs whose flowable failed before them are waited for, so that no result is lost.
        if (!nodes.empty()) return;
        end_execution();
        if (node.progress.phase == Phase::ending) return;
        break;
      case Phase::after:
        if (progress.open > 0) return;
        if (!make_next_of(node, branch_of_phase(node))) return;
        go_to(node, Phase::done);
        return;
      case Phase::done:
        return;
    }
  }
}

bool Frontier::make_main_children(Node& node) {
  const flow::Branch* branch = branch_of_phase(node);
  if (!branch) {
    // A Switch without a matching case, run again by a replay.
    if (!node.is_root() && task_of(node).type.ends_with(".Switch")) node.progress.seen.add(State::failed);
    return true;
  }
  switch (node.is_root() ? FlowableKind::sequence : kind_of(task_of(node))) {
    case FlowableKind::parallel: return make_parallel(node, *branch);
    case FlowableKind::dag: return make_dag(node, *branch);
    case FlowableKind::loop: return make_iterations(node, *branch);
    case FlowableKind::each_parallel: return make_each_parallel(node, *branch);
    case FlowableKind::until: return make_until(node, *branch);
    case FlowableKind::sequence:
    case FlowableKind::working_directory:
    case FlowableKind::pause: return node.progress.open == 0 && make_next_of(node, branch);
  }
  return true;
}

bool Frontier::make_next_of(Node& node, const flow::Branch* branch, std::optional<int> iteration) {
  if (!branch) return true;
  int& cursor = node.progress.cursor;
  while (cursor < static_cast<int>(branch->tasks.size())) {
    const flow::TaskIndex next = branch->tasks[static_cast<std::size_t>(cursor)];
    if (flow->task(next).disabled) {
      ++cursor;
      continue;
    }
    if (out_of_budget()) {
      enqueue_advance(node);
      return false;
    }
    ++cursor;
    make_child(node, next, *node.scope, std::nullopt, iteration);
    return false;
  }
  return true;
}

const flow::Branch* Frontier::branch_of_phase(const Node& node) const {
  const Phase phase = node.progress.phase;
  if (node.is_root()) {
    switch (phase) {
      case Phase::main: return &flow->main;
      case Phase::errors: return &flow->errors;
      case Phase::finally: return &flow->finally;
      case Phase::after: return &flow->after_execution;
      default: return nullptr;
    }
  }
  const flow::Task& task = task_of(node);
  switch (phase) {
    case Phase::main: return task.branch(node.progress.branch, node.progress.key);
    case Phase::errors: return task.branch("errors");
    case Phase::finally: return task.branch("finally");
    default: return nullptr;
  }
}

Node& Frontier::make_child(Node& parent, flow::TaskIndex task, Scope& in, std::optional<std::string> value, std::optional<int> iteration) {
  TaskRun row;
  row.id = context->ids.next_as<TaskRunId>(now());
  row.task_id = flow->task(task).id;
  if (!parent.is_root()) row.parent_id = parent.row.id;
  row.value = std::move(value);
  row.iteration = iteration;
  row.position = header.task_runs++;
  row.state = StateHistory(State::created, now());
  row.force_execution = root.progress.phase == Phase::after;
  touch_header();
  const State current = header.state.current();
  if (current == State::created || current == State::queued || current == State::restarted) move_execution(State::running);
  ++rows_made;
  ++parent.progress.open;
  touch(parent);
  Node& node = make_node(std::move(row), task, parent, &in);
  touch(node);
  enqueue_start(node);
  return node;
}

namespace {

// The same for the same task run, in memory or restored: what uuid() and the like give does not depend on when a run was reloaded.
std::uint64_t seed_of(const TaskRunId& id) {
  std::uint64_t hash = 1469598103934665603ull;
  for (const char c : id.str()) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return hash;
}

}  // namespace

Node& Frontier::make_node(TaskRun row, flow::TaskIndex task, Node& parent, Scope* in) {
  auto made = std::make_unique<Node>();
  Node& node = *made;
  node.row = std::move(row);
  node.task = task;
  node.parent = &parent;
  node.scope = in;
  node.seed = seed_of(node.row.id) + node.row.attempts.size();
  positions.emplace(node.row.id, node.row.position);
  nodes.emplace(node.row.position, std::move(made));
  hold(node);
  return node;
}

void Frontier::child_ended(Node& parent, const Node& child) {
  if (child.detached) {
    if (nodes.empty()) enqueue_advance(root);
    return;
  }
  Progress& progress = parent.progress;
  --progress.open;
  touch(parent);
  enqueue_advance(parent);
  const bool loop = !parent.is_root() && is_loop(task_of(parent));
  if (loop && child.row.iteration) {
    const auto item = progress.items.find(*child.row.iteration);
    if (item != progress.items.end() && --item->second.open == 0) progress.idle_items.insert(item->first);
  }
  if (progress.phase != Phase::main) return;
  const State state = child.row.state.current();
  progress.seen.add(state);
  if (state == State::failed || state == State::killed || state == State::retried) progress.stopped = true;
  if (parent.is_root() || kind_of(task_of(parent)) != FlowableKind::dag) return;
  const auto& tasks = branch_of_phase(parent)->tasks;
  progress.done.push_back(static_cast<int>(std::ranges::find(tasks, child.task) - tasks.begin()));
}

void Frontier::go_to(Node& node, Phase phase) {
  node.progress.phase = phase;
  node.progress.cursor = 0;
  node.progress.open = 0;
  touch(node);
}

void Frontier::leave_main(Node& node) {
  for (auto& [index, item] : node.progress.items) {
    if (item.scope) for (const auto& [task, held] : item.scope->held) left_memory.insert(task);
  }
  node.progress.items.clear();
  node.progress.idle_items.clear();
  node.progress.done.clear();
  node.progress.started.clear();
  const Seen& seen = node.progress.seen;
  if (seen.retried) {  // another execution takes over: no error branch, no finally
    if (node.is_root()) return go_to(node, Phase::ending);
    return close_flowable(node);
  }
  go_to(node, seen.failed && !seen.killed ? Phase::errors : Phase::finally);
}

void Frontier::detach_children(Node& node) {
  if (node.progress.open == 0) return;
  std::vector<Node*> children;
  for (const auto& [position, other] : nodes) {
    if (other->parent == &node && !other->detached) children.push_back(other.get());
  }
  std::ranges::reverse(children);
  for (Node* child : children) {
    child->detached = true;
    const bool waiting_loop = child->wait == Wait::timer && is_flowable(task_of(*child));
    switch (waiting_loop ? Wait::nothing : child->wait) {
      case Wait::job: case Wait::timer: case Wait::subflow: case Wait::resume_other:
        child->parent = &root;
        child->scope = nullptr;
        break;
      case Wait::children:
        detach_children(*child);
        close_attempt(*child, State::failed);
        finish(*child, State::failed);
        break;
      default: stop(*child, State::failed);
    }
  }
  node.progress.open = 0;
}

void Frontier::close_flowable(Node& node) {
  State state = node.progress.forced.value_or(node.progress.seen.worst());
  if (state == State::failed && task_of(node).type.ends_with(".AllowFailure")) state = State::warning;
  state = converted(node, state);
  close_attempt(node, state);
  finish(node, state);
}

}  // namespace insula::execution
