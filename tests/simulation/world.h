// The simulated world: one tenant's actor over a real SQLite store, a fake clock, a fake worker, and a power switch that can be pulled before any
// statement of the store. One thread, one seed: the same seed gives the same rows (I9).
#pragma once
#include <filesystem>

#include "engine/actor.h"
#include "engine/engine.h"

namespace insula::simulation {

// Thrown out of the store's statement hook: the process is gone at this point.
struct PowerCut {};

class FakeClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  std::chrono::steady_clock::time_point monotonic() const override { return std::chrono::steady_clock::time_point(now_.time_since_epoch()); }
  void advance(Duration by) { now_ += by; }

 private:
  Instant now_{std::chrono::sys_days{std::chrono::year{2026} / 3 / 28}};
};

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  // ---- what tests do
  void deploy(const std::string& source);
  // Posts a start; the id is known once the turn that wrote it is acknowledged.
  void start(const std::string& flow);
  void kill_one();
  void resume_paused();
  void poison(const ExecutionId& id);            // mail that breaks an assertion in this execution
  // One random thing happens: a turn, a job ends, time passes, or the power goes (with this probability per statement).
  void step(double power_cut);
  // Until nothing is left to do; power stays on.
  void settle();

  // ---- what is checked
  struct Execution {
    execution::Header header;
    std::vector<execution::TaskRun> task_runs;
    std::vector<store::LogRow> logs;
  };
  std::vector<Execution> executions();
  const std::set<ExecutionId>& acknowledged() const { return acknowledged_; }
  const std::vector<std::string>& violations() const { return violations_; }
  int power_cuts() const { return power_cuts_; }
  std::string digest();                          // of every row, for I9
  std::uint64_t random() { return random_.random(); }

 private:
  class Sink;
  void boot();
  void crash();
  bool turn();                                   // false: nothing to do
  void end_one_job();

  std::uint64_t seed_;
  IdGenerator random_;
  std::filesystem::path folder_;
  FakeClock clock_;
  std::shared_ptr<const flow::Catalog> catalog_;
  engine::Settings settings_;
  std::unique_ptr<engine::FlowCache> flows_;
  engine::LiveFeed live_;
  engine::Ledger ledger_;
  std::shared_ptr<storage::Storage> storage_;
  std::unique_ptr<store::Stores> stores_;
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<engine::TenantActor> actor_;
  std::optional<store::TenantScope> scope_;
  std::deque<engine::Message> mailbox_;
  std::deque<std::move_only_function<void()>> background_;
  double power_cut_ = 0;
  int power_cuts_ = 0;
  int boots_ = 0;
  bool one_by_one_ = false;
  std::map<ExecutionId, int> broken_;
  std::set<ExecutionId> acknowledged_;
  std::set<ExecutionId> killed_;                 // kill acknowledged: nothing of it may be dispatched any more (I3)
  std::vector<std::string> violations_;
};

}  // namespace insula::simulation
