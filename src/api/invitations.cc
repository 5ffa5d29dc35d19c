// Invitations as those who invite see them (features.md §1.5).
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/invitation.h"
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

struct Wanted {
  store::InvitationRow row;
  bool create_user = false;
};

Result<Wanted> read_invitation(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "invitation");
  Wanted wanted;
  wanted.row.email = lower_ascii(fields.text("email", {.required = true, .bytes_max = 256}));
  if (!wanted.row.email.empty() && !access::is_email(wanted.row.email)) fields.wrong("email", "must be an e-mail address");
  wanted.create_user = fields.flag("createUserIfNotExist").value_or(false);
  wanted.row.super_admin = fields.super_admin().value_or(false);
  for (std::string& group : fields.texts("groups", 100)) wanted.row.groups.emplace_back(std::move(group));
  if (const JsonArray* roles = fields.array("roles")) {
    constexpr std::size_t roles_max = 100;
    if (roles->size() > roles_max) fields.wrong("roles", fmt::format("must have at most {} members", roles_max));
    for (std::size_t i = 0; i < std::min(roles->size(), roles_max); ++i) {
      const JsonObject* role = (*roles)[i].if_object();
      const std::string step = fmt::format("roles[{}]", i);
      if (role == nullptr) {
        fields.wrong(step, "must be an object");
        continue;
      }
      Fields within = fields.within(*role, step);
      const std::string id = within.text("id", {.required = true});
      JsonArray namespaces;
      for (std::string& ns : within.texts("namespaces", 100)) namespaces.emplace_back(std::move(ns));
      wanted.row.roles.push_back(JsonObject{{"id", id}, {"namespaces", std::move(namespaces)}});
    }
  }
  if (auto right = fields.result(); !right) return fail(right.error());
  return wanted;
}

// Everything that is promised exists, and the caller may give it.
Result<void> may_promise(Change& change, const store::InvitationRow& row) {
  if (row.super_admin && !change.call.principal().super_admin)
    return fail(ErrorKind::forbidden, "super-admin-needed", "only a super admin may invite a super admin");
  for (const InvitedRole& invited : invited_roles(row)) {
    const auto role = known_role(change.directory(), invited.role);
    if (!role) return fail(role.error());
    if (invited.namespaces.empty())
      if (auto may = may_hand_out(change.call, role->permissions, std::nullopt); !may) return may;
    for (const std::string& ns : invited.namespaces)
      if (auto may = may_hand_out(change.call, role->permissions, Namespace(ns)); !may) return may;
  }
  for (const GroupId& id : invited_groups(row)) {
    const auto group = known_group(change.directory(), id);
    if (!group) return fail(group.error());
    if (auto may = may_hand_out_group(change, *group); !may) return may;
  }
  return {};
}

Result<void> none_pending(Change& change, const std::string& email) {
  const auto pending = change.directory().search_invitations(
      whole({{"email", store::Op::equals, {}, {email}}, {"status", store::Op::equals, format_instant(change.now), {"PENDING"}}}));
  if (!pending) return fail(pending.error());
  if (pending->total > 0) return fail(ErrorKind::conflict, "invitation-exists", fmt::format("'{}' has been invited already: delete that invitation first", email));
  return {};
}

store::UserRow new_user(Change& change, const std::string& email, bool super_admin) {
  store::UserRow user;
  user.id = change.next_id<UserId>();
  user.email = email;
  user.super_admin = super_admin;
  user.created = change.now;
  return user;
}

// Somebody with an account needs no invitation: they get what was meant for them at once.
Result<http::Response> let_in(Change& change, Wanted& wanted, std::optional<store::UserRow> user) {
  if (!user) {
    user = new_user(change, wanted.row.email, wanted.row.super_admin);
    change.turn.new_users.push_back(*user);
    change.audit_instance({"CREATE", "USER", user->id.str(), nullptr, audited_user_json(*user)});
  } else if (wanted.row.super_admin && !user->super_admin) {
    const JsonObject before = audited_user_json(*user);
    user->super_admin = true;
    change.turn.users.push_back(*user);
    change.affected.push_back(user->id);
    change.audit_instance({"UPDATE", "USER", user->id.str(), before, audited_user_json(*user)});
  }
  auto tenant = known_tenant(change.system(), change.call.tenant());
  if (!tenant) return fail(std::move(tenant.error()));
  if (auto kept = keep_promises(change, *tenant, wanted.row, user->id); !kept) return fail(std::move(kept.error()));
  change.audit({"CREATE", "TENANT_ACCESS", user->id.str(), nullptr, JsonObject{{"userId", user->id.str()}, {"username", user->username()}, {"roles", wanted.row.roles}, {"groups", wanted.row.groups}}});
  return http::Response::empty(204);
}

void create_invitation(const CallPtr& call) {
  auto wanted = read_invitation(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) mutable -> Result<http::Response> {
    if (auto may = may_promise(change, wanted.row); !may) return fail(may.error());
    if (auto none = none_pending(change, wanted.row.email); !none) return fail(none.error());
    auto user = change.system().user_by_email(wanted.row.email);
    if (!user) return fail(std::move(user.error()));
    if (*user) {
      const auto person = change.directory().person((*user)->id);
      if (!person) return fail(person.error());
      if (*person) return fail(ErrorKind::conflict, "access-exists", fmt::format("'{}' already has access to this tenant", wanted.row.email));
    }
    if (*user || wanted.create_user) return let_in(change, wanted, std::move(*user));
    wanted.row.id = InvitationId(hex_encode(random_bytes(24)));
    wanted.row.sent = change.now;
    wanted.row.expires = change.now + change.call.parts().options.invitation_life;
    change.tenant().invitations.push_back(wanted.row);
    auto shown = invitation_json(change.call, change.directory(), change.call.tenant(), wanted.row);
    if (!shown) return fail(std::move(shown.error()));
    // The id opens the door: it does not go into the log.
    change.audit({"CREATE", "INVITATION", wanted.row.email, nullptr,
                  JsonObject{{"email", wanted.row.email}, {"roles", wanted.row.roles}, {"groups", wanted.row.groups}, {"superAdmin", wanted.row.super_admin}}});
    return json_response(*shown, 201);
  });
}

Result<store::InvitationRow> find_invitation(const Call& call, store::Directory& directory) {
  auto row = directory.invitation(InvitationId(call.parameter("id")));
  if (!row) return fail(std::move(row.error()));
  if (!*row) return not_found("there is no such invitation");
  return std::move(**row);
}

void show_invitation(const CallPtr& call) {
  read_directory(call, [](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto row = find_invitation(asked, directory);
    if (!row) return fail(row.error());
    return invitation_json(asked, directory, asked.tenant(), *row);
  });
}

void delete_invitation(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto row = find_invitation(change.call, change.directory());
    if (!row) return fail(row.error());
    change.tenant().removed_invitations.push_back(row->id);
    change.audit({"DELETE", "INVITATION", row->email, JsonObject{{"email", row->email}, {"roles", row->roles}, {"groups", row->groups}, {"superAdmin", row->super_admin}}});
    return http::Response::empty(204);
  });
}

Result<JsonArray> invitations_json(const Call& call, store::Directory& directory, const std::vector<store::InvitationRow>& rows) {
  JsonArray list;
  for (const store::InvitationRow& row : rows) {
    auto shown = invitation_json(call, directory, call.tenant(), row);
    if (!shown) return fail(std::move(shown.error()));
    list.push_back(std::move(*shown));
  }
  return list;
}

void search_invitations(const CallPtr& call) {
  auto query = identity_query(*call, invitation_search());
  if (!query) return call->reply_error(query.error());
  read_directory(call, [query = std::move(*query)](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto found = directory.search_invitations(query);
    if (!found) return fail(found.error());
    auto results = invitations_json(asked, directory, found->rows);
    if (!results) return fail(std::move(results.error()));
    return Json(JsonObject{{"results", std::move(*results)}, {"total", found->total}});
  });
}

void list_invitations_of(const CallPtr& call) {
  read_directory(call, [](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto found = directory.search_invitations(whole({{"email", store::Op::equals, {}, {lower_ascii(asked.parameter("email"))}}}));
    if (!found) return fail(found.error());
    auto list = invitations_json(asked, directory, found->rows);
    if (!list) return fail(std::move(list.error()));
    return Json(std::move(*list));
  });
}

}  // namespace

void add_invitation_routes(Routes& routes) {
  using enum http::Method;
  const auto rule = [](Action action) { return needs(Resource::invitation, action).or_super_admin(); };
  routes.emplace_back(post, "/api/v1/{tenant}/invitations", rule(Action::create), create_invitation,
                      "Invites somebody: 201 with the link; 204 when they have an account, or get one, and are let in at once; 409 when invited or inside.");
  routes.emplace_back(get, "/api/v1/{tenant}/invitations/search", rule(Action::list), search_invitations, "Searches invitations.");
  routes.emplace_back(get, "/api/v1/{tenant}/invitations/email/{email}", rule(Action::list), list_invitations_of, "Invitations of an e-mail address.");
  routes.emplace_back(get, "/api/v1/{tenant}/invitations/{id}", rule(Action::view), show_invitation, "One invitation with its link.");
  routes.emplace_back(del, "/api/v1/{tenant}/invitations/{id}", rule(Action::delete_), delete_invitation, "Takes an invitation back.");
}

}  // namespace insula::api
