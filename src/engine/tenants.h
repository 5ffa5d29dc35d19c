// The tenants of the instance: directory entries with their mailboxes, which outlive actors; the run queue of engine threads, fair between tenants;
// loading, sleeping and waking (design: "Sleeping and waking"); what happens to a tenant whose turn broke (I10).
#pragma once
#include "engine/actor.h"
#include "engine/readers.h"
#include "engine/space.h"
#include "engine/wake_times.h"

namespace insula::engine {

class Tenants {
 public:
  struct Ports {
    store::Stores& stores;
    storage::Storage& storage;
    const Clock& clock;
    FlowCache& flows;
    const Settings& settings;
    JobSink& jobs;
    LiveFeed& live;
    Ledger& ledger;
    Readers& readers;
  };
  explicit Tenants(Ports ports);
  ~Tenants() { stop(); }
  Result<void> start(const std::function<void(const TenantUid&, int)>& weigh);   // told of every tenant whose weight is not 1
  void stop();

  Result<store::TenantScope> scope(const TenantId& tenant);
  int add(const store::TenantRow& row);     // its weight
  void hide(const TenantId& tenant);        // being deleted: not found by its id from here on
  void forget(const TenantUid& uid);        // deleted: its mail is dropped, its actor destroyed; returns when no turn of it runs any more
  // Mail to a tenant's actor, loading it when it sleeps. Refused (with the error) when the mailbox is full or the tenant is gone or set aside.
  Result<void> post(const store::TenantScope& scope, Message message);
  bool is_loaded(const TenantUid& uid) const;
  // What it may do has changed. Suspended: its triggers rest and nothing new is started. One that goes on, or may do more, is loaded, so that its
  // schedule and its queue go on, too. Answers with its weight.
  int changed(const store::TenantRow& row);

  std::uint64_t turns() const { return turns_.load(); }
  std::uint64_t turns_failed() const { return turns_failed_.load(); }
  std::uint64_t rows() const { return rows_.load(); }
  std::size_t loaded() const;
  std::size_t runs_in_memory() const { return runs_.load(); }

 private:
  struct Entry {
    explicit Entry(store::TenantScope s) : scope(std::move(s)) {}
    store::TenantScope scope;
    std::mutex mutex;                       // guards mailbox, scheduled, gone, refused
    std::deque<Message> mailbox;
    bool scheduled = false;                 // in the run queue or running
    int turns_in_a_row = 0;                 // of its weight; only the engine thread that runs the entry
    std::atomic<int> weight{1};
    bool gone = false;
    std::optional<Error> refused;           // set aside: every caller gets this
    // Below: only the engine thread that runs the entry.
    std::unique_ptr<TenantActor> actor;
    int failures = 0;                       // turns in a row that were not written
    int broken_turns = 0;                   // … because rules broke
    bool one_by_one = false;                // after a broken turn, to find the culprit
    std::map<ExecutionId, int> broken;
    std::vector<std::pair<ExecutionId, std::string>> condemned;   // by earlier processes: set aside first, with the reason
    std::size_t runs = 0;
    Instant last_mail{};
    // Odd while its row in system.db says that it is awake. Only the transition from the value that was seen counts.
    std::atomic<std::uint64_t> wakes{0};
    Instant wake_due = Instant::max();      // guarded by timer_mutex_: the earliest entry of due_ for this tenant
    std::condition_variable idle;           // with mutex: scheduled became false
  };
  using EntryRef = std::shared_ptr<Entry>;

  EntryRef entry(const store::TenantScope& scope);
  void schedule(const EntryRef& entry, bool at_once = false);   // at once: before the others, as its weight allows
  TenantLimits limits_of(const TenantUid& uid) const;
  void engine_loop(int number);
  void timer_loop();
  void run(const EntryRef& entry, CrashNotes::Slot* note);
  std::vector<Message> take_mail(Entry& entry, bool deletes_only);
  Result<void> wake(const EntryRef& entry);
  Result<void> load(const EntryRef& entry);
  void after_turn(const EntryRef& entry, TurnOutcome outcome);
  void put_back(Entry& entry, std::vector<Message> mail);
  // tenant_failures.cc
  void open_notes(const std::vector<store::TenantRow>& rows);
  Duration failed_turn(Entry& entry, TurnOutcome& outcome);
  void refuse(Entry& entry, Error error);
  static void refuse_all(std::deque<Message> mail, const Error& error);
  void unload(const EntryRef& entry);
  Duration idle_time() const;
  static bool has_mail(Entry& entry);
  void wake_at(const EntryRef& entry, Instant due);
  ActorPorts actor_ports(const EntryRef& entry);

  Ports ports_;
  WakeTimes wakes_;
  Space space_;
  std::unique_ptr<CrashNotes> notes_;
  mutable std::mutex mutex_;                // guards entries_, by_id_
  std::unordered_map<TenantUid, EntryRef> entries_;
  std::unordered_map<TenantId, store::TenantScope> by_id_;
  std::unordered_map<TenantUid, TenantLimits> limits_;   // of tenants that have other than the usual ones
  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::deque<EntryRef> run_queue_;
  std::mutex timer_mutex_;
  std::condition_variable timer_changed_;
  std::multimap<Instant, std::weak_ptr<Entry>> due_;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
  std::atomic<std::uint64_t> turns_{0}, turns_failed_{0}, rows_{0}, unloaded_{0};
  std::atomic<std::size_t> runs_{0}, loaded_{0};
};

}  // namespace insula::engine
