#include "api/guess_guard.h"

namespace insula::api {

bool GuessGuard::is_blocked(const std::string& who, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto found = misses_.find(who);
  if (found == misses_.end()) return false;
  if (now - found->second.since <= kWindow) return found->second.count >= kMissesMax;
  misses_.erase(found);
  return false;
}

void GuessGuard::note_miss(const std::string& who, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (misses_.size() >= kRememberedMax) misses_.clear();
  Misses& misses = misses_[who];
  if (misses.count == 0 || now - misses.since > kWindow) misses = {0, now};
  ++misses.count;
}

}  // namespace insula::api
