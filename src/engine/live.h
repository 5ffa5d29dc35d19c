// Who wants to know that something happened, by tenant and execution. Told only after the commit.
#pragma once
#include "engine/engine.h"

namespace insula::engine {

class LiveFeed {
 public:
  std::unique_ptr<Subscription> subscribe(const TenantUid& tenant, const ExecutionId& execution, std::function<void(const Happened&)> listener);
  void tell(const TenantUid& tenant, const Happened& happened);
  bool has_listeners() const { return listeners_count_.load(std::memory_order_relaxed) > 0; }

 private:
  struct Listener {
    ExecutionId execution;                 // empty: all
    std::function<void(const Happened&)> tell;
  };
  class Ticket;
  void drop(const TenantUid& tenant, std::uint64_t number);

  std::mutex mutex_;
  std::atomic<std::size_t> listeners_count_{0};
  std::uint64_t next_number_ = 0;
  std::unordered_map<TenantUid, std::map<std::uint64_t, std::shared_ptr<Listener>>> by_tenant_;
};

}  // namespace insula::engine
