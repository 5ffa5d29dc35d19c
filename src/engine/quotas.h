// How many executions may begin within a span of time: quotas of a tenant and of its namespaces, each with those below it (features.md §3.7). Windows have
// fixed edges, aligned to Monday 1970-01-05T00:00Z, and what begins is counted once in every window that covers it. What a quota refuses is not counted. A run that
// is restarted has begun before. Pure; the actor tells it what the store knows and writes what changed with the turn.
#pragma once
#include "store/store.h"

namespace insula::engine {

struct Quota {
  bool operator==(const Quota&) const = default;
  Duration window{};                     // a minute or more
  std::int64_t limit = 0;
  flow::Concurrency::Behavior behavior = flow::Concurrency::Behavior::fail;   // fail or cancel
};

// `[{"duration": "PT1H", "limit": 100, "behavior": "FAIL"}]` as the API has checked it; those without sense are left out.
std::vector<Quota> read_quotas(const Json* json);

class Quotas {
 public:
  struct Exceeded {
    std::string scope;                   // as a user says it: `tenant`, `namespace a.b`
    Quota quota;
    Instant until;                       // the end of the window
  };

  void limit_tenant(std::vector<Quota> quotas) { limit(Namespace(), std::move(quotas)); }
  void limit_namespace(const Namespace& ns, std::vector<Quota> quotas) { limit(ns, std::move(quotas)); }
  bool empty() const { return limits_.empty(); }

  // What was counted before.
  void load(const std::vector<store::QuotaCount>& counts);
  bool is_loaded() const { return loaded_; }

  // Counts an execution of the namespace that begins now. When quotas are used up, nothing is counted: the strictest is told, FAIL before CANCEL.
  std::optional<Exceeded> take(const Namespace& ns, Instant now);
  // What has changed since this was asked last.
  std::vector<store::QuotaCount> changed();

 private:
  struct Count {
    Instant start;
    std::int64_t executions = 0;
    bool changed = false;
  };
  using Key = std::pair<Namespace, Duration>;
  void limit(const Namespace& ns, std::vector<Quota> quotas);

  bool loaded_ = false;
  std::map<Namespace, std::vector<Quota>> limits_;   // the empty namespace: the tenant
  std::map<Key, Count> counts_;
};

}  // namespace insula::engine
