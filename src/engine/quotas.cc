#include "engine/quotas.h"

namespace insula::engine {

namespace {

bool covers(std::string_view outer, std::string_view ns) {
  return outer.empty() || (ns.starts_with(outer) && (ns.size() == outer.size() || ns[outer.size()] == '.'));
}

Instant window_start(Instant now, Duration window) {
  constexpr Instant kFirstMonday(std::chrono::days(4));
  const Duration since = now - kFirstMonday;
  return kFirstMonday + (since - since % window);
}

}  // namespace

std::vector<Quota> read_quotas(const Json* json) {
  std::vector<Quota> quotas;
  const JsonArray* list = json == nullptr ? nullptr : json->if_array();
  if (list == nullptr) return quotas;
  for (const Json& one : *list) {
    const JsonObject* object = one.if_object();
    if (object == nullptr) continue;
    const Json* limit = find(*object, "limit");
    const Json* duration = find(*object, "duration");
    const auto window = duration != nullptr && duration->is_string() ? parse_duration(duration->get_string()) : std::nullopt;
    if (limit == nullptr || !limit->is_number() || !window || *window <= Duration::zero()) continue;
    const Json* behavior = find(*object, "behavior");
    const bool cancels = behavior != nullptr && *behavior == "CANCEL";
    quotas.push_back({*window, limit->to_number<std::int64_t>(), cancels ? flow::Concurrency::Behavior::cancel : flow::Concurrency::Behavior::fail});
  }
  return quotas;
}

void Quotas::limit(const Namespace& ns, std::vector<Quota> quotas) {
  if (quotas.empty()) limits_.erase(ns);
  else limits_.insert_or_assign(ns, std::move(quotas));
}

void Quotas::load(const std::vector<store::QuotaCount>& counts) {
  loaded_ = true;
  for (const store::QuotaCount& count : counts) counts_.try_emplace({count.ns, count.window}, Count{count.start, count.executions, false});
}

std::optional<Quotas::Exceeded> Quotas::take(const Namespace& ns, Instant now) {
  std::optional<Exceeded> strictest;
  std::vector<Count*> covering;
  for (const auto& [outer, quotas] : limits_) {
    if (!covers(outer.str(), ns.str())) continue;
    for (const Quota& quota : quotas) {
      const Instant start = window_start(now, quota.window);
      Count& count = counts_[{outer, quota.window}];
      if (count.start != start) count = {start, 0, false};
      covering.push_back(&count);
      if (count.executions < quota.limit) continue;
      if (!strictest || quota.behavior > strictest->quota.behavior) strictest = Exceeded{outer.str().empty() ? "tenant" : fmt::format("namespace {}", outer), quota, start + quota.window};
    }
  }
  if (strictest) return strictest;
  for (Count* count : covering) {
    ++count->executions;
    count->changed = true;
  }
  return std::nullopt;
}

std::vector<store::QuotaCount> Quotas::changed() {
  std::vector<store::QuotaCount> changed;
  for (auto& [key, count] : counts_) {
    if (!std::exchange(count.changed, false)) continue;
    changed.push_back({key.first, key.second, count.start, count.executions});
  }
  return changed;
}

}  // namespace insula::engine
