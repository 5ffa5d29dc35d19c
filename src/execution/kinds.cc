// Which rules a task follows.
#include "execution/frontier.h"

namespace insula::execution {

FlowableKind kind_of(const flow::Task& task) {
  static const std::map<std::string_view, FlowableKind> kKinds{
      {"Parallel", FlowableKind::parallel}, {"Dag", FlowableKind::dag}, {"ForEach", FlowableKind::loop}, {"EachSequential", FlowableKind::loop},
      {"EachParallel", FlowableKind::each_parallel}, {"LoopUntil", FlowableKind::until}, {"Pause", FlowableKind::pause},
  };
  const std::string_view type = task.type;
  const auto found = kKinds.find(type.substr(type.rfind('.') + 1));
  return found == kKinds.end() ? FlowableKind::sequence : found->second;
}

bool is_flowable(const flow::Task& task) { return task.info && task.info->runs == flow::Runs::flowable; }

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
