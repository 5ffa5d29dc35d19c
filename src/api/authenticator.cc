#include "api/authenticator.h"

namespace insula::api {
namespace {

constexpr Duration kUserLife = std::chrono::seconds(30);  // how long a change of flags or names may go unseen
constexpr std::size_t kAddressesMax = 100'000;

Error refused() { return {ErrorKind::unauthenticated, "unauthenticated", "the e-mail address or the password is wrong", {}, {}}; }

std::string decoy() {
  const Result<std::string> hash = access::hash_password(random_bytes(24), random_bytes(16));
  INSULA_ASSERT(hash.has_value());
  return *hash;
}

}  // namespace

Principal principal_of(const store::UserRow& user) {
  return {user.id, user.email, user.first_name, user.last_name, user.super_admin, user.restricted};
}

Authenticator::Authenticator(engine::Engine& engine, AuthenticatorLimits limits)
    : engine_(engine), limits_(limits), decoy_hash_(decoy()), cache_(random_bytes(32)) {}

void Authenticator::identify(const http::Request& request, Done done) {
  const std::string_view header = request.headers.get("Authorization");
  const auto credentials = access::parse_basic(header);
  if (!credentials || request.headers.count("Authorization") != 1) return done(fail(refused()));
  if (std::optional<Principal> principal = known(header)) return done(std::move(*principal));
  // Who was right a moment ago is not held up by a stranger behind the same address.
  if (!is_remembered(header) && is_throttled(request.remote_address))
    return done(fail(ErrorKind::unavailable, "login-throttled", "too many failed logins from this address; try again in some minutes"));
  enqueue({std::string(header), *credentials, request.remote_address, std::move(done)});
}

bool Authenticator::is_remembered(std::string_view header) {
  const std::scoped_lock lock(mutex_);
  return cache_.find(header, engine_.ports().clock->now()).has_value();
}

std::optional<Principal> Authenticator::known(std::string_view header) {
  const Instant now = engine_.ports().clock->now();
  const std::scoped_lock lock(mutex_);
  const std::optional<UserId> user = cache_.find(header, now);
  if (!user) return std::nullopt;
  const auto found = users_.find(*user);
  if (found == users_.end() || found->second.until <= now) return std::nullopt;
  return found->second.principal;
}

void Authenticator::enqueue(Attempt attempt) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() < limits_.waiting_max) {
      waiting_.push_back(std::move(attempt));
      attempt.done = nullptr;
    }
  }
  if (attempt.done) return attempt.done(fail(ErrorKind::unavailable, "login-busy", "too many logins at once; try again"));
  run_next();
}

// At most `checks_max` of the reader threads hash passwords; the others stay free for reads.
void Authenticator::run_next() {
  {
    const std::scoped_lock lock(mutex_);
    if (running_ >= limits_.checks_max || waiting_.empty()) return;
    ++running_;
  }
  engine_.read_system([this](store::Stores& stores) {
    Attempt attempt;
    bool is_any = false;
    {
      const std::scoped_lock lock(mutex_);
      if ((is_any = !waiting_.empty())) {
        attempt = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    if (is_any) check(std::move(attempt), stores);
    {
      const std::scoped_lock lock(mutex_);
      --running_;
    }
    run_next();
  });
}

void Authenticator::check(Attempt attempt, store::Stores& stores) {
  // Another request with the same credentials may have been checked while this one waited.
  if (std::optional<Principal> principal = known(attempt.header)) return attempt.done(std::move(*principal));
  const Instant now = engine_.ports().clock->now();
  Result<std::optional<store::UserRow>> user = stores.system().user_by_email(lower_ascii(attempt.credentials.username));
  if (!user) return attempt.done(fail(std::move(user.error())));
  bool is_remembered = false;
  {
    const std::scoped_lock lock(mutex_);
    const std::optional<UserId> remembered = cache_.find(attempt.header, now);
    is_remembered = remembered && *user && (*user)->id == *remembered;
  }
  const bool has_password = *user && !(*user)->password_hash.empty();
  const bool is_right = is_remembered || access::verify_password(attempt.credentials.password, has_password ? (*user)->password_hash : decoy_hash_);
  if (!is_right || !has_password) {
    note_failure(attempt.address);
    return attempt.done(fail(refused()));
  }
  Principal principal = principal_of(**user);
  {
    const std::scoped_lock lock(mutex_);
    if (!is_remembered) cache_.put(attempt.header, principal.id, now);
    users_[principal.id] = {principal, now + kUserLife};
    failures_.erase(attempt.address);
  }
  attempt.done(std::move(principal));
}

bool Authenticator::is_throttled(const std::string& address) {
  const Instant now = engine_.ports().clock->now();
  const std::scoped_lock lock(mutex_);
  const auto found = failures_.find(address);
  if (found == failures_.end()) return false;
  if (now - found->second.since > limits_.window) {
    failures_.erase(found);
    return false;
  }
  return found->second.count >= limits_.failures_max;
}

void Authenticator::note_failure(const std::string& address) {
  const Instant now = engine_.ports().clock->now();
  const std::scoped_lock lock(mutex_);
  // Somebody with that many addresses is not stopped by counting them.
  if (failures_.size() >= kAddressesMax) failures_.clear();
  Failures& failures = failures_[address];
  if (failures.count == 0 || now - failures.since > limits_.window) failures = {0, now};
  ++failures.count;
}

void Authenticator::forget_all() {
  const std::scoped_lock lock(mutex_);
  cache_.clear();
  users_.clear();
}

}  // namespace insula::api
