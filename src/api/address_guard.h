// Guessing secrets without credentials: how often an address was wrong lately.
#pragma once
#include "base/base.h"

namespace insula::api {

// Any thread.
class AddressGuard {
 public:
  static constexpr int kMissesMax = 10;                                // per window and address
  static constexpr Duration kWindow = std::chrono::minutes(5);

  bool is_blocked(const std::string& address, Instant now);
  void note_miss(const std::string& address, Instant now);

 private:
  static constexpr std::size_t kAddressesMax = 100'000;                // somebody with more addresses is not stopped by counting them
  struct Misses { int count = 0; Instant since; };
  std::mutex mutex_;
  std::unordered_map<std::string, Misses> misses_;
};

}  // namespace insula::api
