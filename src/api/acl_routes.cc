// What can be permitted, for those who write roles (features.md §2.1, §2.2).
#include "api/call.h"
#include "api/routes.h"

namespace insula::api {
namespace {

void list_permissions(const CallPtr& call) { call->reply_json(access::Permissions::all().to_json()); }

void list_templates(const CallPtr& call) {
  JsonObject templates;
  for (const access::ManagedRole role : access::managed_roles) templates[access::to_string(role)] = access::permissions_of(role).to_json();
  call->reply_json(std::move(templates));
}

}  // namespace

void add_acl_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/acls/permissions", member().or_super_admin(), list_permissions, "Every resource with the actions that can be permitted on it.");
  routes.emplace_back(get, "/api/v1/{tenant}/acls/templates", member().or_super_admin(), list_templates, "The permissions of the built-in roles.");
}

}  // namespace insula::api
