// Compiled flows of the instance, by tenant, namespace, id, revision. Thread-safe; the oldest used leaves when full.
#pragma once
#include <list>

#include "flow/flow.h"
#include "store/store.h"

namespace insula::engine {

class FlowCache {
 public:
  FlowCache(const flow::Catalog& catalog, std::vector<flow::PluginDefault> defaults, std::size_t flows_max = 4'096)
      : catalog_(catalog), options_{std::move(defaults)}, flows_max_(flows_max) {}

  Result<std::shared_ptr<const flow::Flow>> compiled(const TenantUid& tenant, const store::FlowRow& row);
  void keep(const TenantUid& tenant, const store::FlowRow& row, std::shared_ptr<const flow::Flow> flow);
  void forget(const TenantUid& tenant);

  const flow::Catalog& catalog() const { return catalog_; }
  const flow::ReadOptions& read_options() const { return options_; }

 private:
  using Key = std::tuple<TenantUid, Namespace, FlowId, int>;
  struct Entry {
    std::shared_ptr<const flow::Flow> flow;
    std::list<Key>::iterator use;
  };
  std::shared_ptr<const flow::Flow> find(const Key& key);

  const flow::Catalog& catalog_;
  flow::ReadOptions options_;
  std::size_t flows_max_;
  std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::list<Key> uses_;  // most recent first
};

}  // namespace insula::engine
