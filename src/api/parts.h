// What one Api is made of; handlers reach it through their Call.
#pragma once
#include "api/admittance.h"
#include "api/api.h"
#include "api/guess_guard.h"
#include "api/open_requests.h"
#include "api/webhook_guard.h"

namespace insula::api {

struct Parts {
  Parts(engine::Engine& engine, Options options);

  engine::Engine& engine;
  const Options options;
  const std::vector<Route> routes;
  const Router router;
  std::mutex identity_changes;   // one change of roles, people or bindings at a time: what was checked still holds when it is written
  OpenRequests open_requests;    // outlives the calls that are counted in it
  Authenticator authenticator;
  StandingCache standings;
  Admittance admittance;
  WebhookGuard webhook_guard;
  GuessGuard invitation_guard, password_guard;

  // True at most once per interval.
  bool is_sweep_due(Instant now, Duration interval) {
    const std::scoped_lock lock(ids_mutex_);
    if (last_sweep_ && now - *last_sweep_ < interval) return false;
    last_sweep_ = now;
    return true;
  }

  // Ids of what is made here: rows of identity, audit entries, executions whose files are stored before the execution is started.
  template <class Id>
  Id next_id(Instant now) {
    const std::scoped_lock lock(ids_mutex_);
    return ids_.next_as<Id>(now);
  }

 private:
  std::mutex ids_mutex_;
  IdGenerator ids_;
  std::optional<Instant> last_sweep_;
};

}  // namespace insula::api
