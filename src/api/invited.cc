// Invitations as those who were invited see them (features.md §1.5).
#include "api/identity_json.h"
#include "api/invitation.h"
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using Found = std::pair<store::TenantRow, store::InvitationRow>;

std::unexpected<Error> no_such_invitation() { return not_found("there is no such invitation"); }

// One that can still be accepted.
Result<Found> open_invitation(store::SystemStore& system, const Call& call) {
  auto found = system.invitation(InvitationId(call.parameter("invitationId")));
  if (!found) return fail(std::move(found.error()));
  if (!*found) return no_such_invitation();
  if ((*found)->second.accepted) return fail(ErrorKind::conflict, "invitation-accepted", "this invitation has been accepted already");
  if ((*found)->second.expires <= call.now()) return fail(ErrorKind::gone, "invitation-expired", "this invitation has expired: ask for a new one");
  return std::move(**found);
}

Result<void> accept(Change& change, Found invitation, const store::UserRow& user) {
  auto& [tenant, row] = invitation;
  if (auto kept = keep_promises(change, tenant, row, user.id); !kept) return kept;
  row.accepted = change.now;
  change.tenant(tenant.uid).invitations.push_back(row);
  change.audit(tenant.uid, {"UPDATE", "INVITATION", row.email, nullptr, JsonObject{{"email", row.email}, {"userId", user.id.str()}, {"roles", row.roles}, {"groups", row.groups}}, {{"status", "ACCEPTED"}}});
  return {};
}

// The invitation of somebody else is none.
void accept_invitation(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    auto user = known_user(change.system(), change.call.principal().id);
    if (!user) return fail(std::move(user.error()));
    auto found = change.system().invitation(InvitationId(change.call.parameter("invitationId")));
    if (!found) return fail(std::move(found.error()));
    if (!*found || user->service_account || (*found)->second.email != user->email) return no_such_invitation();
    auto invitation = open_invitation(change.system(), change.call);
    if (!invitation) return fail(std::move(invitation.error()));
    if (invitation->second.super_admin && !user->super_admin) {
      const JsonObject before = audited_user_json(*user);
      user->super_admin = true;
      change.turn.users.push_back(*user);
      change.affected.push_back(user->id);
      change.audit_instance({"UPDATE", "USER", user->id.str(), before, audited_user_json(*user)});
    }
    if (auto done = accept(change, std::move(*invitation), *user); !done) return fail(std::move(done.error()));
    return json_response(JsonObject{});
  });
}

struct NewPerson {
  std::string first_name, last_name, password;
};

Result<NewPerson> read_person(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "invitation");
  NewPerson person{fields.text("firstName", {.required = true, .bytes_max = 200}), fields.text("lastName", {.required = true, .bytes_max = 200}),
                   fields.text("password", {.required = true, .bytes_max = 4'096})};
  if (auto right = fields.result(); !right) return fail(right.error());
  return person;
}

Result<http::Response> create_person(Change& change, const NewPerson& person, std::string hash) {
  auto invitation = open_invitation(change.system(), change.call);
  if (!invitation) return fail(std::move(invitation.error()));
  store::UserRow user;
  user.id = change.next_id<UserId>();
  user.email = invitation->second.email;
  user.first_name = person.first_name;
  user.last_name = person.last_name;
  user.password_hash = std::move(hash);
  user.super_admin = invitation->second.super_admin;
  user.created = change.now;
  const auto same = change.system().user_by_email(user.email);
  if (!same) return fail(same.error());
  if (*same) return fail(ErrorKind::conflict, "user-exists", fmt::format("'{}' has an account: sign in and accept the invitation there", user.email));
  change.turn.new_users.push_back(user);
  change.audit_instance({"CREATE", "USER", user.id.str(), nullptr, audited_user_json(user), {{"by", "invitation"}}});
  if (auto done = accept(change, std::move(*invitation), user); !done) return fail(std::move(done.error()));
  return json_response(JsonObject{});
}

// Without credentials: whoever knows the id was sent it. Guessing is slowed down by address, and costs no hash before an id was right.
void create_invited_user(const CallPtr& call) {
  const std::string& address = call->request().remote_address;
  if (call->parts().invitation_guard.is_blocked(address, call->now()))
    return call->reply_error({ErrorKind::unavailable, "login-throttled", "too many wrong invitations from this address; try again in some minutes", {}, {}});
  auto person = read_person(*call);
  if (!person) return call->reply_error(person.error());
  off_thread(call, [person = std::move(*person)](const CallPtr& waiting, store::Stores& stores) {
    const auto invitation = open_invitation(stores.system(), *waiting);
    if (!invitation) {
      waiting->parts().invitation_guard.note_miss(waiting->request().remote_address, waiting->now());
      return waiting->reply_error(invitation.error());
    }
    auto hash = new_password_hash(*waiting, person.password, "invitation.password");
    if (!hash) {
      // Also counted: each try costs a look-up and may cost a hash.
      waiting->parts().invitation_guard.note_miss(waiting->request().remote_address, waiting->now());
      return waiting->reply_error(hash.error());
    }
    change_identity(waiting, [person, hash = std::move(*hash)](Change& change) { return create_person(change, person, hash); });
  });
}

void list_my_invitations(const CallPtr& call) {
  read_system(call, [](Call& asked, store::Stores& stores) -> Result<Json> {
    JsonArray list;
    if (asked.principal().service_account) return Json(std::move(list));
    const auto found = stores.system().invitations_of(asked.principal().email);
    if (!found) return fail(found.error());
    for (const auto& [tenant, row] : *found) {
      if (invitation_status(row, asked.now()) != "PENDING") continue;
      auto shown = invitation_json(asked, *stores.directory(stores.system().scope(tenant)), tenant.id, row);
      if (!shown) return fail(std::move(shown.error()));
      list.push_back(std::move(*shown));
    }
    return Json(std::move(list));
  });
}

}  // namespace

void add_invited_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/me/invitations", signed_in(), list_my_invitations, "Invitations of the caller that can be accepted.");
  routes.emplace_back(post, "/api/v1/invitation/accept/{invitationId}", signed_in(), accept_invitation, "Accepts an invitation to the caller's e-mail address.");
  routes.emplace_back(post, "/api/v1/invitation/create/{invitationId}", public_(), create_invited_user, "Creates the account of somebody who was invited; whoever knows the id may.");
}

}  // namespace insula::api
