#include "api/admittance.h"

#include "api/parts.h"
#include "api/session_cookie.h"

namespace insula::api {
namespace {

bool is_inside_api(const http::Target& target) { return !target.segments.empty() && target.segments.front() == "api"; }

Error unknown_tenant(std::string_view tenant) { return {ErrorKind::not_found, "tenant-unknown", fmt::format("Tenant '{}' not found", tenant), {}, {}}; }

// Browsers ask for a password of their own when they are told of the Basic scheme: not where a page of ours signs people in.
http::Response refusal_response(const Parts& parts, const http::Request& request, const Error& error) {
  http::Response response = problem_response(error, request.target.raw, parts.options.realm);
  if (error.code != "session-ended") return response;
  response.headers.set("WWW-Authenticate", "Bearer");
  response.headers.set("X-Error-Code", error.code);
  clear_session(response, parts.options.url);
  return response;
}

std::string cache_key(const UserId& user, const TenantUid& tenant) { return fmt::format("{}\n{}", user, tenant); }

}  // namespace

std::optional<store::Standing> StandingCache::find(const UserId& user, const TenantUid& tenant, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(cache_key(user, tenant));
  if (found == entries_.end() || found->second.until <= now) return std::nullopt;
  return found->second.standing;
}

void StandingCache::put(const UserId& user, const TenantUid& tenant, store::Standing standing, Instant now) {
  constexpr std::size_t entries_max = 50'000;
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= entries_max) entries_.clear();
  entries_[cache_key(user, tenant)] = {std::move(standing), now + kLife};
}

void StandingCache::clear() {
  const std::scoped_lock lock(mutex_);
  entries_.clear();
}

std::optional<http::Response> Admittance::refusal(const http::Request& head) const {
  const Match match = parts_.router.match(head.method, head.target.segments);
  const bool is_free = match.route ? match.route->rule.kind() == Rule::Kind::open || match.route->rule.kind() == Rule::Kind::webhook_key : !is_inside_api(head.target);
  if (is_free) return std::nullopt;
  const std::optional<Error> refused = parts_.authenticator.refusal(head);
  return refused ? std::optional(refusal_response(parts_, head, *refused)) : std::nullopt;
}

bool Admittance::is_open(const http::Request& head) const {
  const Match match = parts_.router.match(head.method, head.target.segments);
  return match.route == nullptr ? !is_inside_api(head.target) : match.route->rule.kind() == Rule::Kind::open;
}

void Admittance::admit(const CallPtr& call) {
  call->match_ = parts_.router.match(call->request().method, call->target().segments);
  const Route* route = call->match_.route;
  // What exists below /api is told only to those who may knock at all.
  if (route == nullptr && !is_inside_api(call->target())) return refuse_path(call);
  if (route != nullptr && route->rule.kind() == Rule::Kind::open) return run(call);
  if (route != nullptr && route->rule.kind() == Rule::Kind::webhook_key) return open_tenant(call);
  parts_.authenticator.identify(call->request(), [this, call](Result<Principal> principal) {
    if (!principal) return refuse_caller(call, principal.error());
    call->principal_ = std::move(*principal);
    call->guarded([&] { identified(call); });
  });
}

void Admittance::refuse_caller(const CallPtr& call, const Error& error) const {
  if (error.kind == ErrorKind::unauthenticated) return call->reply(refusal_response(parts_, call->request(), error));
  call->reply_error(error);
}

// What this server does not serve at all, by its configuration.
std::optional<Error> Admittance::tenant_refusal(const Call& call) const {
  const Options& options = parts_.options;
  if (!options.tenants_enabled && call.route().pattern.starts_with("/api/v1/tenants"))
    return Error{ErrorKind::not_found, "tenants-disabled", fmt::format("this server has one tenant, '{}': tenants are disabled (kestra.ee.tenants.enabled)", options.default_tenant), {}, {}};
  if (!call.route().rule.is_of_tenant()) return std::nullopt;
  const std::string_view named = call.parameter("tenant");
  if (named.empty() && !options.serves_default_tenant)
    return Error{ErrorKind::not_found, "tenant-missing", "this server serves no path without a tenant: write /api/v1/<tenant>/… (kestra.ee.tenants.defaultTenant and fallbackTenant change that)", {}, {}};
  if (!options.tenants_enabled && !named.empty() && named != options.default_tenant.str()) return unknown_tenant(named);
  return std::nullopt;
}

void Admittance::refuse_path(const CallPtr& call) const {
  const Match& match = call->match_;
  if (match.allowed.empty()) return call->reply_error(not_found().error());
  std::vector<std::string_view> names;
  for (const http::Method method : match.allowed) {
    if (method == http::Method::get) names.push_back("HEAD");
    names.push_back(http::to_string(method));
  }
  const std::string message =
      fmt::format("Method Not Allowed: Method [{}] not allowed for URI [{}]. Allowed methods: [{}]", call->request().method_text, call->target().raw, fmt::join(names, ", "));
  http::Response response = http::Response::json(405, write_json(problem_body(message, call->target().raw)));
  response.headers.set("Allow", fmt::format("{}", fmt::join(names, ", ")));
  call->reply(std::move(response));
}

void Admittance::identified(const CallPtr& call) {
  if (call->match_.route == nullptr) return refuse_path(call);
  switch (call->route().rule.kind()) {
    case Rule::Kind::member:
    case Rule::Kind::needs: return open_tenant(call);
    case Rule::Kind::super_admin:
      if (!call->principal().super_admin) return call->reply_error({ErrorKind::forbidden, "super-admin-needed", "only a super admin may do this", {}, {}});
      if (const auto refused = tenant_refusal(*call)) return call->reply_error(*refused);
      return run(call);
    default: return run(call);
  }
}

void Admittance::open_tenant(const CallPtr& call) {
  if (const auto refused = tenant_refusal(*call)) return call->reply_error(*refused);
  const std::string_view named = call->parameter("tenant");
  const TenantId tenant = named.empty() ? parts_.options.default_tenant : TenantId(named);
  Result<store::TenantScope> scope = parts_.engine.scope(tenant);
  if (!scope && scope.error().kind != ErrorKind::not_found) return call->reply_error(scope.error());
  if (!scope) {
    // The same work as for a tenant that the caller has no access to, so that the time it takes tells nothing either.
    if (call->route().rule.kind() == Rule::Kind::webhook_key || !call->principal().home.empty()) return call->reply_error(unknown_tenant(tenant.str()));
    return find_standing(call, parts_.engine.ports().stores->system().scope({.uid = TenantUid(fmt::format("none/{}", tenant)), .id = tenant}),
                               [tenant](const CallPtr& waiting, const store::Standing&) { waiting->reply_error(unknown_tenant(tenant.str())); });
  }
  // A service account of one tenant is nobody in the others.
  if (!call->principal().home.empty() && call->principal().home != scope->uid()) return call->reply_error(unknown_tenant(tenant.str()));
  call->scope_ = scope->as(call->actor());
  auto ticket = parts_.open_requests.enter(scope->uid());
  if (!ticket) {
    return call->reply_error({ErrorKind::unavailable, "tenant-requests-exceeded",
                              fmt::format("{} requests to tenant '{}' are being answered, which is the limit (insula.tenants.requests-max); try again", parts_.open_requests.limit(), tenant), {}, {}});
  }
  call->ticket_ = std::move(*ticket);
  if (call->route().rule.kind() == Rule::Kind::webhook_key) return run(call);
  find_standing(call, call->scope(), [this](const CallPtr& waiting, store::Standing standing) {
    waiting->has_access_ = standing.has_access;
    waiting->grants_ = std::move(standing.grants);
    decide(waiting);
  });
}

// What the caller may in that tenant: remembered for a short while.
void Admittance::find_standing(const CallPtr& call, const store::TenantScope& scope, std::function<void(const CallPtr&, store::Standing)> stand) {
  const UserId user = call->principal().id;
  if (auto standing = parts_.standings.find(user, scope.uid(), call->now())) return stand(call, std::move(*standing));
  off_thread(call, [this, user, scope, stand = std::move(stand)](const CallPtr& waiting, store::Stores& stores) {
    Result<store::Standing> standing = stores.directory(scope)->standing(user);
    if (!standing) return waiting->reply_error(standing.error());
    parts_.standings.put(user, scope.uid(), *standing, waiting->now());
    stand(waiting, std::move(*standing));
  });
}

bool Admittance::is_allowed(const Call& call) {
  const Rule& rule = call.route().rule;
  if (rule.admits_super_admin() && call.principal().super_admin) return true;
  if (rule.kind() == Rule::Kind::member) return call.has_access_;
  if (!rule.namespace_parameter().empty()) return call.allows(Namespace(call.parameter(rule.namespace_parameter())));
  if (rule.is_run()) return access::allows_run_somewhere(call.grants_);
  if (rule.other() && access::allows_somewhere(call.grants_, rule.other()->first, rule.other()->second)) return true;
  if (access::has_namespace(rule.resource())) return access::allows_somewhere(call.grants_, rule.resource(), rule.action());
  return access::allows(call.grants_, rule.resource(), rule.action());
}

void Admittance::decide(const CallPtr& call) {
  // Who has no access to this tenant does not learn that it exists; a super admin knows it anyway, but has no rights in it by that alone.
  if (!call->has_access_ && !call->principal().super_admin) return call->reply_error(unknown_tenant(call->tenant().str()));
  if (is_allowed(*call)) return run(call);
  const std::string_view group = call->route().rule.group_parameter();
  if (group.empty() || !call->has_access_) return deny(call);
  off_thread(call, [this, id = GroupId(call->parameter(group))](const CallPtr& waiting, store::Stores& stores) {
    const auto membership = stores.directory(waiting->scope())->member(id, waiting->principal().id);
    if (!membership) return waiting->reply_error(membership.error());
    *membership && (*membership)->owner ? run(waiting) : deny(waiting);
  });
}

// What is missing is told only to those who may look into the tenant at all.
void Admittance::deny(const CallPtr& call) {
  const Rule& rule = call->route().rule;
  if (!call->has_access_) return call->reply_error({ErrorKind::forbidden, "tenant-access-missing", "this needs access to the tenant", {}, {}});
  call->reply_error({ErrorKind::forbidden, "permission-missing",
                     fmt::format("this needs the permission {} {}{}", access::to_string(rule.resource()), access::to_string(rule.action()),
                                 rule.other() ? fmt::format(" or {} {}", access::to_string(rule.other()->first), access::to_string(rule.other()->second)) : ""), {}, {}});
}

void Admittance::run(const CallPtr& call) {
  call->guarded([&] { call->route().handler(call); });
}

}  // namespace insula::api
