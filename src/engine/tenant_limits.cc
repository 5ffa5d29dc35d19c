#include "engine/tenant_limits.h"

namespace insula::engine {

std::optional<flow::Concurrency> read_concurrency(const Json* json) {
  const JsonObject* object = json == nullptr ? nullptr : json->if_object();
  const Json* limit = object == nullptr ? nullptr : find(*object, "limit");
  if (limit == nullptr || !limit->is_number()) return std::nullopt;
  flow::Concurrency concurrency{static_cast<int>(limit->to_number<std::int64_t>()), flow::Concurrency::Behavior::queue};
  const Json* behavior = find(*object, "behavior");
  if (behavior != nullptr && *behavior == "CANCEL") concurrency.behavior = flow::Concurrency::Behavior::cancel;
  if (behavior != nullptr && *behavior == "FAIL") concurrency.behavior = flow::Concurrency::Behavior::fail;
  return concurrency;
}

TenantLimits TenantLimits::of(const store::TenantRow& row) {
  TenantLimits limits;
  limits.suspended = row.state == "suspended";
  limits.concurrency = read_concurrency(find(row.settings, "concurrency"));
  limits.quotas = read_quotas(find(row.settings, "quotas"));
  if (const Json* required = find(row.settings, "requireExistingNamespace")) limits.requires_namespace = *required == true;
  if (const Json* weight = find(row.settings, "weight"); weight != nullptr && weight->is_number()) limits.weight = static_cast<int>(weight->to_number<std::int64_t>());
  return limits;
}

}  // namespace insula::engine
