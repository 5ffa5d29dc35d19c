// The Pause task, pausing by a person, resuming, and force-run.
#include "execution/frontier.h"
#include "execution/inline_task.h"

namespace insula::execution {

namespace {

// `behavior` of a Pause whose duration is over.
State state_of_behavior(std::string_view behavior) {
  if (behavior == "WARN") return State::warning;
  if (behavior == "FAIL") return State::failed;
  if (behavior == "CANCEL") return State::cancelled;
  return State::success;
}

// `2026-11-24T19:09:16.769982`: no zone, as 1.3 writes it.
std::string local_text(Instant instant) {
  std::string text = format_instant(instant);
  text.pop_back();
  return text;
}

struct PauseTimer { std::optional<Instant> due; State to = State::success; };

expression::Rendered<PauseTimer> pause_timer(const InlineCall& call, expression::Rendered<std::optional<Duration>> timeout) {
  auto duration = call.duration(call.has("pauseDuration") ? "pauseDuration" : "delay");
  if (!duration) return std::unexpected(duration.error());
  if (!timeout) return std::unexpected(timeout.error());
  if (*duration) {
    const auto behavior = call.text("behavior");
    if (!behavior) return std::unexpected(behavior.error());
    return PauseTimer{call.context().now + **duration, state_of_behavior(behavior->value_or("RESUME"))};
  }
  if (*timeout) return PauseTimer{call.context().now + **timeout, State::failed};
  return PauseTimer{};
}

}  // namespace

void Frontier::start_pause(Node& node) {
  if (node.row.state.current() == State::restarted && node.progress.resumed) {
    move(node, State::running);
    node.wait = Wait::children;
    return enqueue_advance(node);
  }
  const auto timer = pause_timer(InlineCall(*this, node), timeout_of(node));
  if (!timer) {
    if (const auto* needs = std::get_if<expression::Needs>(&timer.error())) return park(node, *needs);
    open_attempt(node, {});
    move(node, State::running);
    log(&node, LogLevel::error, std::get<Error>(timer.error()).message);
    close_attempt(node, State::failed);
    return finish(node, State::failed);
  }
  open_attempt(node, {});
  move(node, State::running);
  move(node, State::paused);
  node.wait = Wait::pause;
  node.answers.clear();
  hold(node);
  if (timer->due) {
    node.progress.forced = timer->to;
    set_timer(node, "pause", *timer->due);
  }
  // A Pause in afterExecution waits, but the execution has its state.
  if (header.state.current() != State::paused && !header.state.is_terminal()) move_execution(State::paused);
  const flow::Branch* on_pause = task_of(node).branch("onPause");
  if (!on_pause || on_pause->tasks.empty() || flow->task(on_pause->tasks.front()).disabled) return;
  Node& parent = *node.parent;
  Node& aside = make_child(parent, on_pause->tasks.front(), node.scope ? *node.scope : scope, std::nullopt, std::nullopt);
  --parent.progress.open;  // it belongs to nobody: its end changes nothing
  aside.detached = true;
  aside.parent = &root;    // the flowable and the iteration around it may end before it does
  aside.scope = nullptr;
}

void Frontier::end_pause(Node& node, State to, JsonObject outputs) {
  clear_timers(node);
  if (!outputs.contains("resumed")) outputs["resumed"] = JsonObject{{"on", local_text(now())}, {"to", to_string(converted(node, to))}};
  node.row.outputs = std::move(outputs);
  node.progress.forced.reset();
  if (to == State::cancelled) {
    close_attempt(node, State::cancelled);
    finish(node, State::cancelled);
    if (header.state.is_terminal()) return;
    return cancel({State::cancelled, {}});
  }
  continue_execution();
  const flow::Branch* tasks = task_of(node).branch("tasks");
  if (to != State::failed && tasks && !tasks->tasks.empty()) {  // deprecated: what runs after the pause
    if (to == State::warning) node.progress.seen.warning = true;
    move(node, State::running);
    node.progress.resumed = true;
    node.wait = Wait::children;
    hold(node);
    return enqueue_advance(node);
  }
  if (to == State::failed && !converted_away(node) && task_of(node).branch("errors")) {
    node.progress.seen.failed = true;
    node.progress.stopped = true;
    move(node, State::running);
    node.wait = Wait::children;
    return enqueue_advance(node);
  }
  if (tasks && !tasks->tasks.empty()) move(node, State::running);  // 1.3 shows it although its tasks do not run
  to = converted(node, to);
  close_attempt(node, to);
  finish(node, to);
}

bool Frontier::converted_away(const Node& node) const { return converted(node, State::failed) != State::failed; }

// PAUSED → RESTARTED → RUNNING, and everything that was held back goes on.
void Frontier::continue_execution() {
  if (header.state.current() == State::paused) {
    move_execution(State::restarted);
    move_execution(State::running);
  }
  for (const auto& [position, node] : nodes) {
    if (node->wait == Wait::children) enqueue_advance(*node);
    if (node->wait == Wait::nothing) enqueue_start(*node);
  }
  enqueue_advance(root);
}

void Frontier::pause_by_person() {
  if (header.state.current() != State::running && header.state.current() != State::retrying) {
    return refuse({ErrorKind::invalid, "execution-not-running", "The execution is not running", {}, {}});
  }
  move_execution(State::paused);
}

void Frontier::resume_by_person(const Resume& event) {
  if (header.state.current() != State::paused) {
    return refuse({ErrorKind::conflict, "execution-not-paused", fmt::format("Execution '{}' is not paused, can't resume it", header.id), {}, {}});
  }
  for (const auto& [position, node] : nodes) {
    if (node->wait != Wait::pause) continue;
    JsonObject resumed{{"on", local_text(now())}, {"to", to_string(State::success)}};
    if (!event.by.empty()) resumed["by"] = event.by;
    return end_pause(*node, State::success, JsonObject{{"onResume", event.inputs}, {"resumed", std::move(resumed)}});
  }
  continue_execution();
}

void Frontier::force_run() {
  switch (header.state.current()) {
    case State::created: case State::queued: case State::restarted: return begin();
    case State::paused: return resume_by_person({});
    default: break;
  }
  if (header.state.is_terminal()) {
    return refuse({ErrorKind::invalid, "execution-terminated", "Only non-terminated executions can be forced to run", {}, {}});
  }
  // Jobs that got lost on their way are handed out again.
  for (const auto& [position, node] : nodes) {
    node->row.force_execution = true;
    touch(*node);
    if (node->wait == Wait::retry) {
      clear_timers(*node);
      retry_now(*node);
    } else if (node->wait == Wait::job && node->row.state.current() == State::submitted) {
      node->wait = Wait::nothing;
      enqueue_start(*node);
    }
  }
}

}  // namespace insula::execution
