#include "api/sign_in_guard.h"

namespace insula::api {

int WindowCounter::count(const std::string& key, Instant now) {
  const auto found = windows_.find(key);
  if (found == windows_.end()) return 0;
  if (now - found->second.since < window_) return found->second.count;
  windows_.erase(found);
  return 0;
}

int WindowCounter::note(const std::string& key, Instant now) {
  if (windows_.size() >= kKeysMax && !windows_.contains(key)) drop_old(now);
  Window& window = windows_[key];
  if (window.count == 0 || now - window.since >= window_) window = {0, now};
  return ++window.count;
}

// Somebody with that many addresses is not stopped by counting them.
void WindowCounter::drop_old(Instant now) {
  std::erase_if(windows_, [&](const auto& entry) { return now - entry.second.since >= window_; });
  if (windows_.size() >= kKeysMax) windows_.clear();
}

SignInGuard::SignInGuard(const GuardLimits& limits)
    : limits_(limits), addresses_(limits.address_window), users_(limits.lock_window), reset_users_(limits.reset_cooldown), reset_addresses_(limits.reset_window) {}

bool SignInGuard::is_throttled(const std::string& address, Instant now) {
  const std::scoped_lock lock(mutex_);
  return addresses_.count(address, now) >= limits_.address_failures_max;
}

void SignInGuard::note_failure(const std::string& address, Instant now) {
  const std::scoped_lock lock(mutex_);
  addresses_.note(address, now);
}

void SignInGuard::note_success(const std::string& address, const UserId& user) {
  const std::scoped_lock lock(mutex_);
  addresses_.forget(address);
  users_.forget(user.str());
}

bool SignInGuard::note_failure(const UserId& user, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (limits_.lock_threshold <= 0 || users_.note(user.str(), now) < limits_.lock_threshold) return false;
  users_.forget(user.str());
  locked_[user] = now + limits_.lock_duration;
  return true;
}

bool SignInGuard::is_locked(const UserId& user, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto found = locked_.find(user);
  if (found == locked_.end()) return false;
  if (now < found->second) return true;
  locked_.erase(found);
  return false;
}

void SignInGuard::unlock(const UserId& user) {
  const std::scoped_lock lock(mutex_);
  locked_.erase(user);
  users_.forget(user.str());
}

bool SignInGuard::may_send_reset(const std::string& address, const std::string& username, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (reset_addresses_.note(address, now) > limits_.reset_requests_max) return false;
  return reset_users_.note(username, now) == 1;
}

}  // namespace insula::api
