// Counters for /metrics: of the instance, and by tenant for those that did something since the start. Thread-safe.
#pragma once
#include "engine/engine.h"

namespace insula::engine {

class Ledger {
 public:
  struct Delta { std::uint64_t started = 0, ended = 0, jobs_started = 0, jobs_ended = 0, log_lines = 0, rows = 0; };
  void add(const store::TenantScope& scope, const Delta& delta);
  void forget(const TenantUid& uid);
  Statistics totals() const;
  std::vector<std::pair<TenantId, TenantStatistics>> busiest(std::size_t count) const;

 private:
  struct Entry { TenantId tenant; TenantStatistics counts; };
  mutable std::mutex mutex_;
  Statistics totals_;
  std::unordered_map<TenantUid, Entry> by_tenant_;
};

}  // namespace insula::engine
