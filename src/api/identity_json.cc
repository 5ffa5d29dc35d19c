#include "api/identity_json.h"

#include <algorithm>

namespace insula::api {

std::string display_name(const store::UserRow& user) {
  const std::string name = fmt::format("{} {}", user.first_name, user.last_name);
  return trim(name).empty() ? user.username() : std::string(trim(name));
}

Json instant_or_null(const std::optional<Instant>& instant) { return instant ? Json(format_instant(*instant)) : Json(nullptr); }

JsonObject role_json(const store::RoleRow& role) {
  const bool is_managed = store::managed_role(role.id).has_value();
  return {{"id", role.id.str()}, {"name", role.name}, {"description", role.description}, {"isDefault", role.is_default}, {"isManaged", is_managed},
          {"permissions", role.permissions.to_json()}, {"deleted", false}};
}

JsonObject role_summary_json(const store::RoleRow& role) {
  return {{"id", role.id.str()}, {"name", role.name}, {"isDefault", role.is_default}, {"isManaged", store::managed_role(role.id).has_value()}, {"permissionCount", role.permissions.count()}};
}

JsonObject role_reference_json(const store::RoleRow& role) { return {{"id", role.id.str()}, {"name", role.name}}; }

JsonObject group_json(const store::GroupRow& group) {
  return {{"id", group.id.str()}, {"name", group.name}, {"description", group.description}, {"external", group.external}};
}
JsonObject group_reference_json(const store::GroupRow& group) { return {{"id", group.id.str()}, {"name", group.name}, {"external", group.external}}; }

JsonObject binding_json(const BindingView& view) {
  JsonObject json{{"id", view.binding.id.str()}, {"type", view.binding.subject == store::SubjectKind::user ? "USER" : "GROUP"}, {"externalId", view.binding.subject_id}};
  json["namespace"] = view.binding.ns ? Json(view.binding.ns->str()) : Json(nullptr);
  json["namespaceId"] = json["namespace"];
  json["roleId"] = view.binding.role.str();
  json["role"] = view.role ? role_reference_json(*view.role) : JsonObject{{"id", view.binding.role.str()}, {"name", ""}};
  if (view.group) json["group"] = JsonObject{{"id", view.group->id.str()}, {"name", view.group->name}};
  if (view.user) {
    json["user"] = JsonObject{{"id", view.user->id.str()}, {"username", view.user->username()}, {"displayName", display_name(*view.user)},
                              {"type", view.user->service_account ? "SERVICE_ACCOUNT" : "STANDARD"}};
  }
  return json;
}

JsonArray auths_json(const store::UserRow& user) {
  JsonArray auths;
  if (!user.password_hash.empty()) auths.push_back(JsonObject{{"id", "basic"}, {"name", "basic"}, {"type", "BASIC_AUTH"}});
  return auths;
}
bool has_auth(const store::UserRow& user, std::string_view id) { return id == "basic" && !user.password_hash.empty(); }

JsonObject tenant_user_json(const store::UserRow& user, const std::vector<Membership>& groups) {
  JsonArray in_groups;
  for (const auto& [group, member] : groups) in_groups.push_back(group_reference_json(group));
  return {{"id", user.id.str()}, {"username", user.username()}, {"displayName", display_name(user)}, {"description", user.description}, {"groups", std::move(in_groups)},
          {"auths", auths_json(user)}, {"type", user.service_account ? "SERVICE_ACCOUNT" : "STANDARD"}};
}

JsonObject member_json(const store::UserRow& user, const std::vector<Membership>& groups) {
  JsonArray in_groups;
  for (const auto& [group, member] : groups) {
    JsonObject one = group_reference_json(group);
    one["membership"] = member.owner ? "OWNER" : "MEMBER";
    in_groups.push_back(std::move(one));
  }
  return {{"id", user.id.str()}, {"username", user.username()}, {"displayName", display_name(user)}, {"groups", std::move(in_groups)}};
}

JsonObject tenant_reference_json(const store::TenantRow& tenant) {
  JsonObject json{{"id", tenant.id.str()}, {"name", tenant.name}};
  if (const Json* logo = find(tenant.settings, "logo")) json["logo"] = *logo;
  return json;
}

JsonArray tenant_references_json(const std::vector<store::TenantRow>& tenants) {
  JsonArray list;
  for (const store::TenantRow& tenant : tenants) list.push_back(JsonObject{{"id", tenant.id.str()}, {"name", tenant.name}});
  return list;
}

JsonArray permissions_json(const access::Permissions& permissions) {
  JsonArray list;
  for (auto& [resource, actions] : permissions.to_json()) list.push_back(JsonObject{{"resource", resource}, {"actions", actions}});
  return list;
}

JsonObject audited_user_json(const store::UserRow& user) {
  if (user.service_account) return {{"name", user.name}, {"description", user.description}, {"superAdmin", user.super_admin}};
  return {{"email", user.email}, {"firstName", user.first_name}, {"lastName", user.last_name}, {"superAdmin", user.super_admin}, {"restricted", user.restricted}};
}

std::string_view invitation_status(const store::InvitationRow& invitation, Instant now) {
  if (invitation.accepted) return "ACCEPTED";
  return invitation.expires <= now ? "EXPIRED" : "PENDING";
}

JsonObject token_json(const store::TokenRow& token, Instant now) {
  return {{"id", token.id.str()}, {"name", token.name}, {"description", token.description}, {"prefix", token.record.prefix}, {"iat", format_instant(token.created)},
          {"exp", instant_or_null(token.expires)}, {"lastUsed", instant_or_null(token.last_used)}, {"extended", token.life.extended},
          {"expired", access::token_expired(token.expires, now)}};
}

}  // namespace insula::api
