// The first start in a browser: while the instance has no user, whoever comes first becomes its super admin. After that these routes do nothing.
#include "api/parts.h"
#include "api/passwords.h"
#include "api/routes.h"
#include "api/session_cookie.h"

namespace insula::api {
namespace {

struct First {
  store::UserRow user;
  std::optional<TenantId> tenant;
  std::string tenant_name;
};

Error done_already() { return {ErrorKind::conflict, "setup-done", "this instance has users: sign in", {}, {}}; }

// The same for every attempt, so that of two at once (on two nodes too) the store takes only one.
UserId first_user_id(const Options& options) { return UserId(hex_encode(sha256("first user of " + options.instance_uuid)).substr(0, 22)); }

void with_state(const CallPtr& call, std::function<void(const CallPtr&, store::Stores&, bool is_done)> work) {
  off_thread(call, [work = std::move(work)](const CallPtr& waiting, store::Stores& stores) {
    const auto users = stores.system().count_users();
    if (!users) return waiting->reply_error(users.error());
    work(waiting, stores, *users > 0);
  });
}

void show_setup(const CallPtr& call) {
  with_state(call, [](const CallPtr& waiting, store::Stores&, bool is_done) {
    if (is_done) return waiting->reply_error({ErrorKind::not_found, "setup-done", "this instance is set up: sign in", {}, {}});
    const Options& options = waiting->parts().options;
    waiting->reply_json(JsonObject{{"done", false}, {"repositoryType", options.store_kind}, {"queueType", options.store_kind}, {"storageType", options.storage_kind},
                                   {"secretType", options.secret_kind}, {"passwordConfiguration", password_configuration_json(options)},
                                   {"haveAuthNotBasic", !options.password_directories.empty() || !options.browser_providers.empty()}});
  });
}

void show_login_configuration(const CallPtr& call) {
  with_state(call, [](const CallPtr& waiting, store::Stores&, bool is_done) { waiting->reply_json(JsonObject{{"isBasicAuthInitialized", is_done}}); });
}

Result<First> read_first(const Call& call) {
  if (is_foreign(call.request(), call.base_url())) return fail(ErrorKind::forbidden, "origin-foreign", "a page of another site may not set up this instance");
  const Result<Json> body = call.json_body();
  if (!body) return fail(body.error());
  const auto* object = body->if_object();
  if (object == nullptr) return fail(ErrorKind::invalid, "body-invalid", "Unprocessable Entity: an object with `username` and `password` is expected");
  First first;
  first.user.id = first_user_id(call.parts().options);
  first.user.email = lower_ascii(trim(text_or(*object, "username")));
  first.user.super_admin = true;
  first.user.created = call.now();
  if (!access::is_email(first.user.email)) {
    Error error{ErrorKind::invalid, "username-invalid", "username: must be an e-mail address", {}, {}};
    error.violations.push_back({"username", "must be an e-mail address", 0, 0, {}});
    return fail(std::move(error));
  }
  if (const Json* tenant = find(*object, "tenant"); tenant != nullptr && tenant->is_object()) {
    Result<TenantId> id = access::check_tenant_id(text_or(tenant->get_object(), "id"));
    if (!id) return fail(std::move(id.error()));
    first.tenant_name = text_or(tenant->get_object(), "name", id->str());
    first.tenant = std::move(*id);
  }
  Result<std::string> hash = hash_new_password(call.parts().options, text_or(*object, "password"));
  if (!hash) return fail(std::move(hash.error()));
  first.user.password_hash = std::move(*hash);
  return first;
}

// The user, once: this is what decides who was first.
Result<void> write_first_user(const Call& call, store::Stores& stores, const First& first) {
  const std::scoped_lock one_at_a_time(call.parts().identity_changes);
  const auto users = stores.system().count_users();
  if (!users) return fail(users.error());
  if (*users > 0) return fail(done_already());
  store::SystemTurn turn;
  turn.new_users.push_back(first.user);
  turn.audit.push_back(call.audit_entry("CREATE", "USER", first.user.id.str()));
  turn.audit.back().user = first.user.id;
  turn.audit.back().user_name = first.user.username();
  turn.audit.back().detail = {{"setup", true}};
  auto written = stores.system().commit(turn, call.now());
  if (!written && written.error().code == "user-exists") return fail(done_already());
  return written;
}

using Granted = std::function<void(const CallPtr&)>;

// The first administrator works in the first tenant and in the default tenant.
void grant(const CallPtr& call, store::Stores& stores, const UserId& user, const TenantId& tenant, const Granted& then) {
  const auto row = stores.system().tenant(tenant);
  if (!row) return call->reply_error(row.error());
  if (!*row) return then(call);
  if (const auto granted = stores.directory(stores.system().scope(**row))->grant_role(user, "ADMIN", call->now()); !granted) return call->reply_error(granted.error());
  call->parts().standings.clear();
  then(call);
}

void enter_tenants(const CallPtr& call, store::Stores& stores, const First& first, Granted then) {
  const TenantId& usual = call->parts().options.default_tenant;
  const Granted and_usual = [user = first.user.id, usual, then = std::move(then)](const CallPtr& waiting) {
    off_thread(waiting, [user, usual, then](const CallPtr& of, store::Stores& all) { grant(of, all, user, usual, then); });
  };
  if (!first.tenant || *first.tenant == usual || !call->parts().options.tenants_enabled) return and_usual(call);
  const auto known = stores.system().tenant(*first.tenant);
  if (!known) return call->reply_error(known.error());
  if (*known) return grant(call, stores, first.user.id, *first.tenant, and_usual);
  store::TenantRow row;
  row.id = *first.tenant;
  row.name = first.tenant_name;
  call->engine().create_tenant(std::move(row), {}, [call, user = first.user.id, and_usual](Result<store::TenantRow> created) {
    if (!created) return call->reply_error(created.error());
    off_thread(call, [user, id = created->id, and_usual](const CallPtr& of, store::Stores& all) { grant(of, all, user, id, and_usual); });
  });
}

void set_up(const CallPtr& call, Granted then) {
  with_state(call, [then = std::move(then)](const CallPtr& waiting, store::Stores& stores, bool is_done) {
    if (is_done) return waiting->reply_error(done_already());
    const Result<First> first = read_first(*waiting);
    if (!first) return waiting->reply_error(first.error());
    if (const auto written = write_first_user(*waiting, stores, *first); !written) return waiting->reply_error(written.error());
    enter_tenants(waiting, stores, *first, then);
  });
}

void set_up_instance(const CallPtr& call) {
  set_up(call, [](const CallPtr& waiting) {
    off_thread(waiting, [](const CallPtr& of, store::Stores& stores) {
      const auto user = stores.system().user(first_user_id(of->parts().options));
      if (!user) return of->reply_error(user.error());
      if (!*user) return of->reply_error(not_found().error());
      of->reply_json(JsonObject{{"id", (*user)->id.str()}, {"username", (*user)->email}, {"email", (*user)->email}, {"superAdmin", true}, {"instanceOwner", true}, {"restricted", false}});
    });
  });
}

void set_up_basic_auth(const CallPtr& call) {
  set_up(call, [](const CallPtr& waiting) { waiting->reply_empty(204); });
}

}  // namespace

void add_setup_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/setup", public_(), show_setup, "What a new instance needs to be told; 404 once it has a user.");
  routes.emplace_back(post, "/api/v1/setup", public_(), set_up_instance, "Makes the first super admin and the first tenant; 409 once there is a user.");
  routes.emplace_back(post, "/api/v1/{tenant}/basicAuth", public_(), set_up_basic_auth, "The same in the words of the open edition: the first user, as Admin of the default tenant.");
  routes.emplace_back(get, "/api/v1/configs/login", public_(), show_login_configuration, "Whether there is somebody who could sign in.");
}

}  // namespace insula::api
