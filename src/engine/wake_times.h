// Wake-up times of tenants in system.db (ARCHITECTURE.md "Sleeping and waking"). Tenants that wake or fall asleep at about the same time share a
// commit: a thousand of them must not cost a thousand fsyncs. Thread-safe.
#pragma once
#include "store/store.h"

namespace insula::engine {

class WakeTimes {
 public:
  WakeTimes(store::SystemStore& system, const Clock& clock) : system_(system), clock_(clock), collecting_(std::make_shared<Batch>()) {}

  // Returns when the rows of all of these say *now*, durably: from then on a crash finds them. What threads ask for while a commit is under way shares
  // the next one.
  Result<void> awake(const std::vector<TenantUid>& tenants);
  // The tenant has left memory. Written with the next commit or flush(): a crash before that only loads the tenant in vain. True when nothing else
  // was waiting to be written, so that somebody must see to a flush.
  bool asleep(const TenantUid& tenant, std::optional<Instant> due);
  void forget(const TenantUid& tenant);
  Result<void> flush();

 private:
  struct Batch {
    std::map<TenantUid, std::optional<Instant>> rows;   // only awake() puts in what is due
    std::set<TenantUid> sleeping;                       // those of `rows` that fell asleep
    bool done = false;
    std::optional<Error> error;
  };
  Result<void> written(std::unique_lock<std::mutex>& lock, std::shared_ptr<Batch> batch);

  store::SystemStore& system_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Batch> collecting_;
  bool writing_ = false;
};

}  // namespace insula::engine
