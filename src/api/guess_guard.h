// Guessing secrets: how often somebody was wrong lately. Somebody is an address, or a user who is signed in.
#pragma once
#include "api/sign_in_guard.h"

namespace insula::api {

// Any thread.
class GuessGuard {
 public:
  static constexpr int kMissesMax = 10;                                // per window
  static constexpr Duration kWindow = std::chrono::minutes(5);

  bool is_blocked(const std::string& who, Instant now);
  void note_miss(const std::string& who, Instant now);

 private:
  std::mutex mutex_;
  WindowCounter misses_{kWindow};
};

}  // namespace insula::api
