// How many requests of each tenant are being answered, so that one tenant's callers cannot take all that the server has. Any thread.
#pragma once
#include <mutex>

#include "base/base.h"

namespace insula::api {

class OpenRequests {
 public:
  // Counts one request until it is destroyed.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(OpenRequests& of, const TenantUid& tenant) : of_(&of), tenant_(tenant) {}
    Ticket(Ticket&& other) noexcept : of_(std::exchange(other.of_, nullptr)), tenant_(std::move(other.tenant_)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(of_, other.of_);
      std::swap(tenant_, other.tenant_);
      return *this;
    }
    ~Ticket() { if (of_ != nullptr) of_->leave(tenant_); }

   private:
    OpenRequests* of_ = nullptr;
    TenantUid tenant_;
  };

  explicit OpenRequests(std::size_t per_tenant_max) : max_(per_tenant_max) {}   // 0: no limit
  // Nothing: the tenant has that many already.
  std::optional<Ticket> enter(const TenantUid& tenant);
  std::size_t open(const TenantUid& tenant) const;
  std::size_t limit() const { return max_; }

 private:
  void leave(const TenantUid& tenant);

  const std::size_t max_;
  mutable std::mutex mutex_;
  std::unordered_map<TenantUid, std::size_t> open_;   // only tenants with open requests
};

}  // namespace insula::api
