// LoopUntil (old name WaitFor): its tasks run again until a condition holds; only the last iteration stays (sharp edge 35).
#include "execution/inline_task.h"
#include "execution/variables.h"

namespace insula::execution {

namespace {

struct Frequency {
  std::optional<std::int64_t> iterations_max;
  std::optional<Duration> duration_max;
  Duration interval = std::chrono::minutes(1);
};

expression::Rendered<Frequency> frequency_of(const InlineCall& call) {
  const auto written = call.structured("checkFrequency");
  if (!written) return std::unexpected(written.error());
  Frequency frequency;
  if (!written->is_object()) return frequency;
  const JsonObject& object = written->as_object();
  const auto duration = [&](std::string_view key) -> Result<std::optional<Duration>> {
    const Json* value = insula::find(object, key);
    if (!value || value->is_null()) return std::optional<Duration>{};
    const std::optional<Duration> parsed = duration_of(to_text(*value));
    if (!parsed) return std::unexpected(not_a_duration(key, to_text(*value)));
    return parsed;
  };
  const auto longest = duration("maxDuration"), interval = duration("interval");
  if (!longest) return std::unexpected(expression::Interruption(longest.error()));
  if (!interval) return std::unexpected(expression::Interruption(interval.error()));
  frequency.duration_max = *longest;
  if (*interval) frequency.interval = **interval;
  const Json* iterations = insula::find(object, "maxIterations");
  if (!iterations || iterations->is_null()) return frequency;
  const std::string text = to_text(*iterations);
  std::int64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    return std::unexpected(expression::Interruption(invalid_property(fmt::format("`maxIterations` must be a whole number, but it is `{}`", text))));
  }
  frequency.iterations_max = count;
  return frequency;
}

std::int64_t iteration_of(const Node& node) {
  const Json* count = insula::find(node.row.outputs, "iterationCount");
  return count && count->is_int64() ? count->as_int64() : 1;
}

bool is_below(const flow::Flow& flow, flow::TaskIndex task, flow::TaskIndex above) {
  for (flow::TaskIndex at = flow.task(task).parent; at != flow::kNoTask; at = flow.task(at).parent) {
    if (at == above) return true;
  }
  return false;
}

}  // namespace

bool Frontier::make_until(Node& node, const flow::Branch& branch) {
  Progress& progress = node.progress;
  if (progress.open > 0) return false;
  if (!make_next_of(node, &branch, static_cast<int>(iteration_of(node)) - 1)) return false;
  const InlineCall call(*this, node);
  const auto condition = call.text("condition");
  const auto frequency = frequency_of(call);
  const expression::Interruption* interruption = !condition ? &condition.error() : !frequency ? &frequency.error() : nullptr;
  if (interruption) {
    if (const auto* needs = std::get_if<expression::Needs>(interruption)) park(node, *needs);
    else fail_flowable(node, std::get<Error>(*interruption).message);
    return false;
  }
  node.answers.clear();
  if (expression::is_truthy(trim(condition->value_or("")))) return true;
  const bool often_enough = frequency->iterations_max && iteration_of(node) >= *frequency->iterations_max;
  const bool long_enough = frequency->duration_max && now() - node.row.attempts.back().state.start() >= *frequency->duration_max;
  if (often_enough || long_enough) {
    log(&node, LogLevel::warn, often_enough ? "Max iterations reached" : "Max duration reached");
    const auto fails = call.flag("failOnMaxReached", false);
    if (fails && *fails) progress.seen.failed = true;
    return true;
  }
  move(node, State::paused);
  node.wait = Wait::timer;
  set_timer(node, "again", now() + frequency->interval);
  // The execution shows PAUSED only when nothing else is going on in it.
  const bool alone = std::ranges::all_of(nodes, [&](const auto& other) { return other.second->wait == Wait::children || (other.second->wait == Wait::timer && is_flowable(task_of(*other.second))); });
  if (alone && header.state.current() == State::running) move_execution(State::paused);
  return false;
}

void Frontier::next_round(Node& node) {
  Progress& progress = node.progress;
  for (const TaskRunId& id : progress.round_rows) step->changes.removed.push_back(id);
  std::erase_if(step->changes.task_runs, [&](const TaskRun& row) { return std::ranges::find(progress.round_rows, row.id) != progress.round_rows.end(); });
  progress.round_rows.clear();
  if (node.scope) {
    std::erase_if(node.scope->held, [&](const auto& held) {
      const flow::Task* task = flow->find(held.first);
      return task && is_below(*flow, task->index, node.task);
    });
  }
  node.row.outputs["iterationCount"] = iteration_of(node) + 1;
  if (!node.row.value) node.row.iteration = static_cast<int>(iteration_of(node)) - 1;
  move(node, State::running);
  if (header.state.current() == State::paused && std::ranges::none_of(nodes, [](const auto& other) { return other.second->wait == Wait::pause; })) move_execution(State::running);
  node.wait = Wait::children;
  node.rendered_at = now();
  node.rounds = 0;
  progress.cursor = 0;
  progress.seen = {};
  hold(node);
  enqueue_advance(node);
}

}  // namespace insula::execution
