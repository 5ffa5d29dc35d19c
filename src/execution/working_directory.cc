// WorkingDirectory: a sequence whose children share one folder on the worker. Rules only say when the folder is filled, used, emptied and dropped; the worker
// knows where it is. Without files to put in or take out there is nothing to hand out: the first child that needs the folder makes it.
#include "execution/frontier.h"

namespace insula::execution {

namespace {

bool any_property(const flow::Task& task, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view name) {
    const expression::Property* property = task.property(name);
    return property && !property->source().is_null();
  });
}

}  // namespace

void Frontier::start_working_directory(Node& node) {
  if (node.progress.folder != Folder::in_use && any_property(task_of(node), {"inputFiles", "namespaceFiles", "cache"})) return hand_out_folder_job(node, Folder::opening);
  node.progress.folder = Folder::in_use;
  start_flowable(node);
}

bool Frontier::close_folder(Node& node) {
  if (node.is_root() || node.progress.folder != Folder::in_use) return false;
  if (!any_property(task_of(node), {"outputFiles", "cache"})) {
    node.progress.folder = Folder::done;
    return false;
  }
  hand_out_folder_job(node, Folder::closing);
  return true;
}

void Frontier::hand_out_folder_job(Node& node, Folder folder) {
  const Folder before = std::exchange(node.progress.folder, folder);
  expression::Needs needs;
  SubmitJob job = job_of(node, needs);
  if (!needs.lookups.empty()) {
    node.progress.folder = before;
    return park(node, needs);
  }
  node.wait = Wait::job;
  node.answers.clear();
  touch(node);
  command(std::move(job));
}

void Frontier::folder_job_ended(Node& node, const JobEnded& event) {
  node.progress.folder_begun = true;
  if (node.progress.folder == Folder::opening) {
    node.progress.folder = Folder::in_use;
    // 1.3 shows no attempt of a directory that could not be filled.
    if (event.state != State::success) return finish(node, converted(node, event.state));
    node.wait = Wait::nothing;
    return start_flowable(node);
  }
  node.progress.folder = Folder::done;
  node.row.outputs = event.outputs;
  if (event.state != State::success) node.progress.seen.add(event.state);
  node.wait = Wait::children;
  hold(node);
  touch(node);
  enqueue_advance(node);
}

}  // namespace insula::execution
