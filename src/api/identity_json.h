// People, programs, roles, groups and what ties them together, as the API shows them: the superset of 1.x and 2.0.
#pragma once
#include "api/call.h"

namespace insula::api {

std::string display_name(const store::UserRow& user);                           // `Ada Lovelace`, else the user name
Json instant_or_null(const std::optional<Instant>& instant);

JsonObject role_json(const store::RoleRow& role);
JsonObject role_summary_json(const store::RoleRow& role);
JsonObject role_reference_json(const store::RoleRow& role);                     // {id, name}
JsonObject group_json(const store::GroupRow& group);
JsonObject group_reference_json(const store::GroupRow& group);                  // {id, name, external}

struct BindingView {
  store::BindingRow binding;
  std::optional<store::RoleRow> role;
  std::optional<store::GroupRow> group;
  std::optional<store::UserRow> user;
};
JsonObject binding_json(const BindingView& view);

JsonArray auths_json(const store::UserRow& user);                               // [{id, name, type}]
bool has_auth(const store::UserRow& user, std::string_view id);

using Membership = std::pair<store::GroupRow, store::MemberRow>;
JsonObject tenant_user_json(const store::UserRow& user, const std::vector<Membership>& groups);  // a person or program as the tenant sees it
JsonObject member_json(const store::UserRow& user, const std::vector<Membership>& groups);       // with the membership of each group

JsonObject tenant_reference_json(const store::TenantRow& tenant);               // {id, name, logo}
JsonArray tenant_references_json(const std::vector<store::TenantRow>& tenants);
JsonArray permissions_json(const access::Permissions& permissions);             // [{resource, actions}]

// What is told of a user in the audit log: nothing secret.
JsonObject audited_user_json(const store::UserRow& user);

std::string_view invitation_status(const store::InvitationRow& invitation, Instant now);

JsonObject token_json(const store::TokenRow& token, Instant now);

}  // namespace insula::api
