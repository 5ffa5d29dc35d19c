// Events from outside that concern one task run.
#include "execution/frontier.h"

namespace insula::execution {

namespace {

Error stale(const TaskRunId& id) { return {ErrorKind::conflict, "attempt-stale", fmt::format("Task run {} does not wait for this attempt", id), {}, {}}; }

}  // namespace

void Frontier::begin() {
  const State current = header.state.current();
  if (current != State::created && current != State::queued && current != State::restarted) {
    return refuse({ErrorKind::conflict, "execution-not-created", fmt::format("Execution '{}' is {} and cannot begin", header.id, to_string(current)), {}, {}});
  }
  if (current == State::queued || current == State::restarted) move_execution(State::running);
  for (const auto& [position, node] : nodes) {
    if (node->wait == Wait::nothing) enqueue_start(*node);
    if (node->wait == Wait::children) enqueue_advance(*node);
  }
  enqueue_advance(root);
}

void Frontier::job_started(const JobStarted& event) {
  Node* node = find(event.task_run_id);
  if (!node || node->wait != Wait::job || job_attempt(*this, *node) != event.attempt) return refuse(stale(event.task_run_id));
  if (is_working_directory(task_of(*node))) return;
  if (node->row.state.current() == State::running) {  // handed out a second time after a crash
    node->row.attempts.back().worker_id = event.worker_id;
    return touch(*node);
  }
  open_attempt(*node, event.worker_id);
  move(*node, State::running);
  hold(*node);
}

void Frontier::job_ended(const JobEnded& event) {
  Node* node = find(event.task_run_id);
  if (!node || node->wait != Wait::job || job_attempt(*this, *node) != event.attempt) return refuse(stale(event.task_run_id));
  if (is_working_directory(task_of(*node))) return folder_job_ended(*node, event);
  if (!node->parent->is_root() && is_working_directory(task_of(*node->parent))) {
    node->parent->progress.folder_begun = true;
    touch(*node->parent);
  }
  if (node->row.state.current() != State::running) {
    const Instant started = event.started.value_or(now());
    open_attempt(*node, event.worker_id.empty() ? std::string_view("worker") : std::string_view(event.worker_id));
    node->row.attempts.back().state = StateHistory({{State::created, started}, {State::running, started}});
    node->row.state.move_to(State::running, started);
  }
  if (!event.worker_id.empty()) node->row.attempts.back().worker_id = event.worker_id;
  if (!event.log_file.empty()) node->row.attempts.back().log_file = event.log_file;
  if (!event.labels.empty()) add_labels(event.labels);
  attempt_ended(*node, event.state, event.outputs);
}

void Frontier::answered(const Answered& event) {
  Node* node = event.task_run_id.empty() ? &root : find(event.task_run_id);
  if (!node || node->wait != Wait::needs) return;  // killed in the meantime
  node->answers.insert(node->answers.end(), event.answers.begin(), event.answers.end());
  for (const Answered::One& one : event.answers) std::erase(node->outstanding, one.lookup);
  if (!node->outstanding.empty()) return;  // the others are on their way
  go_on_with(*node);
}

void Frontier::go_on_with(Node& node) {
  // A job of a folder that was not handed out after all.
  if (node.progress.folder == Folder::opening) node.progress.folder = Folder::none;
  if (node.progress.folder == Folder::closing) node.progress.folder = Folder::in_use;
  const bool open_flowable = node.is_root() || (node.row.state.current() == State::running && is_flowable(task_of(node)));
  node.wait = open_flowable ? Wait::children : Wait::nothing;
  if (open_flowable) enqueue_advance(node);
  else enqueue_start(node);
}

void Frontier::add_labels(const std::vector<Label>& labels) {
  for (const Label& label : labels) {
    const auto known = std::ranges::find(header.labels, label.key, &Label::key);
    if (known == header.labels.end()) header.labels.push_back(label);
    else known->value = label.value;
  }
  touch_shown_header();
}

}  // namespace insula::execution
