#include "api/invitation.h"

#include <algorithm>

#include "api/identity_json.h"
#include "api/parts.h"

namespace insula::api {

std::vector<InvitedRole> invited_roles(const store::InvitationRow& invitation) {
  std::vector<InvitedRole> roles;
  for (const Json& one : invitation.roles) {
    const JsonObject* object = one.if_object();
    if (object == nullptr) continue;
    InvitedRole& role = roles.emplace_back(RoleId(text_or(*object, "id")));
    const Json* namespaces = find(*object, "namespaces");
    if (namespaces == nullptr || !namespaces->is_array()) continue;
    for (const Json& ns : namespaces->get_array()) role.namespaces.push_back(to_text(ns));
  }
  return roles;
}

std::vector<GroupId> invited_groups(const store::InvitationRow& invitation) {
  std::vector<GroupId> groups;
  for (const Json& one : invitation.groups) {
    GroupId id(to_text(one));
    if (std::ranges::find(groups, id) == groups.end()) groups.push_back(std::move(id));
  }
  return groups;
}

Result<void> keep_promises(Change& change, const store::TenantRow& tenant, const store::InvitationRow& invitation, const UserId& user) {
  const auto directory = change.stores.directory(change.system().scope(tenant));
  if (auto in = enter(change, *directory, tenant.uid, user, Access::given); !in) return in;
  store::DirectoryTurn& part = change.tenant(tenant.uid);
  const auto bind = [&](const RoleId& role, std::optional<Namespace> ns) {
    part.bindings.push_back({change.next_id<BindingId>(), store::SubjectKind::user, user.str(), role, std::move(ns), change.now});
  };
  for (const InvitedRole& invited : invited_roles(invitation)) {
    const auto role = directory->role(invited.role);
    if (!role) return fail(role.error());
    if (!*role) continue;
    if (invited.namespaces.empty()) bind(invited.role, std::nullopt);
    for (const std::string& ns : invited.namespaces) bind(invited.role, Namespace(ns));
  }
  for (const GroupId& id : invited_groups(invitation)) {
    const auto group = directory->group(id);
    if (!group) return fail(group.error());
    const auto member = directory->member(id, user);
    if (!member) return fail(member.error());
    if (*group && !*member) part.members.push_back({id, user, false, change.now});
  }
  return {};
}

Result<Json> invitation_json(const Call& call, store::Directory& directory, const TenantId& tenant, const store::InvitationRow& invitation) {
  JsonArray roles, bindings, groups, group_ids;
  for (const InvitedRole& invited : invited_roles(invitation)) {
    const auto role = directory.role(invited.role);
    if (!role) return fail(role.error());
    if (!*role) continue;
    JsonObject one = role_summary_json(**role);
    JsonArray namespaces;
    for (const std::string& ns : invited.namespaces) {
      namespaces.emplace_back(ns);
      bindings.push_back(JsonObject{{"type", "USER"}, {"roleId", invited.role.str()}, {"namespaceId", ns}});
    }
    if (invited.namespaces.empty()) bindings.push_back(JsonObject{{"type", "USER"}, {"roleId", invited.role.str()}});
    one["namespaces"] = std::move(namespaces);
    roles.push_back(std::move(one));
  }
  for (const GroupId& id : invited_groups(invitation)) {
    const auto group = directory.group(id);
    if (!group) return fail(group.error());
    if (!*group) continue;
    groups.push_back(group_json(**group));
    group_ids.emplace_back(id.str());
  }
  const std::string_view status = invitation_status(invitation, call.now());
  return Json(JsonObject{{"id", invitation.id.str()}, {"email", invitation.email}, {"tenantId", tenant.str()}, {"roles", std::move(roles)}, {"bindings", std::move(bindings)},
                         {"groups", std::move(groups)}, {"groupIds", std::move(group_ids)}, {"status", status}, {"isExpired", status == "EXPIRED"},
                         {"sentAt", format_instant(invitation.sent)}, {"expiredAt", format_instant(invitation.expires)}, {"acceptedAt", instant_or_null(invitation.accepted)},
                         {"superAdmin", invitation.super_admin}, {"instanceOwner", invitation.super_admin}, {"userType", "STANDARD"}, {"deleted", false},
                         {"link", fmt::format("{}/ui/invitation/{}", call.base_url(), invitation.id)}});
}

}  // namespace insula::api
