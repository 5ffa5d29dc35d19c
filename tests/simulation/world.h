// The simulated world: one tenant's actor over a real SQLite store, a fake clock, a fake worker, a power switch that can be pulled before any statement of
// the store and right after a commit, and a database and a storage that fail. One thread, one seed: the same seed gives the same rows (I9).
#pragma once
#include <filesystem>

#include "engine/actor.h"
#include "engine/engine.h"
#include "storage/storage_for_tests.h"

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

// Probabilities: of a power cut and of a failing database for each statement and commit, of a failing storage for each change of a file.
struct Faults {
  double power_cut = 0, database = 0, storage = 0;
};

class World {
 public:
  // `step_task_runs_max`: of a step of the rules; few, so that steps stop in the middle.
  explicit World(std::uint64_t seed, int step_task_runs_max = 2'000);
  ~World();

  // ---- what tests do
  void deploy(const std::string& source);
  // Posts a start; the id is known once the turn that wrote it is acknowledged.
  void start(const std::string& flow);
  void kill_one();
  void resume_paused();
  void poison(const ExecutionId& id);            // mail that breaks an assertion in this execution
  // One random thing happens: a turn, a job ends, time passes; with faults.
  void step(Faults faults);
  // Until nothing is left to do; without faults.
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
  // What has really happened, so that a test cannot pass because nothing did.
  struct Happenings {
    int power_cuts = 0, cuts_after_commit = 0;
    int turns_failed = 0;                        // the database was away or full
    int lost_answers = 0, lost_commits = 0;      // of unknown outcome: written, not written
    int storage_errors = 0;
    int lookups_lost = 0;                        // in the background when the power went
    int jobs_handed_out_again = 0;               // by an actor that was loaded anew, to a worker that had them
  };
  const Happenings& happenings() const { return happenings_; }
  std::string digest();                          // of every row, for I9
  std::uint64_t random() { return random_.random(); }

 private:
  class Sink;
  void boot();
  void crash();
  void load();                                   // a new actor over the rows; worker, mail and background stay
  void statement(std::string_view sql);
  bool chance(double probability) { return probability > 0 && static_cast<double>(random_.random() % 1'000'000) < probability * 1'000'000; }
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
  Faults faults_;
  Happenings happenings_;
  int boots_ = 0;
  bool one_by_one_ = false;
  std::map<ExecutionId, int> broken_;
  std::set<ExecutionId> acknowledged_;
  std::set<ExecutionId> killed_;                 // kill acknowledged: nothing of it may be dispatched any more (I3)
  std::vector<std::string> violations_;
};

}  // namespace insula::simulation
