#include "engine/flow_cache.h"

namespace insula::engine {

std::shared_ptr<const flow::Flow> FlowCache::find(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(key);
  if (at == entries_.end()) return nullptr;
  uses_.splice(uses_.begin(), uses_, at->second.use);
  return at->second.flow;
}

Result<std::shared_ptr<const flow::Flow>> FlowCache::compiled(const TenantUid& tenant, const store::FlowRow& row) {
  if (auto found = find({tenant, row.ns, row.id, row.revision})) return found;
  auto made = flow::compile_stored(row.source, row.revision, catalog_, options_);
  if (!made) return made;
  if (row.deleted) {  // the source does not say that the flow was deleted
    auto copy = std::make_shared<flow::Flow>(**made);
    copy->deleted = true;
    *made = std::move(copy);
  }
  keep(tenant, row, *made);
  return made;
}

void FlowCache::keep(const TenantUid& tenant, const store::FlowRow& row, std::shared_ptr<const flow::Flow> flow) {
  const std::lock_guard lock(mutex_);
  const Key key{tenant, row.ns, row.id, row.revision};
  if (const auto at = entries_.find(key); at != entries_.end()) {
    at->second.flow = std::move(flow);
    return;
  }
  uses_.push_front(key);
  entries_.emplace(key, Entry{std::move(flow), uses_.begin()});
  if (entries_.size() > flows_max_) {
    entries_.erase(uses_.back());
    uses_.pop_back();
  }
}

void FlowCache::forget(const TenantUid& tenant) {
  const std::lock_guard lock(mutex_);
  for (auto at = entries_.begin(); at != entries_.end();) {
    if (std::get<0>(at->first) == tenant) {
      uses_.erase(at->second.use);
      at = entries_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace insula::engine
