#include "api/passwords.h"

#include "api/routes.h"
#include "api/session_cookie.h"

namespace insula::api {
namespace {

Error password_invalid(std::vector<Violation> violations) {
  std::vector<std::string> texts;
  for (const Violation& violation : violations) texts.push_back(fmt::format("{}: {}", violation.path, violation.message));
  return {ErrorKind::invalid, "password-invalid", join(texts, ", "), {}, std::move(violations)};
}

Result<std::string> text_field(const Call& call, std::string_view name) {
  const Result<Json> body = call.json_body();
  if (!body) return fail(body.error());
  const auto* object = body->if_object();
  std::string text = object != nullptr ? text_or(*object, name) : std::string();
  if (text.empty()) return fail(ErrorKind::invalid, "field-missing", fmt::format("Unprocessable Entity: a JSON object with `{}` is expected", name));
  return text;
}

// ---- routes

// The body is the password itself, as plain text.
void validate_password(const CallPtr& call) {
  std::vector<Violation> violations = access::check_password(call->request().body, call->parts().options.password_rules);
  violations.empty() ? call->reply_json(JsonArray{}) : call->reply_error(password_invalid(std::move(violations)));
}

// What happens to a wish for a new password: a letter, or an entry of the audit log that tells super admins of it.
void answer_wish(const CallPtr& call, store::Stores& stores, const std::string& username) {
  Parts& parts = call->parts();
  const auto user = stores.system().user_by_email(username);
  if (!user || !*user) return;
  store::SystemTurn turn;
  store::AuditRow entry = call->audit_entry("UPDATE", "USER", (*user)->id.str());
  entry.user_name = (*user)->username();
  entry.detail = {{"passwordReset", "requested"}};
  turn.audit.push_back(std::move(entry));
  if (const auto written = stores.system().commit(turn, call->now()); !written) log::error("a wish for a new password was not written: {}", written.error().message);
  if (!parts.options.mailer) return;
  const Result<ResetLink> link = make_reset_link(parts, stores, (*user)->id, call->now());
  const auto sent = link ? parts.options.mailer->send({(*user)->email, "A new password", fmt::format("Set a new password here, until {}:\n\n{}\n\nIf you did not ask for this, do nothing.\n", format_instant_short(link->expires), link->url)})
                         : Result<void>(fail(link.error()));
  if (!sent) log::error("a letter with a link for a new password could not be sent: {}", sent.error().message);
}

// Answered before anything is looked up: neither the answer nor its time tells whether there is such a user.
void forget_password(const CallPtr& call) {
  if (is_foreign(call->request(), call->base_url())) return call->reply_error({ErrorKind::forbidden, "origin-foreign", "a page of another site may not ask for this", {}, {}});
  const Result<std::string> username = text_field(*call, "username");
  if (!username) return call->reply_error(username.error());
  call->reply_json(JsonObject{});
  const std::string name = lower_ascii(trim(*username));
  if (!access::is_email(name) || !call->parts().authenticator.guard().may_send_reset(call->request().remote_address, name, call->now())) return;
  off_thread(call, [name](const CallPtr& waiting, store::Stores& stores) { answer_wish(waiting, stores, name); });
}

void reset_password(const CallPtr& call) {
  Result<std::string> token = text_field(*call, "token");
  if (!token) return call->reply_error(token.error());
  Result<std::string> password = text_field(*call, "password");
  if (!password) return call->reply_error(password.error());
  off_thread(call, [token = std::move(*token), password = std::move(*password)](const CallPtr& waiting, store::Stores& stores) {
    const auto reset = stores.system().password_reset(session_hash(token));
    if (!reset) return waiting->reply_error(reset.error());
    const auto user = *reset && waiting->now() < (*reset)->expires ? stores.system().user((*reset)->user) : Result<std::optional<store::UserRow>>();
    if (!user) return waiting->reply_error(user.error());
    if (!*user) return waiting->reply_error({ErrorKind::invalid, "reset-link-ended", "the link for a new password was used, or has expired; ask for another one", {}, {}});
    store::AuditRow entry = waiting->audit_entry("UPDATE", "USER", (*user)->id.str());
    entry.user = (*user)->id;
    entry.user_name = (*user)->username();
    entry.detail = {{"password", "reset by a link"}};
    const auto changed = change_password(waiting->parts(), stores, (*user)->id, password, std::move(entry));
    changed ? waiting->reply_json(JsonObject{}) : waiting->reply_error(changed.error());
  });
}

void hand_out_reset_link(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores& stores) {
    const auto user = stores.system().user(UserId(waiting->parameter("id")));
    if (!user) return waiting->reply_error(user.error());
    if (!*user || (*user)->service_account) return waiting->reply_error(not_found().error());
    const auto link = make_reset_link(waiting->parts(), stores, (*user)->id, waiting->now());
    if (!link) return waiting->reply_error(link.error());
    store::SystemTurn turn;
    turn.audit.push_back(waiting->audit_entry("UPDATE", "USER", (*user)->id.str()));
    turn.audit.back().detail = {{"passwordReset", "link handed out"}};
    if (const auto written = stores.system().commit(turn, waiting->now()); !written) return waiting->reply_error(written.error());
    waiting->reply_json(JsonObject{{"link", link->url}, {"expiresAt", format_instant(link->expires)}});
  });
}

}  // namespace

JsonObject password_configuration_json(const Options& options) {
  const access::PasswordRules& rules = options.password_rules;
  return {{"passwordMinLength", rules.length_min}, {"passwordRequireSpecial", rules.special_min > 0}, {"passwordMinDigits", rules.digits_min},
          {"passwordMinLowerCase", rules.lower_min}, {"passwordMinUpperCase", rules.upper_min}, {"passwordAllowedSpecialCharacters", rules.special},
          {"passwordReset", JsonObject{{"cooldown", format_duration(options.guard.reset_cooldown)},
                                       {"rateLimit", JsonObject{{"maxRequests", options.guard.reset_requests_max}, {"window", format_duration(options.guard.reset_window)}}}}}};
}

Result<std::string> hash_new_password(const Options& options, std::string_view password) {
  if (std::vector<Violation> violations = access::check_password(password, options.password_rules); !violations.empty()) return fail(password_invalid(std::move(violations)));
  return access::hash_password(password, random_bytes(16));
}

Result<void> change_password(Parts& parts, store::Stores& stores, const UserId& user, std::string_view password, store::AuditRow entry, std::string_view kept_session) {
  Result<std::string> hash = hash_new_password(parts.options, password);
  if (!hash) return fail(std::move(hash.error()));
  const Instant now = entry.at;
  {
    const std::scoped_lock one_at_a_time(parts.identity_changes);
    auto row = stores.system().user(user);
    if (!row) return fail(std::move(row.error()));
    if (!*row) return fail(ErrorKind::not_found, "user-not-found", "There is no such user.");
    const auto tokens = stores.system().tokens_of(user);
    if (!tokens) return fail(tokens.error());
    store::SystemTurn turn;
    (*row)->password_hash = std::move(*hash);
    (*row)->locked_until.reset();
    turn.users.push_back(std::move(**row));
    for (const store::TokenRow& token : *tokens) turn.removed_tokens.push_back(token.id);
    turn.signed_out.push_back(user);
    turn.used_resets.push_back(user);
    if (!kept_session.empty()) {
      auto session = stores.system().session(kept_session);
      if (!session) return fail(std::move(session.error()));
      if (*session && (*session)->user == user) turn.sessions.push_back(std::move(**session));
    }
    turn.audit.push_back(std::move(entry));
    if (auto written = stores.system().commit(turn, now); !written) return written;
  }
  parts.authenticator.guard().unlock(user);
  parts.authenticator.forget(user);
  return {};
}

Result<ResetLink> make_reset_link(Parts& parts, store::Stores& stores, const UserId& user, Instant now) {
  const std::string secret = new_session_secret();
  const Instant expires = now + parts.options.reset_link_max_age;
  store::SystemTurn turn;
  turn.used_resets.push_back(user);
  turn.resets.push_back({session_hash(secret), user, expires});
  if (auto written = stores.system().commit(turn, now); !written) return fail(std::move(written.error()));
  return ResetLink{fmt::format("{}/ui/reset-password?token={}", parts.options.url, secret), expires};
}

void add_password_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/validate-password", public_(), validate_password, "Whether a password keeps to the rules; 422 names those it breaks.");
  routes.emplace_back(post, "/api/v1/forgotten-password", public_(), forget_password, "Asks for a link for a new password; the answer is always the same.");
  routes.emplace_back(post, "/api/v1/reset-password", public_(), reset_password, "Sets a new password with such a link.");
  routes.emplace_back(post, "/api/v1/users/{id}/password-reset-link", super_admin(), hand_out_reset_link, "Makes a link for a new password, to be handed to the user.");
}

}  // namespace insula::api
