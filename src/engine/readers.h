// Threads for what blocks off the actors: reads over read-only snapshots, fair between tenants; work of the instance; work at a later time.
#pragma once
#include "engine/fair_queue.h"
#include "store/store.h"

namespace insula::engine {

class Readers {
 public:
  Readers(store::Stores& stores, int threads) : stores_(stores), threads_count_(threads) {}
  ~Readers() { stop(); }
  void start();
  void stop();                              // what is queued is dropped: its owner has gone

  void read(store::TenantScope scope, std::move_only_function<void(Result<store::TenantReader*>)> work);
  void run(const TenantUid& tenant, std::move_only_function<void()> work);       // an empty uid: of the instance
  void set_weight(const TenantUid& tenant, int weight);
  void after(Duration delay, std::move_only_function<void()> work);

 private:
  using Clock = std::chrono::steady_clock;
  void loop();

  store::Stores& stores_;
  int threads_count_;
  std::mutex mutex_;
  std::condition_variable changed_;
  FairQueue<std::move_only_function<void()>> queue_;
  std::multimap<Clock::time_point, std::move_only_function<void()>> delayed_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace insula::engine
