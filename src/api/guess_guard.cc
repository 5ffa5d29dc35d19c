#include "api/guess_guard.h"

namespace insula::api {

bool GuessGuard::is_blocked(const std::string& who, Instant now) {
  const std::scoped_lock lock(mutex_);
  return misses_.count(who, now) >= kMissesMax;
}

void GuessGuard::note_miss(const std::string& who, Instant now) {
  const std::scoped_lock lock(mutex_);
  misses_.note(who, now);
}

}  // namespace insula::api
