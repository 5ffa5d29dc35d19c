// One turn in the making: rows of many steps merged so that each row is written once, and the effects that wait for the commit.
#pragma once
#include "base/base.h"
#include "engine/commands.h"
#include "store/store.h"

namespace insula::engine {

class TurnBuilder {
 public:
  // Called with nullptr after the commit, with the reason when the turn was not written.
  using Effect = std::move_only_function<void(const Error*)>;

  void write(const execution::Header& header);
  void write(const ExecutionId& execution, execution::TaskRun task_run);
  void remove(const ExecutionId& execution, std::vector<TaskRunId> task_runs);
  void write_log(store::LogWrite log);
  void write_timer(store::TimerRow timer);
  void clear_timer(const ExecutionId& execution, const std::string& key);
  void write(store::TriggerRow trigger);
  void write(triggers::Window window);
  void end(triggers::Window window);
  // Moves one execution from a counted state to another; either may be absent.
  void count(const execution::Header& header, std::optional<execution::State> from, std::optional<execution::State> to);
  void after(Effect effect) { effects_.push_back(std::move(effect)); }

  store::Turn& rows() { return turn_; }
  const store::Turn& rows() const { return turn_; }
  // Rows of this turn, for lookups that must see what is not committed yet.
  bool writes(const ExecutionId& id) const { return headers_.contains(id); }
  execution::TaskRun* find(const TaskRunId& id);
  std::vector<const execution::TaskRun*> task_runs_of(const ExecutionId& execution) const;
  std::size_t size() const { return turn_.rows(); }
  bool has_effects() const { return !effects_.empty(); }
  std::vector<Effect> take_effects() { return std::exchange(effects_, {}); }
  void clear();

 private:
  store::Turn turn_;
  std::vector<Effect> effects_;
  std::unordered_map<ExecutionId, std::size_t> headers_;
  std::unordered_map<TaskRunId, std::size_t> task_runs_;
  std::map<std::pair<ExecutionId, std::string>, std::size_t> timers_;
};

}  // namespace insula::engine
