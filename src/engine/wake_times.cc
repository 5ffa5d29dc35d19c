#include "engine/wake_times.h"

namespace insula::engine {

Result<void> WakeTimes::awake(const std::vector<TenantUid>& tenants) {
  const Instant now = clock_.now();
  std::unique_lock lock(mutex_);
  bool needs_commit = false;
  for (const TenantUid& tenant : tenants) {
    // Asleep, but not written yet: its row still says that it is awake.
    if (collecting_->sleeping.erase(tenant) > 0) {
      collecting_->rows.erase(tenant);
      continue;
    }
    collecting_->rows[tenant] = now;
    needs_commit = true;
  }
  if (!needs_commit) return {};
  return written(lock, collecting_);
}

bool WakeTimes::asleep(const TenantUid& tenant, std::optional<Instant> due) {
  const std::lock_guard lock(mutex_);
  const bool first = collecting_->rows.empty();
  collecting_->rows[tenant] = due;
  collecting_->sleeping.insert(tenant);
  return first;
}

void WakeTimes::forget(const TenantUid& tenant) {
  std::unique_lock lock(mutex_);
  collecting_->rows.erase(tenant);
  collecting_->sleeping.erase(tenant);
  changed_.wait(lock, [this] { return !writing_; });  // its row, in the batch under way, must not come after its deletion
}

Result<void> WakeTimes::flush() {
  std::unique_lock lock(mutex_);
  if (collecting_->rows.empty()) return {};
  return written(lock, collecting_);
}

// One of those who wait for a batch writes it, the others wait for that one.
Result<void> WakeTimes::written(std::unique_lock<std::mutex>& lock, std::shared_ptr<Batch> batch) {
  changed_.wait(lock, [&] { return batch->done || !writing_; });
  if (!batch->done) {
    writing_ = true;
    collecting_ = std::make_shared<Batch>();
    lock.unlock();
    auto set = system_.set_wakes({batch->rows.begin(), batch->rows.end()});
    lock.lock();
    writing_ = false;
    batch->done = true;
    if (!set) batch->error = std::move(set.error());
    changed_.notify_all();
  }
  if (batch->error) return fail(*batch->error);
  return {};
}

}  // namespace insula::engine
