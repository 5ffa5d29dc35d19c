// The only key that opens a tenant's rows: made by SystemStore from a tenant row, never from a text of a request.
#pragma once
#include "base/base.h"

namespace insula::store {

// Who acts, for the audit log. Nobody: the instance itself, a schedule, a webhook.
struct Actor {
  UserId user;
  std::string user_name;
  UserId impersonator;                     // who acts as `user`; empty = the user themselves
  std::string address;                     // of the client
  bool nobody() const { return user.empty(); }
};

class TenantScope {
 public:
  const TenantUid& uid() const { return uid_; }
  const TenantId& tenant() const { return tenant_; }
  const Actor& actor() const { return actor_; }
  // The same tenant, on behalf of somebody.
  TenantScope as(Actor actor) const {
    TenantScope scope = *this;
    scope.actor_ = std::move(actor);
    return scope;
  }

 private:
  friend class SystemStore;
  friend struct ScopeForTests;           // the test hook that forces a wrong tenant
  TenantScope(TenantUid uid, TenantId tenant) : uid_(std::move(uid)), tenant_(std::move(tenant)) {}
  TenantUid uid_;
  TenantId tenant_;
  Actor actor_;
};

}  // namespace insula::store
