// Users of the instance, for super admins (features.md §2.5).
#include "api/accounts.h"
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

// ---- shapes

// Until when the password is refused after too many failures; null for almost everybody.
Json locked_until_json(const store::UserRow& user, Instant now) { return user.locked_until && now < *user.locked_until ? Json(format_instant(*user.locked_until)) : Json(nullptr); }

Result<Json> user_summary(store::Stores& stores, const store::UserRow& user, Instant now) {
  const auto tenants = stores.system().tenants_of(user.id);
  if (!tenants) return fail(tenants.error());
  return Json(JsonObject{{"id", user.id.str()}, {"username", user.username()}, {"displayName", display_name(user)}, {"email", user.email}, {"firstName", user.first_name},
                         {"lastName", user.last_name}, {"tenants", tenant_references_json(*tenants)}, {"auths", auths_json(user)}, {"superAdmin", user.super_admin},
                         {"instanceOwner", user.super_admin}, {"restricted", user.restricted}, {"type", "STANDARD"}, {"lockedUntil", locked_until_json(user, now)}});
}

// The places are told as they are after the change.
Json whole_user(const store::UserRow& user, const Places& places, Instant now) {
  JsonArray groups;
  for (const auto& [tenant, group] : places.groups) groups.push_back(JsonObject{{"id", group.id.str()}, {"name", group.name}, {"tenantId", tenant.id.str()}});
  return JsonObject{{"id", user.id.str()}, {"username", user.username()}, {"displayName", display_name(user)}, {"firstName", user.first_name}, {"lastName", user.last_name},
                    {"email", user.email}, {"tenants", tenant_references_json(places.tenants)}, {"auths", auths_json(user)}, {"groups", std::move(groups)},
                    {"superAdmin", user.super_admin}, {"instanceOwner", user.super_admin}, {"restricted", user.restricted}, {"lockedUntil", locked_until_json(user, now)}};
}

Result<Places> places_of(store::Stores& stores, const UserId& user) {
  Places places;
  auto tenants = stores.system().tenants_of(user);
  if (!tenants) return fail(std::move(tenants.error()));
  places.tenants = std::move(*tenants);
  for (const store::TenantRow& tenant : places.tenants) {
    auto groups = stores.directory(stores.system().scope(tenant))->groups_of(user);
    if (!groups) return fail(std::move(groups.error()));
    for (auto& [group, member] : *groups) places.groups.emplace_back(tenant, std::move(group));
  }
  return places;
}

Result<http::Response> shown(Change& change, const store::UserRow& user, int status = 200) {
  const auto places = places_of(change.stores, user.id);
  if (!places) return fail(places.error());
  return json_response(whole_user(user, *places, change.now), status);
}

// ---- bodies

struct Wanted {
  store::UserRow row;
  std::string password;
  std::optional<bool> super_admin, restricted;
  std::optional<std::vector<std::string>> tenants, groups;
};

Result<std::string> read_email(Fields& fields, bool required) {
  std::string email = lower_ascii(fields.text("email", {.required = required, .bytes_max = 256}));
  if (!email.empty() && !access::is_email(email)) fields.wrong("email", "must be an e-mail address");
  return email;
}

Result<Wanted> read_user(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "user");
  Wanted wanted;
  wanted.row.email = *read_email(fields, true);
  wanted.row.first_name = fields.text("firstName", {.bytes_max = 200});
  wanted.row.last_name = fields.text("lastName", {.bytes_max = 200});
  wanted.password = fields.text("password", {.bytes_max = 4'096});
  wanted.super_admin = fields.super_admin();
  wanted.restricted = fields.flag("restricted");
  if (fields.has("tenants")) wanted.tenants = fields.texts("tenants");
  if (fields.has("groups")) {
    wanted.groups.emplace();
    // 1.x sends ids, and objects as they are shown.
    if (const JsonArray* list = fields.array("groups"))
      for (const Json& one : *list) wanted.groups->push_back(one.is_object() ? text_or(one.get_object(), "id") : to_text(one));
  }
  if (auto right = fields.result(); !right) return fail(right.error());
  return wanted;
}

// Hashing takes tens of milliseconds: before the change, which others wait for. An empty password stays empty.
template <class Work>
void with_hash(const CallPtr& call, std::string password, Work work) {
  if (password.empty()) return work(call, std::string());
  off_thread(call, [password = std::move(password), work = std::move(work)](const CallPtr& waiting, store::Stores&) mutable {
    auto hash = new_password_hash(*waiting, password, "user.password");
    if (!hash) return waiting->reply_error(hash.error());
    work(waiting, std::move(*hash));
  });
}

// ---- handlers

void create_user(const CallPtr& call) {
  auto wanted = read_user(*call);
  if (!wanted) return call->reply_error(wanted.error());
  with_hash(call, wanted->password, [wanted = std::move(*wanted)](const CallPtr& waiting, std::string hash) mutable {
    change_identity(waiting, [wanted, hash = std::move(hash)](Change& change) mutable -> Result<http::Response> {
      auto places = find_places(change.stores, wanted.tenants.value_or(std::vector<std::string>()), wanted.groups.value_or(std::vector<std::string>()));
      if (!places) return fail(std::move(places.error()));
      const auto same = change.system().user_by_email(wanted.row.email);
      if (!same) return fail(same.error());
      if (*same) return fail(ErrorKind::conflict, "user-exists", fmt::format("a user with the e-mail address '{}' exists", wanted.row.email));
      store::UserRow user = wanted.row;
      user.id = change.next_id<UserId>();
      user.password_hash = std::move(hash);
      user.super_admin = wanted.super_admin.value_or(false);
      user.restricted = wanted.restricted.value_or(false);
      user.created = change.now;
      change.turn.new_users.push_back(user);
      audit_account(change, "CREATE", nullptr, &user);
      if (auto in = enter_places(change, *places, user.id); !in) return fail(in.error());
      for (const auto& [tenant, group] : places->groups)
        if (std::ranges::find(places->tenants, tenant.uid, &store::TenantRow::uid) == places->tenants.end()) places->tenants.push_back(tenant);
      return json_response(whole_user(user, *places, change.now), 201);
    });
  });
}

// Where the user is and shall no longer be. A tenant stays while a wanted group is in it.
Result<void> leave_places(Change& change, const Places& now, const Wanted& wanted) {
  const UserId user = wanted.row.id;
  const auto is_wanted_group = [&](const store::GroupRow& group) { return !wanted.groups || std::ranges::find(*wanted.groups, group.id.str()) != wanted.groups->end(); };
  for (const store::TenantRow& tenant : now.tenants) {
    std::vector<GroupId> leaving;
    bool is_wanted = !wanted.tenants || std::ranges::find(*wanted.tenants, tenant.id.str()) != wanted.tenants->end();
    for (const auto& [of, group] : now.groups) {
      if (of.uid != tenant.uid) continue;
      if (!is_wanted_group(group)) leaving.push_back(group.id);
      else if (wanted.groups) is_wanted = true;
    }
    if (!is_wanted) {
      change.tenant(tenant.uid).removed_accesses.push_back(user);
      change.audit(tenant.uid, {"DELETE", "TENANT_ACCESS", user.str(), JsonObject{{"userId", user.str()}, {"username", wanted.row.email}}});
      continue;
    }
    for (const GroupId& group : leaving) {
      change.tenant(tenant.uid).removed_members.emplace_back(group, user);
      change.audit(tenant.uid, {"UPDATE", "GROUP", group.str(), JsonObject{{"userId", user.str()}, {"username", wanted.row.email}}, nullptr, {{"member", "REMOVED"}}});
    }
  }
  return {};
}

Result<store::UserRow> person_of_path(Change& change) {
  auto user = known_user(change.system(), UserId(change.call.parameter("id")));
  if (user && user->service_account) return not_found(fmt::format("there is no user '{}'", change.call.parameter("id")));
  return user;
}

Result<void> email_is_free(Change& change, const store::UserRow& user) {
  const auto same = change.system().user_by_email(user.email);
  if (!same) return fail(same.error());
  if (!*same || (*same)->id == user.id) return {};
  return fail(ErrorKind::conflict, "user-exists", fmt::format("a user with the e-mail address '{}' exists", user.email));
}

void write_user(Change& change, const store::UserRow& before, const store::UserRow& after, JsonObject detail = {}) {
  change.turn.users.push_back(after);
  change.affected.push_back(after.id);
  audit_account(change, "UPDATE", &before, &after, std::move(detail));
}

// Who gets a new password is signed out everywhere; a lock ends with the old one.
Result<void> put_password(Change& change, store::UserRow& user, std::string hash) {
  user.password_hash = std::move(hash);
  user.locked_until.reset();
  change.call.parts().authenticator.guard().unlock(user.id);
  return end_credentials(change, user.id);
}

// Tenants and groups that are named are the only ones afterwards; those that are not named at all stay as they are.
void update_user(const CallPtr& call) {
  auto wanted = read_user(*call);
  if (!wanted) return call->reply_error(wanted.error());
  with_hash(call, wanted->password, [wanted = std::move(*wanted)](const CallPtr& waiting, std::string hash) mutable {
    change_identity(waiting, [wanted, hash = std::move(hash)](Change& change) mutable -> Result<http::Response> {
      const auto before = person_of_path(change);
      if (!before) return fail(before.error());
      store::UserRow user = *before;
      user.email = wanted.row.email;
      user.first_name = wanted.row.first_name;
      user.last_name = wanted.row.last_name;
      user.super_admin = wanted.super_admin.value_or(user.super_admin);
      user.restricted = wanted.restricted.value_or(user.restricted);
      if (!user.super_admin)
        if (auto kept = keep_a_super_admin(change.system(), *before); !kept) return fail(kept.error());
      if (auto free = email_is_free(change, user); !free) return fail(free.error());
      if (!hash.empty())
        if (auto put = put_password(change, user, std::move(hash)); !put) return fail(put.error());
      wanted.row.id = user.id;
      const auto places = find_places(change.stores, wanted.tenants.value_or(std::vector<std::string>()), wanted.groups.value_or(std::vector<std::string>()));
      if (!places) return fail(places.error());
      auto now = places_of(change.stores, user.id);
      if (!now) return fail(std::move(now.error()));
      if (auto left = leave_places(change, *now, wanted); !left) return fail(left.error());
      Places coming;
      for (const store::TenantRow& tenant : places->tenants)
        if (std::ranges::find(now->tenants, tenant.uid, &store::TenantRow::uid) == now->tenants.end()) coming.tenants.push_back(tenant);
      for (const auto& [tenant, group] : places->groups)
        if (std::ranges::none_of(now->groups, [&](const auto& known) { return known.second.id == group.id; })) coming.groups.emplace_back(tenant, group);
      if (auto in = enter_places(change, coming, user.id); !in) return fail(in.error());
      write_user(change, *before, user);
      return json_response(whole_user(user, {wanted.tenants ? places->tenants : now->tenants, wanted.groups ? places->groups : now->groups}, change.now));
    });
  });
}

// Names and e-mail address; what is absent stays.
void patch_user(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  change_identity(call, [body = *body](Change& change) -> Result<http::Response> {
    const auto before = person_of_path(change);
    if (!before) return fail(before.error());
    store::UserRow user = *before;
    Fields fields(body, "user");
    if (fields.has("email")) user.email = *read_email(fields, true);
    if (fields.has("firstName")) user.first_name = fields.text("firstName", {.bytes_max = 200});
    if (fields.has("lastName")) user.last_name = fields.text("lastName", {.bytes_max = 200});
    if (auto right = fields.result(); !right) return fail(right.error());
    if (auto free = email_is_free(change, user); !free) return fail(free.error());
    write_user(change, *before, user);
    return shown(change, user);
  });
}

void patch_password(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  Fields fields(*body, "user");
  std::string password = fields.text("password", {.required = true, .bytes_max = 4'096});
  if (auto right = fields.result(); !right) return call->reply_error(right.error());
  with_hash(call, std::move(password), [](const CallPtr& waiting, std::string hash) {
    change_identity(waiting, [hash = std::move(hash)](Change& change) mutable -> Result<http::Response> {
      const auto before = person_of_path(change);
      if (!before) return fail(before.error());
      store::UserRow user = *before;
      if (auto put = put_password(change, user, std::move(hash)); !put) return fail(put.error());
      write_user(change, *before, user, {{"password", "CHANGED"}});
      return shown(change, user);
    });
  });
}

void patch_super_admin(const CallPtr& call) {
  const Result<bool> flag = read_super_admin(*call);
  if (!flag) return call->reply_error(flag.error());
  change_identity(call, [flag = *flag](Change& change) -> Result<http::Response> {
    auto before = person_of_path(change);
    if (!before) return fail(std::move(before.error()));
    const auto user = set_super_admin(change, std::move(*before), flag);
    if (!user) return fail(user.error());
    return shown(change, *user);
  });
}

void patch_restricted(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  Fields fields(*body, "user");
  const std::optional<bool> flag = fields.flag("restricted");
  if (!flag) fields.wrong("restricted", "must be true or false");
  if (auto right = fields.result(); !right) return call->reply_error(right.error());
  change_identity(call, [flag = *flag](Change& change) -> Result<http::Response> {
    const auto before = person_of_path(change);
    if (!before) return fail(before.error());
    store::UserRow user = *before;
    user.restricted = flag;
    write_user(change, *before, user);
    return shown(change, user);
  });
}

void delete_user(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto user = person_of_path(change);
    if (!user) return fail(user.error());
    if (auto removed = remove_account(change, *user); !removed) return fail(removed.error());
    return http::Response::empty(204);
  });
}

// The password is the one way to sign in that can be taken away.
void delete_auth(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto before = person_of_path(change);
    if (!before) return fail(before.error());
    if (!has_auth(*before, change.call.parameter("auth"))) return not_found(fmt::format("there is no way to sign in '{}'", change.call.parameter("auth")));
    if (auto kept = keep_a_super_admin(change.system(), *before); !kept) return fail(kept.error());
    store::UserRow user = *before;
    if (auto put = put_password(change, user, {}); !put) return fail(put.error());
    write_user(change, *before, user, {{"auth", "REMOVED"}});
    return shown(change, user);
  });
}

// A lock ends by itself, too. Whoever is not locked stays so: twice is once.
void lift_lock(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto before = person_of_path(change);
    if (!before) return fail(before.error());
    store::UserRow user = *before;
    user.locked_until.reset();
    change.call.parts().authenticator.guard().unlock(user.id);
    if (before->locked_until) write_user(change, *before, user, {{"lock", "LIFTED"}});
    return http::Response::empty(204);
  });
}

void end_sessions(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto user = person_of_path(change);
    if (!user) return fail(user.error());
    change.turn.signed_out.push_back(user->id);
    change.affected.push_back(user->id);
    audit_account(change, "UPDATE", &*user, &*user, {{"sessions", "ENDED"}});
    return http::Response::empty(204);
  });
}

void show_user(const CallPtr& call) {
  read_system(call, [](Call& asked, store::Stores& stores) -> Result<Json> {
    const auto user = known_user(stores.system(), UserId(asked.parameter("id")));
    if (!user) return fail(user.error());
    if (user->service_account) return not_found(fmt::format("there is no user '{}'", asked.parameter("id")));
    const auto places = places_of(stores, user->id);
    if (!places) return fail(places.error());
    return whole_user(*user, *places, asked.now());
  });
}

void list_users(const CallPtr& call) {
  auto query = identity_query(*call, user_search());
  if (!query) return call->reply_error(query.error());
  if (std::ranges::find(query->filters, "type", &store::Filter::field) == query->filters.end()) query->filters.push_back({"type", store::Op::equals, {}, {"STANDARD"}});
  read_system(call, [query = std::move(*query)](Call& c, store::Stores& stores) -> Result<Json> {
    const auto found = stores.system().search_users(query);
    if (!found) return fail(found.error());
    JsonArray results;
    for (const store::UserRow& user : found->rows) {
      auto one = user_summary(stores, user, c.now());
      if (!one) return fail(std::move(one.error()));
      results.push_back(std::move(*one));
    }
    return Json(JsonObject{{"results", std::move(results)}, {"total", found->total}});
  });
}

}  // namespace

void add_user_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/users", super_admin(), list_users, "Users of the instance.");
  routes.emplace_back(post, "/api/v1/users", super_admin(), create_user, "Creates a user, with access to tenants and as member of groups at will.");
  routes.emplace_back(get, "/api/v1/users/{id}", super_admin(), show_user, "One user with tenants and groups.");
  routes.emplace_back(put, "/api/v1/users/{id}", super_admin(), update_user, "Changes a user; `tenants` and `groups` are all of them afterwards, absent they stay.");
  routes.emplace_back(patch, "/api/v1/users/{id}", super_admin(), patch_user, "Changes names and e-mail address.");
  routes.emplace_back(del, "/api/v1/users/{id}", super_admin(), delete_user, "Deletes a user with tokens, sessions and all rights; 409 for the last super admin.");
  routes.emplace_back(patch, "/api/v1/users/{id}/password", super_admin(), patch_password, "Sets a password; ends the user's sessions, API tokens and a lock.");
  routes.emplace_back(patch, "/api/v1/users/{id}/superadmin", super_admin(), patch_super_admin, "Makes somebody a super admin, or a user again; 409 for the last one.");
  routes.emplace_back(patch, "/api/v1/users/{id}/restricted", super_admin(), patch_restricted, "Says whether users may change their own profile.");
  routes.emplace_back(del, "/api/v1/users/{id}/auths/{auth}", super_admin(), delete_auth, "Takes a way to sign in away: `basic` is the password.");
  routes.emplace_back(del, "/api/v1/users/{id}/lock", super_admin(), lift_lock, "Lets somebody sign in again who was locked after too many failures; the password stays.");
  routes.emplace_back(del, "/api/v1/users/{id}/refresh-token", super_admin(), end_sessions, "Ends all sessions of a user.");
}

}  // namespace insula::api
