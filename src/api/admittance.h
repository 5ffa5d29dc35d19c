// The way of a request to its handler: route, principal, tenant, rule. Handlers run only behind it.
#pragma once
#include "api/authenticator.h"

namespace insula::api {

// What a user may do in a tenant, remembered for a moment: authorising must not read a database at every request.
class StandingCache {
 public:
  static constexpr Duration kLife = std::chrono::seconds(10);
  std::optional<store::Standing> find(const UserId& user, const TenantUid& tenant, Instant now);
  void put(const UserId& user, const TenantUid& tenant, store::Standing standing, Instant now);
  void clear();

 private:
  struct Entry {
    store::Standing standing;
    Instant until;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

class Admittance {
 public:
  explicit Admittance(Parts& parts) : parts_(parts) {}
  void admit(const CallPtr& call);
  // From the head alone: an answer for callers who show no credentials where some are needed.
  std::optional<http::Response> refusal(const http::Request& head) const;
  // Nobody is asked who they are, nor for a key; also what no route serves.
  bool is_open(const http::Request& head) const;

 private:
  void identified(const CallPtr& call);
  void open_tenant(const CallPtr& call);
  void find_standing(const CallPtr& call, const store::TenantScope& scope, std::function<void(const CallPtr&, store::Standing)> stand);
  void decide(const CallPtr& call);
  static bool is_allowed(const Call& call);
  static void deny(const CallPtr& call);
  void run(const CallPtr& call);
  void refuse_path(const CallPtr& call) const;
  void refuse_caller(const CallPtr& call, const Error& error) const;
  std::optional<Error> tenant_refusal(const Call& call) const;
  Parts& parts_;
};

}  // namespace insula::api
