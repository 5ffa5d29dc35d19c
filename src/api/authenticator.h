// Who sends a request: Basic credentials → principal. The only place where passwords are looked at.
#pragma once
#include <deque>

#include "api/call.h"

namespace insula::api {

struct AuthenticatorLimits {
  int checks_max = 1;                 // argon2id verifications at once
  std::size_t waiting_max = 256;      // more wait than this: 503
  int failures_max = 10;              // of one address within the window: 429
  Duration window{std::chrono::minutes(5)};
};

// Any thread. A password that was right a moment ago is remembered as a keyed hash (access::CredentialCache), so that one request in thousands hashes.
class Authenticator {
 public:
  using Done = std::move_only_function<void(Result<Principal>)>;

  Authenticator(engine::Engine& engine, AuthenticatorLimits limits);
  // `done` runs at once when the credentials are known, else on a reader thread. Errors: unauthenticated; unavailable `login-throttled`, `login-busy`.
  void identify(const http::Request& request, Done done);
  void forget_all();

 private:
  struct Attempt {
    std::string header;
    access::BasicCredentials credentials;
    std::string address;
    Done done;
  };
  struct Failures {
    int count = 0;
    Instant since;
  };
  struct Known {
    Principal principal;
    Instant until;
  };
  void enqueue(Attempt attempt);
  void run_next();
  void check(Attempt attempt, store::Stores& stores);
  bool is_throttled(const std::string& address);
  void note_failure(const std::string& address);
  bool is_remembered(std::string_view header);
  std::optional<Principal> known(std::string_view header);

  engine::Engine& engine_;
  const AuthenticatorLimits limits_;
  const std::string decoy_hash_;      // verified for unknown users, so that they take as long as known ones
  std::mutex mutex_;
  access::CredentialCache cache_;
  std::unordered_map<UserId, Known> users_;
  std::unordered_map<std::string, Failures> failures_;
  std::deque<Attempt> waiting_;
  int running_ = 0;
};

Principal principal_of(const store::UserRow& user);

}  // namespace insula::api
