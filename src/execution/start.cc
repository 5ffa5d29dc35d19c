// From CREATED to whatever runs the task: the rules of a flowable, an inline rule, another execution, a worker.
#include "execution/frontier.h"
#include "execution/inline_task.h"
#include "execution/variables.h"

namespace insula::execution {

namespace {

const Error* error_of(const expression::Interruption& interruption) { return std::get_if<Error>(&interruption); }

bool runs_as(const flow::Task& task, flow::Runs how) { return task.info && task.info->runs == how; }

}  // namespace

void Frontier::start(Node& node) {
  if (node.closed || node.wait != Wait::nothing) return;
  if (node.rendered_at == Instant{}) node.rendered_at = now();
  if (!passes_run_if(node)) return;
  const flow::Task& task = task_of(node);
  switch (task.info ? task.info->runs : flow::Runs::job) {
    case flow::Runs::flowable:
      switch (kind_of(task)) {
        case FlowableKind::pause: return start_pause(node);
        case FlowableKind::working_directory: return start_working_directory(node);
        default: return start_flowable(node);
      }
    case flow::Runs::inline_: return start_inline(node);
    case flow::Runs::subflow: return starts_batches(task) ? start_batches(node) : start_subflow(node);
    case flow::Runs::job: return start_job(node);
  }
}

bool Frontier::passes_run_if(Node& node) {
  const flow::Task& task = task_of(node);
  // Retries keep the first answer; a restart or replay asks again.
  const bool first_attempt = node.row.attempts.empty() || node.row.state.current() == State::restarted;
  if (!task.run_if || !first_attempt) return true;
  const TaskVariables variables(*this, node, task.run_if->source());
  const auto text = task.run_if->render_text(variables, environment_of(*this, node, "runIf"));
  if (!text) {
    const Error* error = error_of(text.error());
    if (!error) {
      park(node, std::get<expression::Needs>(text.error()));
      return false;
    }
    const InlineTask* rule = inline_task(task.type);
    if (runs_as(task, flow::Runs::subflow) || (rule && rule->in_executor)) {
      fail_before_start(node, error->message, false);
      return false;
    }
    log(&node, LogLevel::error, fmt::format("Failed to evaluate the runIf condition for task {}. Cause: {}", task.id, error->message));
    finish(node, State::failed);
    return false;
  }
  if (expression::is_truthy(*text)) return true;
  if (runs_as(task, flow::Runs::flowable)) {  // what it would have decided is told all the same
    if (auto opened = open_flowable(*this, node)) node.row.outputs = std::move(opened->outputs);
  }
  node.row.attempts.push_back({StateHistory(State::created, now()), {}, {}});
  close_attempt(node, State::skipped);
  finish(node, State::skipped);
  return false;
}

void Frontier::open_attempt(Node& node, std::string_view worker) {
  Attempt attempt;
  attempt.state = StateHistory(State::created, now());
  attempt.state.move_to(State::running, now());
  attempt.worker_id = worker;
  node.row.attempts.push_back(std::move(attempt));
  touch(node);
}

void Frontier::close_attempt(Node& node, State state) {
  if (node.row.attempts.empty()) return;
  StateHistory& history = node.row.attempts.back().state;
  // A flowable has one attempt: after a restart it shows the further end, too.
  if (!history.is_terminal() || (node.wait == Wait::children && history.current() != state)) history.move_to(state, now());
}

void Frontier::fail_before_start(Node& node, std::string message, bool task_knows) {
  clear_timers(node);
  if (task_knows) log(&node, LogLevel::error, message);
  log(node.parent, LogLevel::error, std::move(message));  // of the flowable around it, or of the execution
  node.row.attempts.push_back({StateHistory(State::failed, now()), {}, {}});
  finish(node, State::failed);
}

void Frontier::fail_flowable(Node& node, const std::string& message) {
  log(&node, LogLevel::error, "Unable to resolve state from the Flowable task: " + message);
  if (node.row.attempts.empty()) {
    open_attempt(node, {});
    move(node, State::running);
  }
  detach_children(node);
  close_attempt(node, State::failed);
  finish(node, State::failed);
}

expression::Rendered<std::optional<Duration>> Frontier::timeout_of(Node& node) {
  const flow::Task& task = task_of(node);
  if (!task.timeout) return std::optional<Duration>{};
  const TaskVariables variables(*this, node, task.timeout->source());
  const auto text = task.timeout->render_text(variables, environment_of(*this, node, "timeout"));
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return std::optional<Duration>{};
  const std::optional<Duration> timeout = duration_of(*text);
  if (!timeout) return std::unexpected(expression::Interruption(not_a_duration("timeout", *text)));
  return timeout;
}

void Frontier::start_job(Node& node) {
  expression::Needs needs;
  SubmitJob job = job_of(node, needs);
  const auto timeout = timeout_of(node);
  if (!timeout && !error_of(timeout.error())) {
    for (const expression::Lookup& lookup : std::get<expression::Needs>(timeout.error()).lookups) needs.lookups.push_back(lookup);
  }
  if (!needs.lookups.empty()) return park(node, needs);
  const State current = node.row.state.current();
  if (current != State::submitted && current != State::running) move(node, State::submitted);
  if (!timeout) {
    move(node, State::running);
    open_attempt(node, kInlineWorker);
    log(&node, LogLevel::error, error_of(timeout.error())->message);
    return attempt_ended(node, State::failed, {});
  }
  node.wait = Wait::job;
  node.answers.clear();
  job.timeout = *timeout;
  command(std::move(job));
}

SubmitJob Frontier::job_of(Node& node, expression::Needs& needs) {
  SubmitJob job;
  job.variables = job_variables(node, needs);
  job.task_run_id = node.row.id;
  job.task = node.task;
  job.attempt = job_attempt(*this, node);
  job.seed = node.seed;
  const Node* directory = nullptr;
  if (is_working_directory(task_of(node))) {
    job.part = node.progress.folder == Folder::closing ? SubmitJob::Part::close_folder : SubmitJob::Part::open_folder;
    directory = &node;
  } else if (!node.parent->is_root() && !node.detached && is_working_directory(task_of(*node.parent)) && flow->branch_of(node.task).name == "tasks") {
    directory = node.parent;
  }
  if (directory) {
    job.session = directory->row.id;
    job.session_begun = directory->progress.folder_begun;
  }
  return job;
}

void Frontier::start_flowable(Node& node) {
  const auto run = [&] {  // a restart goes on with the attempt it had
    if (node.row.attempts.empty()) open_attempt(node, {});
    if (node.row.state.current() != State::running) move(node, State::running);
  };
  auto opened = open_flowable(*this, node);
  if (!opened) {
    const Error* error = error_of(opened.error());
    if (!error) return park(node, std::get<expression::Needs>(opened.error()));
    log(&node, LogLevel::error, "Unable to resolve state from the Flowable task: " + error->message);
    log(&node, LogLevel::error, "Unable to resolve outputs from the Flowable task: " + error->message);
    run();
    close_attempt(node, State::failed);
    return finish(node, State::failed);
  }
  node.row.outputs = std::move(opened->outputs);
  node.progress.branch = std::move(opened->branch);
  node.progress.key = std::move(opened->key);
  node.answers.clear();
  run();
  if (opened->nothing_matches) {
    log(&node, LogLevel::warn, fmt::format("No task found on flow '{}.{}', task '{}', execution '{}'", header.ns, header.flow_id, task_of(node).id, header.id));
    const State state = converted(node, State::failed);
    close_attempt(node, state);
    return finish(node, state);
  }
  node.wait = Wait::children;
  hold(node);
  enqueue_advance(node);
}

}  // namespace insula::execution
