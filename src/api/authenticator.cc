#include "api/authenticator.h"

#include "api/session_cookie.h"

namespace insula::api {
namespace {

constexpr Duration kUserLife = std::chrono::seconds(30);       // how long a change made elsewhere may go unseen
constexpr Duration kLastUsedPrecision = std::chrono::minutes(10);

Error refused(std::string message) { return {ErrorKind::unauthenticated, "unauthenticated", std::move(message), {}, {}}; }
Error wrong_password() { return refused("the e-mail address or the password is wrong"); }
Error wrong_token() { return refused("the API token is unknown, expired or revoked"); }
Error session_ended() { return {ErrorKind::unauthenticated, "session-ended", "the session has ended; sign in again", {}, {}}; }
std::unexpected<Error> throttled() { return fail(ErrorKind::unavailable, "login-throttled", "too many failed logins from this address; try again in some minutes"); }

std::string session_credential(std::string_view secret) { return fmt::format("Session {}", secret); }

std::string decoy() {
  const Result<std::string> hash = access::hash_password(random_bytes(24), random_bytes(16));
  INSULA_ASSERT(hash.has_value());
  return *hash;
}

std::uint64_t seed() {
  std::uint64_t number = 0;
  std::ranges::copy(random_bytes(sizeof number), reinterpret_cast<char*>(&number));
  return number;
}

}  // namespace

Principal principal_of(const store::UserRow& user, const store::UserRow* impersonator, SignedInBy by) {
  Principal principal;
  principal.id = user.id;
  principal.email = user.username();
  principal.first_name = user.first_name;
  principal.last_name = user.last_name;
  principal.super_admin = user.super_admin && user.home.empty();
  principal.restricted = user.restricted;
  principal.service_account = user.service_account;
  principal.home = user.home;
  principal.by = by;
  if (impersonator != nullptr) {
    principal.impersonator = impersonator->id;
    principal.impersonator_name = impersonator->username();
  }
  return principal;
}

Authenticator::Authenticator(engine::Engine& engine, AuthenticatorLimits limits, std::vector<std::shared_ptr<PasswordDirectory>> directories, std::string url, std::mutex& identity_changes)
    : engine_(engine),
      limits_(std::move(limits)),
      directories_(std::move(directories)),
      url_(std::move(url)),
      identity_changes_(identity_changes),
      decoy_hash_(decoy()),
      guard_(limits_.guard),
      cache_(random_bytes(32)),
      ids_(seed()) {}

// ---- the order

void Authenticator::identify(const http::Request& request, Done done) {
  const std::size_t fields = request.headers.count("Authorization");
  if (fields == 0) {
    const ShownSession shown = shown_session(request);
    if (!shown.is_there) return done(fail(refused("no credentials were shown")));
    if (shown.secret.empty()) return done(fail(session_ended()));
    if (auto genuine = check_forgery(request, shown.secret, url_); !genuine) return done(fail(std::move(genuine.error())));
    return identify_secret(session_credential(shown.secret), shown.secret, SignedInBy::session, &Authenticator::look_up_session, session_ended(), std::move(done));
  }
  const std::string_view header = request.headers.get("Authorization");
  if (fields > 1) return done(fail(refused("two Authorization fields contradict each other")));
  if (const auto basic = access::parse_basic(header)) return check_password(*basic, request.remote_address, std::move(done));
  const auto token = access::parse_bearer(header);
  if (!token || !access::token_prefix(*token)) return done(fail(wrong_token()));
  identify_secret(fmt::format("Bearer {}", *token), *token, SignedInBy::token, &Authenticator::look_up_token, wrong_token(), std::move(done));
}

std::optional<Error> Authenticator::refusal(const http::Request& head) const {
  if (head.headers.contains("Authorization")) return std::nullopt;
  const ShownSession shown = shown_session(head);
  if (!shown.is_there) return refused({});
  if (shown.secret.empty()) return session_ended();
  auto genuine = check_forgery(head, shown.secret, url_);
  return genuine ? std::nullopt : std::optional(std::move(genuine.error()));
}

void Authenticator::check_password(const access::BasicCredentials& credentials, const std::string& address, Done done) {
  std::string credential = access::write_basic(credentials);
  if (std::optional<Principal> principal = recall(credential, SignedInBy::password)) return done(std::move(*principal));
  const Instant now = engine_.ports().clock->now();
  // Who was right a moment ago is not held up by a stranger behind the same address.
  if (!is_remembered(credential, {}) && guard_.is_throttled(address, now)) return done(throttled());
  enqueue({std::move(credential), credentials, address, std::move(done)});
}

// ---- what is remembered

const store::UserRow* Authenticator::fresh(const UserId& id, Instant now) {
  const auto found = users_.find(id);
  return found == users_.end() || found->second.until <= now ? nullptr : &found->second.user;
}

std::optional<Principal> Authenticator::recall(std::string_view credential, SignedInBy by) {
  const Instant now = engine_.ports().clock->now();
  const std::scoped_lock lock(mutex_);
  const std::optional<access::Proven> proven = cache_.find(credential, now);
  if (!proven) return std::nullopt;
  const store::UserRow* user = fresh(proven->user, now);
  const store::UserRow* impersonator = proven->impersonator.empty() ? nullptr : fresh(proven->impersonator, now);
  if (user == nullptr || (!proven->impersonator.empty() && impersonator == nullptr)) return std::nullopt;
  return principal_of(*user, impersonator, by);
}

bool Authenticator::is_remembered(std::string_view credential, const UserId& user) {
  const std::scoped_lock lock(mutex_);
  const auto proven = cache_.find(credential, engine_.ports().clock->now());
  return proven && (user.empty() || proven->user == user);
}

std::uint64_t Authenticator::changes() const {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

void Authenticator::remember(std::string_view credential, const Checked& checked, std::uint64_t changes) {
  constexpr std::size_t users_max = 50'000;
  const Instant now = engine_.ports().clock->now();
  const std::scoped_lock lock(mutex_);
  if (changes != changes_) return;
  if (users_.size() >= users_max) users_.clear();
  users_[checked.user.id] = {checked.user, now + kUserLife};
  if (checked.impersonator) users_[checked.impersonator->id] = {*checked.impersonator, now + kUserLife};
  cache_.put(credential, {checked.user.id, checked.impersonator ? checked.impersonator->id : UserId(), checked.until}, now);
}

void Authenticator::forget(const UserId& user) {
  const std::scoped_lock lock(mutex_);
  ++changes_;
  cache_.forget(user);
  users_.erase(user);
}

void Authenticator::forget_session(std::string_view secret) {
  const std::scoped_lock lock(mutex_);
  ++changes_;
  cache_.forget_one(session_credential(secret));
}

void Authenticator::forget_all() {
  const std::scoped_lock lock(mutex_);
  ++changes_;
  cache_.clear();
  users_.clear();
}

// ---- passwords

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
  if (std::optional<Principal> principal = recall(attempt.credential, SignedInBy::password)) return attempt.done(std::move(*principal));
  const std::uint64_t before = changes();
  const Instant now = engine_.ports().clock->now();
  Result<Verdict> verdict = judge(attempt, stores, now);
  if (!verdict) return attempt.done(fail(std::move(verdict.error())));
  if (verdict->is_right && !verdict->is_locked) {
    guard_.note_success(attempt.address, verdict->user->id);
    remember(attempt.credential, {*verdict->user, std::nullopt, std::nullopt}, before);
    return attempt.done(principal_of(*verdict->user, nullptr, SignedInBy::password));
  }
  guard_.note_failure(attempt.address, now);
  const bool counts = verdict->user && !verdict->is_locked;
  const bool locks = counts && guard_.note_failure(verdict->user->id, now);
  if (locks) forget(verdict->user->id);
  attempt.done(fail(wrong_password()));
  if (counts) write_failure(*verdict->user, attempt.address, locks);
}

Result<Authenticator::Verdict> Authenticator::judge(const Attempt& attempt, store::Stores& stores, Instant now) {
  Result<std::optional<store::UserRow>> user = stores.system().user_by_email(lower_ascii(attempt.basic.username));
  if (!user) return fail(std::move(user.error()));
  Verdict verdict{std::move(*user), false, false};
  verdict.is_locked = verdict.user && is_locked(*verdict.user, now);
  const bool has_password = verdict.user && !verdict.user->password_hash.empty();
  const bool may = has_password && !verdict.is_locked;
  verdict.is_right = (may && is_remembered(attempt.credential, verdict.user->id)) ||
                     (access::verify_password(attempt.basic.password, may ? verdict.user->password_hash : decoy_hash_) && may);
  if (has_password || verdict.is_locked || directories_.empty()) return verdict;
  Result<std::optional<store::UserRow>> proven = ask_directories(attempt.basic, stores);
  if (!proven) return fail(std::move(proven.error()));
  if (!*proven) return verdict;
  return Verdict{**proven, true, is_locked(**proven, now)};
}

Result<std::optional<store::UserRow>> Authenticator::ask_directories(const access::BasicCredentials& basic, store::Stores& stores) {
  for (const auto& directory : directories_) {
    auto identity = directory->check(basic.username, basic.password);
    if (!identity) return fail(std::move(identity.error()));
    if (*identity) return stores.system().user_by_email(lower_ascii((*identity)->email));
  }
  return std::optional<store::UserRow>();
}

// After the answer: what is written must not show in its time.
void Authenticator::write_failure(const store::UserRow& user, const std::string& address, bool locks) {
  engine_.read_system([this, id = user.id, address, locks](store::Stores& stores) {
    const Instant now = engine_.ports().clock->now();
    const std::scoped_lock one_at_a_time(identity_changes_);
    auto row = stores.system().user(id);
    if (!row || !*row) return;
    store::SystemTurn turn;
    const auto entry = [&](const char* kind) {
      store::AuditRow audit;
      audit.id = next_id(now);
      audit.at = now;
      audit.kind = kind;
      audit.resource = "USER";
      audit.object_id = id.str();
      audit.user_name = (*row)->username();
      audit.address = address;
      audit.result = "DENIED";
      turn.audit.push_back(std::move(audit));
    };
    entry("LOGIN_FAILURE");
    if (locks && guard_.is_locked(id, now)) {
      (*row)->locked_until = now + guard_.limits().lock_duration;
      turn.users.push_back(**row);
      entry("ACCOUNT_LOCKED");
    }
    if (const auto written = stores.system().commit(turn, now); !written) log::error("a failed login was not written to the audit log: {} ({})", written.error().message, written.error().detail);
  });
}

AuditId Authenticator::next_id(Instant now) {
  const std::scoped_lock lock(mutex_);
  return ids_.next_as<AuditId>(now);
}

// ---- tokens and sessions: 256 random bits, which nobody guesses, so failures are not counted

void Authenticator::identify_secret(std::string credential, std::string secret, SignedInBy by, Look look, Error refused, Done done) {
  if (std::optional<Principal> principal = recall(credential, by)) return done(std::move(*principal));
  engine_.read_system([this, credential = std::move(credential), secret = std::move(secret), by, look, refused = std::move(refused), done = std::move(done)](store::Stores& stores) mutable {
    const std::uint64_t before = changes();
    const Instant now = engine_.ports().clock->now();
    Result<std::optional<Checked>> checked = (this->*look)(secret, stores, now);
    if (!checked) return done(fail(std::move(checked.error())));
    if (!*checked) return done(fail(std::move(refused)));
    remember(credential, **checked, before);
    done(principal_of((*checked)->user, (*checked)->impersonator ? &*(*checked)->impersonator : nullptr, by));
  });
}

Result<std::optional<Authenticator::Checked>> Authenticator::look_up_token(const std::string& secret, store::Stores& stores, Instant now) {
  const auto token = stores.system().token_by_prefix(*access::token_prefix(secret));
  if (!token) return fail(token.error());
  if (!*token || !access::verify_token(secret, (*token)->record) || access::token_expired((*token)->expires, now)) return std::optional<Checked>();
  auto user = stores.system().user((*token)->user);
  if (!user) return fail(std::move(user.error()));
  if (!*user) return std::optional<Checked>();
  std::optional<Instant> until = (*token)->expires;
  // A sliding token comes here often enough for its expiry to be moved.
  if ((*token)->life.extended && (*token)->life.max_age) until = std::min(until.value_or(Instant::max()), now + *(*token)->life.max_age / 100);
  const bool is_news = !(*token)->last_used || now - *(*token)->last_used >= kLastUsedPrecision;
  if (is_news || access::expiry_after_use((*token)->life, (*token)->expires, now)) write_use(**token, now);
  return std::optional(Checked{std::move(**user), std::nullopt, until});
}

// Beside the request that used it.
void Authenticator::write_use(const store::TokenRow& seen, Instant now) {
  engine_.read_system([this, prefix = seen.record.prefix, id = seen.id, now](store::Stores& stores) {
    const std::scoped_lock one_at_a_time(identity_changes_);
    auto token = stores.system().token_by_prefix(prefix);
    if (!token || !*token || (*token)->id != id) return;  // revoked meanwhile
    (*token)->last_used = now;
    if (const auto expires = access::expiry_after_use((*token)->life, (*token)->expires, now)) (*token)->expires = expires;
    store::SystemTurn turn;
    turn.tokens.push_back(**token);
    if (const auto written = stores.system().commit(turn, now); !written) log::warn("the last use of an API token was not written: {}", written.error().message);
  });
}

Result<std::optional<Authenticator::Checked>> Authenticator::look_up_session(const std::string& secret, store::Stores& stores, Instant now) {
  const auto session = stores.system().session(session_hash(secret));
  if (!session) return fail(session.error());
  if (!*session || now >= (*session)->expires) return std::optional<Checked>();
  auto user = stores.system().user((*session)->user);
  if (!user) return fail(std::move(user.error()));
  if (!*user) return std::optional<Checked>();
  Checked checked{std::move(**user), std::nullopt, (*session)->expires};
  if ((*session)->impersonator.empty()) return std::optional(std::move(checked));
  auto impersonator = stores.system().user((*session)->impersonator);
  if (!impersonator) return fail(std::move(impersonator.error()));
  // Who may no longer impersonate, or whom: both end it.
  if (!*impersonator || !(*impersonator)->super_admin || checked.user.super_admin) return std::optional<Checked>();
  checked.impersonator = std::move(**impersonator);
  return std::optional(std::move(checked));
}

}  // namespace insula::api
