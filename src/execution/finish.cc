// Ends: of an attempt, of a task run, of the execution.
#include "execution/frontier.h"
#include "execution/variables.h"

namespace insula::execution {

State Frontier::converted(const Node& node, State outcome) const {
  const flow::Task& task = task_of(node);
  if (outcome == State::failed && task.allow_failure) outcome = State::warning;
  if (outcome == State::warning && task.allow_warning) outcome = State::success;
  return outcome;
}

void Frontier::attempt_ended(Node& node, State outcome, JsonObject outputs) {
  clear_timers(node);
  close_attempt(node, outcome);
  node.row.outputs = std::move(outputs);
  if (outcome == State::failed && retry_later(node)) return;
  const flow::Task& task = task_of(node);
  if (outcome == State::success && node.row.attempts.size() > 1 && task.retry && task.retry->warning_on_retry) outcome = State::warning;
  finish(node, converted(node, outcome));
}

void Frontier::finish(Node& node, State state) {
  INSULA_ASSERT(!node.closed && is_terminal(state));
  clear_timers(node);
  node.row.state.move_to(state, now());
  node.row.progress = nullptr;
  if (is_working_directory(task_of(node))) command(EndSession{node.row.id});
  hold(node);
  node.closed = true;
  step->changes.task_runs.push_back(node.row);
  positions.erase(node.row.id);
  auto handle = nodes.extract(node.row.position);
  Node* parent = node.parent;
  for (Node* above = parent; above && !above->is_root(); above = above->parent) {
    if (kind_of(task_of(*above)) != FlowableKind::until) continue;
    above->progress.round_rows.push_back(node.row.id);
    touch(*above);
    break;
  }
  closed.push_back(std::move(handle.mapped()));
  child_ended(*parent, node);
}

void Frontier::stop(Node& node, State state) {
  if (node.batches && node.batches->open() > 0) command(KillBatches{node.row.id});
  switch (node.wait) {
    case Wait::job: {
      command(CancelJob{node.row.id, job_attempt(*this, node)});
      break;
    }
    case Wait::subflow:
      if (!node.child) break;
      command(KillSubflow{*node.child});
      node.row.outputs = JsonObject{{"executionId", node.child->str()}, {"state", to_string(state)}};
      break;
    default: break;
  }
  const bool was_paused = node.wait == Wait::pause;
  close_attempt(node, state);
  finish(node, state);
  // Nobody can resume a pause that is gone.
  const bool more = std::ranges::any_of(nodes, [](const auto& other) { return other.second->wait == Wait::pause; });
  if (was_paused && !more && header.state.current() == State::paused) continue_execution();
}

void Frontier::stop_all(State state) {
  std::vector<std::int64_t> open;
  for (const auto& [position, node] : nodes) open.push_back(position);
  std::ranges::reverse(open);  // children come after their parents
  for (const std::int64_t position : open) stop(*nodes.at(position), state);
  work.clear();
  root.advance_queued = false;
}

void Frontier::exit_with(Node& node, State state) {
  const bool has_ended = root.progress.phase == Phase::after;
  close_attempt(node, state);
  Node* parent = node.parent;
  finish(node, state);
  while (!parent->is_root()) {
    Node* next = parent->parent;
    if (has_ended) detach_children(*parent);   // nobody stops them below
    parent->progress.open = 0;
    close_attempt(*parent, state);
    finish(*parent, state);
    parent = next;
  }
  if (has_ended) {  // an Exit in afterExecution gives the execution another state; the tasks behind it run
    if (header.state.current() != state) move_execution(state);
    return;
  }
  stop_all(State::killed);
  root.progress.forced = state;
  go_to(root, Phase::ending);
  enqueue_advance(root);
}

// Ends the execution: outputs first, since they may still ask for values; then the state; then the tasks of afterExecution.
void Frontier::end_execution() {
  State state = root.progress.forced.value_or(root.progress.seen.worst());
  // After Exit there are none, as in 1.3.
  const bool with_outputs = !root.progress.forced && state != State::killed && state != State::cancelled && state != State::retried && !flow->outputs.empty();
  if (with_outputs) {
    if (root.rendered_at == Instant{}) {
      root.rendered_at = now();
      root.seed = context->ids.random();
    }
    auto outputs = flow_outputs();
    if (outputs) {
      header.outputs = std::move(*outputs);
    } else if (const auto* needs = std::get_if<expression::Needs>(&outputs.error())) {
      park(root, *needs);
      if (root.wait == Wait::needs) return;
      state = State::failed;
    } else {
      log(nullptr, LogLevel::error, "Failed to render output values: " + std::get<Error>(outputs.error()).message);
      if (state != State::failed) move_execution(state);
      state = State::failed;
    }
  }
  root.answers.clear();
  move_execution(state);
  go_to(root, Phase::after);
  if (header.parent_link) command(NotifyParent{*header.parent_link, state});
  command(Ended{state});
}

namespace {

std::unexpected<expression::Interruption> refuse_output(const flow::Output& output, std::string_view cause) {
  // Binding words it for an input.
  const std::string as_input = fmt::format("Invalid value for input `{}`. Cause: ", output.id);
  if (cause.starts_with(as_input)) cause.remove_prefix(as_input.size());
  return std::unexpected(expression::Interruption(
      Error{ErrorKind::invalid, "flow-output-invalid", fmt::format("Invalid value for output `{}`. Cause: {}", output.id, cause), {}, {}}));
}

// Outputs are typed like inputs.
flow::Input as_input(const flow::Output& output) {
  flow::Input input;
  input.id = output.id;
  input.type = output.type;
  input.required = output.required;
  input.properties = JsonObject{{"id", output.id}, {"type", output.type}};
  return input;
}

}  // namespace

expression::Rendered<JsonObject> Frontier::flow_outputs() {
  JsonObject outputs;
  expression::Needs needs;
  for (const flow::Output& output : flow->outputs) {
    const TaskVariables variables(*this, root, output.value.source());
    const expression::Environment environment = environment_of(*this, root, output.id);
    const bool one_text = output.value.source().is_string();
    auto rendered = one_text ? output.value.render_typed(variables, environment) : output.value.render(variables, environment);
    if (!rendered) {
      if (const auto* more = std::get_if<expression::Needs>(&rendered.error())) {
        needs.lookups.insert(needs.lookups.end(), more->lookups.begin(), more->lookups.end());
        continue;
      }
      return std::unexpected(rendered.error());
    }
    const std::vector<flow::Input> inputs{as_input(output)};
    flow::GivenInputs given;
    if (rendered->is_object() || rendered->is_array()) given.emplace(output.id, *rendered);
    else if (!rendered->is_null()) given.emplace(output.id, to_text(*rendered));
    const auto encrypt = context->encrypt ? context->encrypt : [](std::string_view) -> Result<Json> { return fail(ErrorKind::unavailable, "encryption-key-missing", "This instance has no encryption key"); };
    auto bound = flow::bind_each(inputs, given, {variables, environment, encrypt});
    if (!bound) return std::unexpected(bound.error());
    if (bound->empty()) continue;
    flow::BoundInput& one = bound->front();
    if (!one.errors.empty()) return refuse_output(output, one.errors.front());
    if (!one.value.is_null()) outputs[output.id] = std::move(one.value);
  }
  if (!needs.lookups.empty()) return std::unexpected(expression::Interruption(std::move(needs)));
  return outputs;
}

}  // namespace insula::execution
