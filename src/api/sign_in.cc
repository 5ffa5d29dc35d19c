// Sessions of browsers: they begin with a password or by impersonation, and end with a logout.
#include "api/form.h"
#include "api/parts.h"
#include "api/routes.h"
#include "api/session_cookie.h"

namespace insula::api {
namespace {

constexpr Duration kImpersonationMax = std::chrono::hours(1);
constexpr Duration kSweepInterval = std::chrono::hours(1);

// A wrong password told to a page of ours: with a body, and without the scheme that makes browsers ask for a password themselves.
http::Response login_refusal(const Call& call, const Error& error) {
  if (error.kind != ErrorKind::unauthenticated) return problem_response(error, call.target().raw, {});
  http::Response response = http::Response::json(401, write_json(problem_body(fmt::format("Unauthorized: {}", error.message), call.target().raw)));
  response.headers.set("WWW-Authenticate", "Bearer");
  response.headers.set("X-Error-Code", error.code);
  return response;
}

Result<access::BasicCredentials> read_credentials(const Call& call) {
  const Result<flow::GivenInputs> fields = read_fields(call.request());
  if (!fields) return fail(fields.error());
  const auto text = [&](std::string_view name) {
    const auto found = fields->find(std::string(name));
    const auto* value = found == fields->end() ? nullptr : std::get_if<std::string>(&found->second);
    return value == nullptr ? std::string() : *value;
  };
  access::BasicCredentials credentials{text("username"), text("password")};
  if (credentials.username.empty() || credentials.password.empty()) return fail(ErrorKind::invalid, "credentials-missing", "Unprocessable Entity: `username` and `password` are expected");
  if (credentials.username.contains(':')) return fail(ErrorKind::unauthenticated, "unauthenticated", "the e-mail address or the password is wrong");
  return credentials;
}

// Sessions and links that have expired are removed when somebody signs in, at most once an hour.
void sweep(const Call& call, store::Stores& stores) {
  if (!call.parts().is_sweep_due(call.now(), kSweepInterval)) return;
  if (const auto removed = stores.system().remove_expired(call.now()); !removed) log::warn("expired sessions stay until the next login: {}", removed.error().message);
}

// A new secret at each sign-in; the session that the browser had before ends.
void open_session(const CallPtr& call, store::Stores& stores, const UserId& user, const UserId& impersonator, Duration max_age, store::AuditRow entry) {
  const std::string secret = new_session_secret();
  const std::string former = shown_session(call->request()).secret;
  store::SystemTurn turn;
  turn.sessions.push_back({session_hash(secret), user, impersonator, call->now(), call->now() + max_age});
  if (!former.empty()) turn.removed_sessions.push_back(session_hash(former));
  turn.audit.push_back(std::move(entry));
  if (const auto written = stores.system().commit(turn, call->now()); !written) return call->reply_error(written.error());
  if (!former.empty()) call->parts().authenticator.forget_session(former);
  http::Response response = http::Response::json(200, "{}");
  response.headers.set("Cache-Control", "no-store");
  set_session(response, secret, max_age, call->base_url());
  call->reply(std::move(response));
  sweep(*call, stores);
}

void log_in(const CallPtr& call) {
  if (is_foreign(call->request(), call->base_url())) return call->reply_error({ErrorKind::forbidden, "origin-foreign", "a page of another site may not sign anybody in", {}, {}});
  const auto credentials = read_credentials(*call);
  if (!credentials) return call->reply(login_refusal(*call, credentials.error()));
  call->parts().authenticator.check_password(*credentials, call->request().remote_address, [call](Result<Principal> principal) {
    if (!principal) return call->reply(login_refusal(*call, principal.error()));
    off_thread(call, [principal = std::move(*principal)](const CallPtr& waiting, store::Stores& stores) {
      store::AuditRow entry = waiting->audit_entry("LOGIN", "USER", principal.id.str());
      entry.user = principal.id;
      entry.user_name = principal.username();
      open_session(waiting, stores, principal.id, {}, waiting->parts().options.session_max_age, std::move(entry));
    });
  });
}

void log_out(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores& stores) {
    const Principal& caller = waiting->principal();
    if (caller.by == SignedInBy::session) {
      const std::string secret = shown_session(waiting->request()).secret;
      store::SystemTurn turn;
      turn.removed_sessions.push_back(session_hash(secret));
      turn.audit.push_back(waiting->audit_entry("LOGOUT", "USER", caller.id.str()));
      if (const auto written = stores.system().commit(turn, waiting->now()); !written) return waiting->reply_error(written.error());
      waiting->parts().authenticator.forget_session(secret);
    }
    http::Response response = http::Response::json(200, "{}");
    clear_session(response, waiting->base_url());
    waiting->reply(std::move(response));
  });
}

void impersonate(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores& stores) {
    const auto user = stores.system().user(UserId(waiting->parameter("id")));
    if (!user) return waiting->reply_error(user.error());
    if (!*user || (*user)->service_account) return waiting->reply_error(not_found().error());
    if ((*user)->super_admin) return waiting->reply_error({ErrorKind::forbidden, "impersonation-refused", "nobody acts as a super admin but themselves", {}, {}});
    const Duration max_age = std::min(kImpersonationMax, waiting->parts().options.session_max_age);
    open_session(waiting, stores, (*user)->id, waiting->principal().id, max_age, waiting->audit_entry("IMPERSONATE", "USER", (*user)->id.str()));
  });
}

void show_methods(const CallPtr& call) {
  const Options& options = call->parts().options;
  JsonArray providers;
  for (const auto& provider : options.browser_providers) providers.emplace_back(provider->name());
  call->reply_json(JsonObject{{"loginPassword", true}, {"mailsEnabled", options.mailer != nullptr}, {"passwordless", false}, {"oauths", std::move(providers)}});
}

}  // namespace

void add_sign_in_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/auths", public_(), show_methods, "How people can sign in.");
  routes.emplace_back(post, "/login", public_(), log_in, "Signs in with a form or JSON; sets the session cookie.");
  routes.emplace_back(post, "/api/v1/login", public_(), log_in, "Signs in with JSON or a form; sets the session cookie.");
  routes.emplace_back(post, "/api/v1/logout", signed_in(), log_out, "Ends the session and clears its cookie.");
  routes.emplace_back(post, "/api/v1/users/{id}/impersonate", super_admin(), impersonate, "A session as that user; ended by logout.");
}

}  // namespace insula::api
