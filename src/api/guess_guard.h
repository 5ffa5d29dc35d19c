// Guessing secrets: how often somebody was wrong lately. Somebody is an address, or a user who is signed in.
#pragma once
#include "base/base.h"

namespace insula::api {

// Any thread.
class GuessGuard {
 public:
  static constexpr int kMissesMax = 10;                                // per window
  static constexpr Duration kWindow = std::chrono::minutes(5);

  bool is_blocked(const std::string& who, Instant now);
  void note_miss(const std::string& who, Instant now);

 private:
  static constexpr std::size_t kRememberedMax = 100'000;               // who has more addresses is not stopped by counting them
  struct Misses { int count = 0; Instant since; };
  std::mutex mutex_;
  std::unordered_map<std::string, Misses> misses_;
};

}  // namespace insula::api
