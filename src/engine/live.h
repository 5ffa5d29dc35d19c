// Who wants to know that something happened, by tenant and execution. Told only after the commit.
#pragma once
#include "engine/engine.h"

namespace insula::engine {

class LiveFeed {
 public:
  std::unique_ptr<Subscription> subscribe(const TenantUid& tenant, const ExecutionId& execution, std::function<void(const Happened&)> listener);
  void tell(const TenantUid& tenant, const Happened& happened);

 private:
  // Sequentially consistent with subscribe(): a commit whose tell() sees no listener is seen by the snapshot of whoever subscribes later.
  bool has_listeners() const { return listeners_count_.load() > 0; }
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
