// Retries: features.md §3.6. The task's own, else that of the nearest flowable around it, else the flow's.
#include "execution/frontier.h"

namespace insula::execution {

namespace {

// How long to wait before the next attempt, when `attempts` have ended.
Duration delay_of(const flow::Retry& retry, int attempts, IdGenerator& ids) {
  switch (retry.type) {
    case flow::Retry::Type::constant: return retry.interval;
    case flow::Retry::Type::exponential: {
      // Sharp edge 38: linear in the number of attempts, the factor cut to a whole number, the first wait zero.
      const auto factor = static_cast<std::int64_t>(retry.delay_factor);
      const Duration delay = retry.interval * factor * (attempts - 1);
      return retry.max_interval > Duration{0} ? std::min(delay, retry.max_interval) : delay;
    }
    case flow::Retry::Type::random: {
      const auto span = std::max<std::int64_t>(0, (retry.max_interval - retry.min_interval).count());
      return retry.min_interval + Duration{static_cast<std::int64_t>(ids.random() % static_cast<std::uint64_t>(span + 1))};
    }
  }
  return retry.interval;
}

struct Found { const flow::Retry* retry = nullptr; bool of_flow = false; };

Found retry_of(const flow::Flow& flow, const flow::Task& task) {
  if (task.retry) return {&*task.retry};
  if (task.allow_failure) return {};  // what it may do anyway is not tried again for the sake of those around it
  for (flow::TaskIndex at = task.parent; at != flow::kNoTask; at = flow.task(at).parent) {
    if (flow.task(at).retry) return {&*flow.task(at).retry};
  }
  if (flow.retry) return {&*flow.retry, true};
  return {};
}

// As 1.3 shows it; `hidden`: the flow has a retry and an error branch.
std::optional<State> state_before_retry(const Progress& progress, bool hidden) {
  switch (progress.phase) {
    case Phase::main: return hidden ? std::nullopt : std::optional(State::failed);
    case Phase::errors: return hidden ? State::success : State::failed;
    default: return progress.seen.worst();
  }
}

}  // namespace

bool Frontier::retry_later(Node& node) {
  if (node.detached || header.state.current() == State::killing || header.state.is_terminal()) return false;  // afterExecution: nothing is tried again
  const auto [retry, of_flow] = retry_of(*flow, task_of(node));
  if (!retry) return false;
  const bool new_execution = retry->behavior == flow::Retry::Behavior::create_new_execution;
  const int attempts = new_execution ? header.attempt_number : static_cast<int>(node.row.attempts.size());
  if (retry->max_attempts && attempts >= *retry->max_attempts) return false;
  const Instant due = now() + delay_of(*retry, attempts, context->ids);
  const Instant first = new_execution ? header.original_created : node.row.attempts.front().state.start();
  if (retry->max_duration && due >= first + *retry->max_duration) return false;
  move(node, State::failed);
  const bool top_level = node.parent->is_root();
  if (new_execution) {
    command(CreateNewExecution{due});
    if (top_level && !(of_flow && !flow->errors.tasks.empty())) move_execution(State::failed);
    finish(node, State::retried);
    return true;
  }
  move(node, State::retrying);
  node.wait = Wait::retry;
  hold(node);
  set_timer(node, "retry", due);
  if (header.state.current() == State::running) {
    // Before the retry of a top-level task the execution shows how it would end.
    if (const auto shown = top_level ? state_before_retry(root.progress, of_flow && !flow->errors.tasks.empty()) : std::nullopt) move_execution(*shown);
    move_execution(State::retrying);
  }
  return true;
}

void Frontier::retry_now(Node& node) {
  if (header.state.current() == State::retrying) move_execution(State::running);
  move(node, State::created);
  node.wait = Wait::nothing;
  node.rendered_at = {};
  node.rounds = 0;
  node.answers.clear();
  node.child.reset();
  node.row.outputs.clear();
  ++node.seed;
  hold(node);
  enqueue_start(node);
}

}  // namespace insula::execution
