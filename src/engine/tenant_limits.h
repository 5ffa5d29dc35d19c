// What an administrator of the instance lets a tenant do; from its row.
#pragma once
#include "engine/quotas.h"

namespace insula::engine {

struct TenantLimits {
  bool suspended = false;
  std::optional<flow::Concurrency> concurrency;   // of all its executions
  std::vector<Quota> quotas;                      // of all its executions
  bool requires_namespace = false;                // flows may only be made in namespaces that somebody has made
  int weight = 1;                                 // turns per round among the tenants that want something, 1 to 100

  static TenantLimits of(const store::TenantRow& row);
  bool operator==(const TenantLimits&) const = default;
};

// `{"limit": 5, "behavior": "QUEUE"}` as the API has checked it; nothing when it is absent.
std::optional<flow::Concurrency> read_concurrency(const Json* json);

}  // namespace insula::engine
