#include "api/address_guard.h"

namespace insula::api {

bool AddressGuard::is_blocked(const std::string& address, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto found = misses_.find(address);
  if (found == misses_.end()) return false;
  if (now - found->second.since <= kWindow) return found->second.count >= kMissesMax;
  misses_.erase(found);
  return false;
}

void AddressGuard::note_miss(const std::string& address, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (misses_.size() >= kAddressesMax) misses_.clear();
  Misses& misses = misses_[address];
  if (misses.count == 0 || now - misses.since > kWindow) misses = {0, now};
  ++misses.count;
}

}  // namespace insula::api
