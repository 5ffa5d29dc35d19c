// Parallel and Dag.
#include "execution/frontier.h"

namespace insula::execution {

namespace {

bool has(const std::vector<int>& positions, int position) { return std::ranges::find(positions, position) != positions.end(); }

}  // namespace

bool Frontier::make_parallel(Node& node, const flow::Branch& branch) {
  const std::optional<int> limit = integer_property(node, "concurrent", 0);
  if (!limit) return false;
  Progress& progress = node.progress;
  const int size = static_cast<int>(branch.tasks.size());
  while (progress.cursor < size) {
    const flow::TaskIndex next = branch.tasks[static_cast<std::size_t>(progress.cursor)];
    if (flow->task(next).disabled) {
      ++progress.cursor;
      continue;
    }
    if (*limit > 0 && progress.open >= *limit) return false;
    if (out_of_budget()) {
      enqueue_advance(node);
      return false;
    }
    ++progress.cursor;
    make_child(node, next, *node.scope, std::nullopt, std::nullopt);
  }
  return true;
}

bool Frontier::make_dag(Node& node, const flow::Branch& branch) {
  const std::optional<int> limit = integer_property(node, "concurrent", 0);
  if (!limit) return false;
  Progress& progress = node.progress;
  const auto is_done = [&](flow::TaskIndex task) {
    const int position = static_cast<int>(std::ranges::find(branch.tasks, task) - branch.tasks.begin());
    return flow->task(task).disabled || has(progress.done, position);
  };
  bool all_made = true;
  for (int i = 0; i < static_cast<int>(branch.tasks.size()); ++i) {
    const flow::Task& task = flow->task(branch.tasks[static_cast<std::size_t>(i)]);
    if (task.disabled || has(progress.started, i)) continue;
    all_made = false;
    if (*limit > 0 && progress.open >= *limit) continue;
    if (!std::ranges::all_of(task.depends_on, is_done)) continue;
    if (out_of_budget()) {
      enqueue_advance(node);
      return false;
    }
    progress.started.push_back(i);
    make_child(node, task.index, *node.scope, std::nullopt, std::nullopt);
  }
  // A child whose dependencies can never end (a cycle was refused on saving) must not keep the flowable open.
  return all_made || (progress.open == 0 && std::ssize(progress.started) == std::ssize(progress.done));
}

}  // namespace insula::execution
