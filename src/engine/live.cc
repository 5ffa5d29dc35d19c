#include "engine/live.h"

namespace insula::engine {

class LiveFeed::Ticket final : public Subscription {
 public:
  Ticket(LiveFeed& feed, TenantUid tenant, std::uint64_t number) : feed_(feed), tenant_(std::move(tenant)), number_(number) {}
  ~Ticket() override { feed_.drop(tenant_, number_); }

 private:
  LiveFeed& feed_;
  TenantUid tenant_;
  std::uint64_t number_;
};

std::unique_ptr<Subscription> LiveFeed::subscribe(const TenantUid& tenant, const ExecutionId& execution, std::function<void(const Happened&)> listener) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = next_number_++;
  by_tenant_[tenant].emplace(number, std::make_shared<Listener>(Listener{execution, std::move(listener)}));
  listeners_count_.fetch_add(1);
  return std::make_unique<Ticket>(*this, tenant, number);
}

void LiveFeed::drop(const TenantUid& tenant, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto at = by_tenant_.find(tenant);
  if (at == by_tenant_.end()) return;
  if (at->second.erase(number) > 0) listeners_count_.fetch_sub(1);
  if (at->second.empty()) by_tenant_.erase(at);
}

void LiveFeed::tell(const TenantUid& tenant, const Happened& happened) {
  if (!has_listeners()) return;
  std::vector<std::shared_ptr<Listener>> listeners;
  {
    const std::lock_guard lock(mutex_);
    const auto at = by_tenant_.find(tenant);
    if (at == by_tenant_.end()) return;
    for (const auto& [number, listener] : at->second) {
      if (listener->execution.empty() || listener->execution == happened.execution_id) listeners.push_back(listener);
    }
  }
  for (const auto& listener : listeners) listener->tell(happened);  // outside the lock: a listener may unsubscribe
}

}  // namespace insula::engine
