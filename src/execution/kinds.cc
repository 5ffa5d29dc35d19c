// Which rules a task follows.
#include "execution/frontier.h"
#include "execution/types.h"

namespace insula::execution {

FlowableKind kind_of(const flow::Task& task) {
  static const std::map<std::string_view, FlowableKind> kKinds{
      {"Parallel", FlowableKind::parallel}, {"Dag", FlowableKind::dag}, {"ForEach", FlowableKind::loop}, {"EachSequential", FlowableKind::loop},
      {"EachParallel", FlowableKind::each_parallel}, {"LoopUntil", FlowableKind::until}, {"Pause", FlowableKind::pause}, {"WorkingDirectory", FlowableKind::working_directory},
  };
  const std::string_view type = task.type;
  const auto found = kKinds.find(type.substr(type.rfind('.') + 1));
  return found == kKinds.end() ? FlowableKind::sequence : found->second;
}

bool is_flowable(const flow::Task& task) { return task.info && task.info->runs == flow::Runs::flowable; }

bool is_working_directory(const flow::Task& task) { return is_flowable(task) && kind_of(task) == FlowableKind::working_directory; }

bool starts_batches(const flow::Task& task) { return task.type == kForEachItemExecutable; }

int job_attempt(const Frontier& frontier, const Node& node) {
  if (is_working_directory(frontier.task_of(node))) return node.progress.folder == Folder::closing ? 1 : 0;
  const bool open = !node.row.attempts.empty() && !node.row.attempts.back().state.is_terminal();
  return static_cast<int>(node.row.attempts.size()) - (open ? 1 : 0);
}

bool is_loop(const flow::Task& task) {
  if (!is_flowable(task)) return false;
  const FlowableKind kind = kind_of(task);
  return kind == FlowableKind::loop || kind == FlowableKind::each_parallel;
}

flow::TaskIndex innermost_loop(const flow::Flow& flow, flow::TaskIndex task) {
  // The tasks of a loop's own `errors` and `finally` are outside of its iterations.
  for (flow::TaskIndex at = task; at != flow::kNoTask; at = flow.task(at).parent) {
    const flow::TaskIndex parent = flow.task(at).parent;
    if (parent != flow::kNoTask && is_loop(flow.task(parent)) && flow.branch_of(at).name == "tasks") return parent;
  }
  return flow::kNoTask;
}

}  // namespace insula::execution
