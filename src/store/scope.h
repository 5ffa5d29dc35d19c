// The only key that opens a tenant's rows: made by SystemStore from a tenant row, never from a text of a request.
#pragma once
#include "base/base.h"

namespace insula::store {

class TenantScope {
 public:
  const TenantUid& uid() const { return uid_; }
  const TenantId& tenant() const { return tenant_; }

 private:
  friend class SystemStore;
  friend struct ScopeForTests;           // the test hook that forces a wrong tenant
  TenantScope(TenantUid uid, TenantId tenant) : uid_(std::move(uid)), tenant_(std::move(tenant)) {}
  TenantUid uid_;
  TenantId tenant_;
};

}  // namespace insula::store
