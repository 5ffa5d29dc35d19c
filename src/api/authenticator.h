// Who sends a request: the one place that decides the principal, and the only one where passwords, tokens and sessions are looked at.
//
// Order       1. `Authorization: Basic …` (e-mail address and password)  2. `Authorization: Bearer …` (API token)  3. the cookie `JWT` (session).
//             The first that is shown decides: a wrong header is never made good by a cookie. Two Authorization fields are refused.
// At once     A deleted or locked user, a revoked or expired token and an ended session stop with the next request: whoever changes them here calls
//             forget(); for what is changed elsewhere (another process) users are read again after 30 s, tokens and sessions with them.
// Cost        What was right a moment ago is remembered under a keyed hash (access::CredentialCache): such a request costs microseconds and no read. Else one
//             job on a reader thread; of passwords at most `checks_max` at once, the others wait.
// Timing      A wrong name, a wrong password, a user without a password and a locked one take the same time: one verification. What is written because of a failure
//             (audit log, lock) is written after the answer.
// Threads     Any. `Done` runs at once when the credentials are known, else on a reader thread.
#pragma once
#include <deque>

#include "api/call.h"
#include "api/sign_in_guard.h"
#include "api/sign_in_ports.h"

namespace insula::api {

struct AuthenticatorLimits {
  int checks_max = 1;                 // argon2id verifications at once
  std::size_t waiting_max = 256;      // more wait than this: 503
  GuardLimits guard;
};

class Authenticator {
 public:
  using Done = std::move_only_function<void(Result<Principal>)>;

  // `directories`: asked about passwords of users who have none here. `url`: the public address.
  // `identity_changes`: held while rows of identity are read in order to be written.
  Authenticator(engine::Engine& engine, AuthenticatorLimits limits, std::vector<std::shared_ptr<PasswordDirectory>> directories, std::string url, std::mutex& identity_changes);

  // Errors: unauthenticated (code `session-ended` when it was the cookie), forbidden `csrf-token-wrong`, `origin-foreign`; unavailable `login-throttled`, `login-busy`.
  void identify(const http::Request& request, Done done);
  // A password alone: what a login route asks.
  void check_password(const access::BasicCredentials& credentials, const std::string& address, Done done);
  // From the head of a request: nothing when it shows something that could be right, else what is wrong.
  std::optional<Error> refusal(const http::Request& head) const;

  // After the commit of a changed password, flag, name or lock, of a revoked token, an ended session or a deletion.
  void forget(const UserId& user);
  void forget_session(std::string_view secret);
  void forget_all();
  SignInGuard& guard() { return guard_; }

 private:
  struct Attempt {
    std::string credential;
    access::BasicCredentials basic;
    std::string address;
    Done done;
  };
  struct Known {
    store::UserRow user;
    Instant until;
  };
  struct Verdict {
    std::optional<store::UserRow> user;  // whom the name stands for
    bool is_right = false;
    bool is_locked = false;
  };
  struct Checked {
    store::UserRow user;
    std::optional<store::UserRow> impersonator;
    std::optional<Instant> until;        // how long this may be remembered
  };
  void enqueue(Attempt attempt);
  void run_next();
  void check(Attempt attempt, store::Stores& stores);
  Result<Verdict> judge(const Attempt& attempt, store::Stores& stores, Instant now);
  Result<std::optional<store::UserRow>> ask_directories(const access::BasicCredentials& basic, store::Stores& stores);
  void write_failure(const store::UserRow& user, const std::string& address, bool locks);
  using Look = Result<std::optional<Checked>> (Authenticator::*)(const std::string& secret, store::Stores& stores, Instant now);
  // The common way of tokens and sessions: remembered, or looked up on a reader thread. `refused`: the answer when there is nothing.
  void identify_secret(std::string credential, std::string secret, SignedInBy by, Look look, Error refused, Done done);
  Result<std::optional<Checked>> look_up_token(const std::string& secret, store::Stores& stores, Instant now);
  Result<std::optional<Checked>> look_up_session(const std::string& secret, store::Stores& stores, Instant now);
  void write_use(const store::TokenRow& seen, Instant now);

  std::optional<Principal> recall(std::string_view credential, SignedInBy by);
  const store::UserRow* fresh(const UserId& id, Instant now);                     // under mutex_
  std::uint64_t changes() const;
  // Kept only when nothing was forgotten since `changes` was read: what was read before a change is not remembered after it.
  void remember(std::string_view credential, const Checked& checked, std::uint64_t changes);
  bool is_remembered(std::string_view credential, const UserId& user);
  bool is_locked(const store::UserRow& user, Instant now) { return (user.locked_until && now < *user.locked_until) || guard_.is_locked(user.id, now); }
  AuditId next_id(Instant now);

  engine::Engine& engine_;
  const AuthenticatorLimits limits_;
  const std::vector<std::shared_ptr<PasswordDirectory>> directories_;
  const std::string url_;
  std::mutex& identity_changes_;
  const std::string decoy_hash_;      // verified for unknown users, so that they take as long as known ones
  SignInGuard guard_;
  mutable std::mutex mutex_;
  access::CredentialCache cache_;
  std::unordered_map<UserId, Known> users_;
  std::uint64_t changes_ = 0;
  std::deque<Attempt> waiting_;
  int running_ = 0;
  IdGenerator ids_;
};

Principal principal_of(const store::UserRow& user, const store::UserRow* impersonator, SignedInBy by);

}  // namespace insula::api
