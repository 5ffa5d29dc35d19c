#include "engine/turn_builder.h"

namespace insula::engine {

void TurnBuilder::write(const execution::Header& header) {
  const auto [at, added] = headers_.try_emplace(header.id, turn_.executions.size());
  if (added) turn_.executions.push_back(header);
  else turn_.executions[at->second] = header;
}

void TurnBuilder::write(const ExecutionId& execution, execution::TaskRun task_run) {
  const auto [at, added] = task_runs_.try_emplace(task_run.id, turn_.task_runs.size());
  if (added) turn_.task_runs.emplace_back(execution, std::move(task_run));
  else turn_.task_runs[at->second].second = std::move(task_run);
}

void TurnBuilder::remove(const ExecutionId& execution, std::vector<TaskRunId> task_runs) {
  if (task_runs.empty()) return;
  for (const TaskRunId& id : task_runs) {
    const auto at = task_runs_.find(id);
    if (at == task_runs_.end()) continue;
    // Deletes come before writes in a turn: a row written and removed in the same turn must not be written at all.
    const std::size_t hole = at->second;
    task_runs_.erase(at);
    if (hole + 1 != turn_.task_runs.size()) {
      turn_.task_runs[hole] = std::move(turn_.task_runs.back());
      task_runs_[turn_.task_runs[hole].second.id] = hole;
    }
    turn_.task_runs.pop_back();
  }
  turn_.removed_task_runs.emplace_back(execution, std::move(task_runs));
}

void TurnBuilder::write_log(store::LogWrite log) { turn_.logs.push_back(std::move(log)); }

void TurnBuilder::write_timer(store::TimerRow timer) {
  const auto [at, added] = timers_.try_emplace({timer.execution_id, timer.key}, turn_.timers.size());
  if (added) turn_.timers.push_back(std::move(timer));
  else turn_.timers[at->second] = std::move(timer);
}

void TurnBuilder::clear_timer(const ExecutionId& execution, const std::string& key) {
  const auto at = timers_.find({execution, key});
  if (at != timers_.end()) {
    const std::size_t hole = at->second;
    timers_.erase(at);
    if (hole + 1 != turn_.timers.size()) {
      turn_.timers[hole] = std::move(turn_.timers.back());
      timers_[{turn_.timers[hole].execution_id, turn_.timers[hole].key}] = hole;
    }
    turn_.timers.pop_back();
  }
  turn_.cleared_timers.emplace_back(execution, key);
}

void TurnBuilder::write(store::TriggerRow trigger) {
  for (store::TriggerRow& row : turn_.triggers) {
    if (row.ns == trigger.ns && row.flow_id == trigger.flow_id && row.id == trigger.id) {
      row = std::move(trigger);
      return;
    }
  }
  turn_.triggers.push_back(std::move(trigger));
}

namespace {
bool same_key(const triggers::Window& a, const triggers::Window& b) {
  return a.ns == b.ns && a.flow_id == b.flow_id && a.trigger_id == b.trigger_id && a.condition_id == b.condition_id;
}
}  // namespace

void TurnBuilder::write(triggers::Window window) {
  for (triggers::Window& row : turn_.windows) {
    if (same_key(row, window)) {
      row = std::move(window);
      return;
    }
  }
  turn_.windows.push_back(std::move(window));
}

// Deletes come before writes: one that was written in this turn is not written at all.
void TurnBuilder::end(triggers::Window window) {
  std::erase_if(turn_.windows, [&](const triggers::Window& row) { return same_key(row, window); });
  turn_.ended_windows.push_back(std::move(window));
}

void TurnBuilder::count(const execution::Header& header, std::optional<execution::State> from, std::optional<execution::State> to) {
  if (from == to) return;
  const Instant hour = std::chrono::floor<std::chrono::hours>(header.state.start());
  const auto add = [&](execution::State state, std::int64_t count) {
    const Duration duration = header.state.duration().value_or(Duration{0}) * count;
    for (store::CounterDelta& delta : turn_.counters) {
      if (delta.state == state && delta.hour == hour && delta.flow_id == header.flow_id && delta.ns == header.ns) {
        delta.count += count;
        if (execution::is_terminal(state)) delta.duration += duration;
        return;
      }
    }
    turn_.counters.push_back({hour, header.ns, header.flow_id, state, count, execution::is_terminal(state) ? duration : Duration{0}});
  };
  if (from) add(*from, -1);
  if (to) add(*to, 1);
}

execution::TaskRun* TurnBuilder::find(const TaskRunId& id) {
  const auto at = task_runs_.find(id);
  return at == task_runs_.end() ? nullptr : &turn_.task_runs[at->second].second;
}

std::vector<const execution::TaskRun*> TurnBuilder::task_runs_of(const ExecutionId& execution) const {
  std::vector<const execution::TaskRun*> found;
  for (const auto& [id, task_run] : turn_.task_runs) {
    if (id == execution) found.push_back(&task_run);
  }
  return found;
}

void TurnBuilder::clear() {
  turn_ = {};
  effects_.clear();
  headers_.clear();
  task_runs_.clear();
  timers_.clear();
}

}  // namespace insula::engine
