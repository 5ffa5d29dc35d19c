// The caller: who they are, where they may go and what they may do there (features.md §2.5).
#include "api/identity.h"
#include "api/identity_json.h"
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

// What the user interface needs to hide what would be refused: `[{namespace, permissions}]`, one entry per scope.
JsonArray grants_json(const std::vector<access::Grant>& grants) {
  std::vector<access::Grant> merged;
  for (const access::Grant& grant : grants) {
    const auto same = std::ranges::find(merged, grant.scope, &access::Grant::scope);
    if (same == merged.end()) merged.push_back(grant);
    else same->permissions = same->permissions | grant.permissions;
  }
  JsonArray list;
  for (const access::Grant& grant : merged)
    list.push_back(JsonObject{{"namespace", grant.scope ? Json(grant.scope->str()) : Json(nullptr)}, {"permissions", grant.permissions.to_json()}});
  return list;
}

// A super admin sees every tenant, others those to which they have access.
Result<Json> me_json(const Call& call, store::Stores& stores, const store::UserRow& user) {
  const auto entered = stores.system().tenants_of(user.id);
  if (!entered) return fail(entered.error());
  const auto visible = user.super_admin ? stores.system().tenants("") : entered;
  if (!visible) return fail(visible.error());
  JsonArray tenants;
  for (const store::TenantRow& tenant : *visible) {
    JsonObject one = tenant_reference_json(tenant);
    one["permissions"] = JsonArray{};
    if (std::ranges::find(*entered, tenant.uid, &store::TenantRow::uid) != entered->end()) {
      const auto standing = stores.directory(stores.system().scope(tenant))->standing(user.id);
      if (!standing) return fail(standing.error());
      one["permissions"] = grants_json(standing->grants);
    }
    tenants.push_back(std::move(one));
  }
  JsonObject json{{"id", user.id.str()}, {"superAdmin", user.super_admin}, {"instanceOwner", user.super_admin}, {"restricted", user.restricted},
                  {"type", user.service_account ? "SERVICE_ACCOUNT" : "STANDARD"},
                  {"profile", JsonObject{{"email", user.email}, {"firstName", user.first_name}, {"lastName", user.last_name}, {"username", user.username()}}},
                  {"auths", auths_json(user)}, {"tenants", std::move(tenants)}};
  if (!call.principal().impersonator.empty()) json["impersonatedBy"] = call.principal().impersonator.str();
  return Json(std::move(json));
}

void show_me(const CallPtr& call) {
  read_system(call, [](Call& asked, store::Stores& stores) -> Result<Json> {
    const auto user = known_user(stores.system(), asked.principal().id);
    if (!user) return fail(user.error());
    return me_json(asked, stores, *user);
  });
}

Result<store::UserRow> changeable_me(Change& change) {
  auto user = known_user(change.system(), change.call.principal().id);
  if (!user) return user;
  if (user->restricted) return fail(ErrorKind::forbidden, "user-restricted", "your account is restricted: a super admin changes it");
  if (user->service_account) return fail(ErrorKind::forbidden, "not-a-person", "a service account has no profile and no password");
  return user;
}

void patch_me(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  change_identity(call, [body = *body](Change& change) -> Result<http::Response> {
    const auto before = changeable_me(change);
    if (!before) return fail(before.error());
    store::UserRow user = *before;
    Fields fields(body, "user");
    if (fields.has("firstName")) user.first_name = fields.text("firstName", {.bytes_max = 200});
    if (fields.has("lastName")) user.last_name = fields.text("lastName", {.bytes_max = 200});
    if (fields.has("email")) user.email = lower_ascii(fields.text("email", {.required = true, .bytes_max = 256}));
    if (!access::is_email(user.email)) fields.wrong("email", "must be an e-mail address");
    if (auto right = fields.result(); !right) return fail(right.error());
    const auto same = change.system().user_by_email(user.email);
    if (!same) return fail(same.error());
    if (*same && (*same)->id != user.id) return fail(ErrorKind::conflict, "user-exists", fmt::format("a user with the e-mail address '{}' exists", user.email));
    change.turn.users.push_back(user);
    change.affected.push_back(user.id);
    change.audit_instance({"UPDATE", "USER", user.id.str(), audited_user_json(*before), audited_user_json(user)});
    const auto shown = me_json(change.call, change.stores, user);
    if (!shown) return fail(shown.error());
    return json_response(*shown);
  });
}

// Whoever found an open session must not find out the password by trying: wrong ones count like failed logins.
void change_password(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  Fields fields(*body, "user");
  std::string old_password = fields.text("oldPassword", {.required = true, .bytes_max = 4'096});
  std::string new_password = fields.text("newPassword", {.required = true, .bytes_max = 4'096});
  if (auto right = fields.result(); !right) return call->reply_error(right.error());
  if (call->parts().password_guard.is_blocked(call->principal().id.str(), call->now()))
    return call->reply_error({ErrorKind::unavailable, "login-throttled", "too many wrong passwords; try again in some minutes", {}, {}});
  off_thread(call, [old_password, new_password](const CallPtr& waiting, store::Stores& stores) {
    const auto user = known_user(stores.system(), waiting->principal().id);
    if (!user) return waiting->reply_error(user.error());
    if (user->password_hash.empty() || !access::verify_password(old_password, user->password_hash)) {
      waiting->parts().password_guard.note_miss(user->id.str(), waiting->now());
      return waiting->reply_error(illegal_argument("password-wrong", "the old password is wrong").error());
    }
    auto hash = new_password_hash(*waiting, new_password, "user.newPassword");
    if (!hash) return waiting->reply_error(hash.error());
    change_identity(waiting, [hash = std::move(*hash), verified = user->password_hash](Change& change) mutable -> Result<http::Response> {
      const auto before = changeable_me(change);
      if (!before) return fail(before.error());
      if (before->password_hash != verified) return fail(ErrorKind::conflict, "password-changed", "the password has been changed meanwhile");
      store::UserRow changed = *before;
      changed.password_hash = std::move(hash);
      change.turn.users.push_back(changed);
      if (auto ended = end_credentials(change, changed.id); !ended) return fail(std::move(ended.error()));
      change.audit_instance({"UPDATE", "USER", changed.id.str(), audited_user_json(*before), audited_user_json(changed), {{"password", "CHANGED"}}});
      return json_response(JsonObject{});
    });
  });
}

}  // namespace

void add_me_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/me", signed_in(), show_me, "The caller, the tenants they may enter and what they may do there.");
  routes.emplace_back(patch, "/api/v1/me", signed_in(), patch_me, "Changes the caller's names and e-mail address; not for restricted users.");
  routes.emplace_back(put, "/api/v1/me/password", signed_in(), change_password, "Changes the caller's password and ends their sessions and API tokens.");
}

}  // namespace insula::api
