// Counts failures: of an address (then 429), of a user (then the account is locked), and letters with links for a new password.
#pragma once
#include "base/base.h"

namespace insula::api {

// How often something happened under a key within a window that starts with the first of them. Not thread-safe.
class WindowCounter {
 public:
  explicit WindowCounter(Duration window) : window_(window) {}
  int count(const std::string& key, Instant now);
  int note(const std::string& key, Instant now);                   // the count with this one
  void forget(const std::string& key) { windows_.erase(key); }

 private:
  static constexpr std::size_t kKeysMax = 100'000;
  struct Window { int count = 0; Instant since; };
  void drop_old(Instant now);
  Duration window_;
  std::unordered_map<std::string, Window> windows_;
};

struct GuardLimits {
  int address_failures_max = 10;                                   // within the window; then 429 without a look at the password
  Duration address_window{std::chrono::minutes(5)};
  int lock_threshold = 10;                                         // failures of one user within the window; 0 = never locked
  Duration lock_window{std::chrono::minutes(5)};
  Duration lock_duration{std::chrono::minutes(30)};
  Duration reset_cooldown{std::chrono::minutes(5)};                // between two letters to one user
  int reset_requests_max = 10;                                     // of one address within the window
  Duration reset_window{std::chrono::hours(1)};
};

// Any thread. Counts are of this process: they begin anew with it. A lock itself is stored (UserRow::locked_until); here it holds at once.
class SignInGuard {
 public:
  explicit SignInGuard(const GuardLimits& limits);

  bool is_throttled(const std::string& address, Instant now);
  void note_failure(const std::string& address, Instant now);
  void note_success(const std::string& address, const UserId& user);

  // True: this one locks the account until now + lock_duration.
  bool note_failure(const UserId& user, Instant now);
  bool is_locked(const UserId& user, Instant now);
  void unlock(const UserId& user);

  // Whether a letter may go to the user on demand of the address; counts both when it may.
  bool may_send_reset(const std::string& address, const std::string& username, Instant now);

  const GuardLimits& limits() const { return limits_; }

 private:
  const GuardLimits limits_;
  std::mutex mutex_;
  WindowCounter addresses_, users_, reset_users_, reset_addresses_;
  std::unordered_map<UserId, Instant> locked_;
};

}  // namespace insula::api
