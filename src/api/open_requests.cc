#include "api/open_requests.h"

namespace insula::api {

std::optional<OpenRequests::Ticket> OpenRequests::enter(const TenantUid& tenant) {
  const std::scoped_lock lock(mutex_);
  std::size_t& open = open_[tenant];
  if (max_ != 0 && open >= max_) return std::nullopt;
  ++open;
  return Ticket(*this, tenant);
}

void OpenRequests::leave(const TenantUid& tenant) {
  const std::scoped_lock lock(mutex_);
  const auto at = open_.find(tenant);
  if (at != open_.end() && --at->second == 0) open_.erase(at);
}

std::size_t OpenRequests::open(const TenantUid& tenant) const {
  const std::scoped_lock lock(mutex_);
  const auto at = open_.find(tenant);
  return at == open_.end() ? 0 : at->second;
}

}  // namespace insula::api
