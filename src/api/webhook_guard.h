// Guessing webhook keys: how often an address was wrong in a tenant lately.
#pragma once
#include "base/base.h"

namespace insula::api {

// Any thread.
class WebhookGuard {
 public:
  static constexpr int kMissesMax = 120;                               // per window, address and tenant
  static constexpr Duration kWindow = std::chrono::minutes(1);

  bool is_blocked(const std::string& address, const TenantUid& tenant, Instant now);
  void note_miss(const std::string& address, const TenantUid& tenant, Instant now);

 private:
  struct Misses { int count = 0; Instant since; };
  std::mutex mutex_;
  std::unordered_map<std::string, Misses> misses_;
};

}  // namespace insula::api
