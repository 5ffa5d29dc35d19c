#include "engine/ledger.h"

namespace insula::engine {

void Ledger::add(const store::TenantScope& scope, const Delta& delta) {
  const std::lock_guard lock(mutex_);
  totals_.executions_started += delta.started;
  totals_.executions_ended += delta.ended;
  totals_.jobs_started += delta.jobs_started;
  totals_.jobs_ended += delta.jobs_ended;
  totals_.log_lines += delta.log_lines;
  totals_.rows += delta.rows;
  Entry& entry = by_tenant_.try_emplace(scope.uid(), Entry{scope.tenant(), {}}).first->second;
  entry.counts.executions_started += delta.started;
  entry.counts.executions_ended += delta.ended;
  entry.counts.jobs_ended += delta.jobs_ended;
  entry.counts.log_lines += delta.log_lines;
}

void Ledger::forget(const TenantUid& uid) {
  const std::lock_guard lock(mutex_);
  by_tenant_.erase(uid);
}

Statistics Ledger::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

std::vector<std::pair<TenantId, TenantStatistics>> Ledger::busiest(std::size_t count) const {
  std::vector<std::pair<TenantId, TenantStatistics>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [uid, entry] : by_tenant_) all.emplace_back(entry.tenant, entry.counts);
  }
  const std::size_t shown = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), all.end(), [](const auto& a, const auto& b) { return a.second.executions_started > b.second.executions_started; });
  all.resize(shown);
  return all;
}

}  // namespace insula::engine
