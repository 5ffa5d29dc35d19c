// A queue of queues: each tenant has its own, and takers go round the tenants, so that a tenant with 100,000 waiting items delays another by one
// item only. Weights: a tenant of weight w gets w turns per round. Not thread-safe.
#pragma once
#include <list>

#include "base/base.h"

namespace insula::engine {

template <class T>
class FairQueue {
 public:
  void push(const TenantUid& tenant, T item) {
    Lane& lane = lanes_[tenant];
    if (lane.items.empty()) {
      round_.push_back(tenant);
      if (const auto weight = weights_.find(tenant); weight != weights_.end()) lane.weight = weight->second;
    }
    lane.items.push_back(std::move(item));
    ++size_;
  }

  std::optional<T> pop() {
    if (round_.empty()) return std::nullopt;
    const TenantUid tenant = round_.front();
    Lane& lane = lanes_.at(tenant);
    T item = std::move(lane.items.front());
    lane.items.pop_front();
    --size_;
    if (lane.items.empty()) {
      round_.pop_front();
      lanes_.erase(tenant);
    } else if (++lane.taken >= lane.weight) {
      lane.taken = 0;
      round_.splice(round_.end(), round_, round_.begin());
    }
    return item;
  }

  void set_weight(const TenantUid& tenant, int weight) {
    if (weight == 1) weights_.erase(tenant);
    else weights_[tenant] = weight;
    if (const auto lane = lanes_.find(tenant); lane != lanes_.end()) lane->second.weight = weight;
  }

  template <class Predicate>
  std::size_t remove_if(const TenantUid& tenant, Predicate predicate) {
    const auto at = lanes_.find(tenant);
    if (at == lanes_.end()) return 0;
    const std::size_t removed = std::erase_if(at->second.items, predicate);
    size_ -= removed;
    if (at->second.items.empty()) {
      round_.remove(tenant);
      lanes_.erase(at);
    }
    return removed;
  }

  std::size_t size() const { return size_; }

 private:
  struct Lane {
    std::deque<T> items;
    int weight = 1;
    int taken = 0;
  };
  std::unordered_map<TenantUid, Lane> lanes_;         // of tenants that have items
  std::unordered_map<TenantUid, int> weights_;        // other than 1
  std::list<TenantUid> round_;
  std::size_t size_ = 0;
};

}  // namespace insula::engine
