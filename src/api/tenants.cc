// Tenants, for super admins (features.md §1.3).
#include "api/identity.h"
#include "api/identity_search.h"
#include "api/parts.h"
#include "api/routes.h"
#include "api/tenant_json.h"

namespace insula::api {
namespace {

Result<store::TenantRow> read_body(const Call& call, std::string_view id_in_path) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  return read_tenant(*body, id_in_path);
}

// A super admin makes it and has no rights in it by that: they give themselves, or somebody else, a role there (features.md §1.1).
void create_tenant(const CallPtr& call) {
  auto row = read_body(*call, {});
  if (!row) return call->reply_error(row.error());
  const auto audited = [call](const store::TenantRow& made, store::SystemTurn& turn) { turn.audit.push_back(audit_row(*call, {"CREATE", "TENANT", made.id.str(), nullptr, audited_tenant_json(made)})); };
  call->engine().create_tenant(std::move(*row), audited, [call](Result<store::TenantRow> created) {
    if (!created) {
      if (created.error().code != "tenant-exists") return call->reply_error(created.error());
      Error error{ErrorKind::invalid, "tenant-exists", "tenant.id: Tenant id already exists", {}, {}};
      error.violations.push_back({"tenant.id", "Tenant id already exists", 0, 0, {}});
      return call->reply_error(error);
    }
    call->reply_json(tenant_json(*created));
  });
}

void show_tenant(const CallPtr& call) {
  read_system(call, [](Call& asked, store::Stores& stores) -> Result<Json> {
    const auto tenant = known_tenant(stores.system(), TenantId(asked.parameter("id")));
    if (!tenant) return not_found();
    return Json(tenant_json(*tenant));
  });
}

void update_tenant(const CallPtr& call) {
  auto wanted = read_body(*call, call->parameter("id"));
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    const auto before = known_tenant(change.system(), TenantId(change.call.parameter("id")));
    if (!before) return not_found();
    store::TenantRow tenant = *before;
    tenant.name = wanted.name;
    tenant.settings = wanted.settings;
    for (const std::string_view kept : {"logo", "appsCatalogLogo"})
      if (const Json* logo = find(before->settings, kept)) tenant.settings[kept] = *logo;
    change.turn.changed_tenants.push_back(tenant);
    change.audit_instance({"UPDATE", "TENANT", tenant.id.str(), audited_tenant_json(*before), audited_tenant_json(tenant)});
    return json_response(tenant_json(tenant));
  });
}

void delete_tenant(const CallPtr& call) {
  const TenantId id(call->parameter("id"));
  if (id == call->parts().options.default_tenant)
    return call->reply_error({ErrorKind::conflict, "tenant-is-default", fmt::format("'{}' serves the paths without a tenant and cannot be deleted", id), {}, {}});
  off_thread(call, [id](const CallPtr& waiting, store::Stores& stores) {
    const auto before = known_tenant(stores.system(), id);
    if (!before) return waiting->reply_error(not_found().error());
    const auto audited = [waiting, before = audited_tenant_json(*before)](const store::TenantRow& row, store::SystemTurn& turn) { turn.audit.push_back(audit_row(*waiting, {"DELETE", "TENANT", row.id.str(), before})); };
    waiting->engine().delete_tenant(id, audited, [waiting](Result<void> deleted) {
      if (!deleted) return waiting->reply_error(deleted.error().kind == ErrorKind::not_found ? not_found().error() : deleted.error());
      waiting->parts().authenticator.forget_all();  // its service accounts end with it
      waiting->parts().standings.clear();
      waiting->reply_empty(204);
    });
  });
}

void search_tenants(const CallPtr& call) {
  auto query = identity_query(*call, tenant_search());
  if (!query) return call->reply_error(query.error());
  read_system(call, [query = std::move(*query)](Call&, store::Stores& stores) -> Result<Json> {
    const auto found = stores.system().search_tenants(query);
    if (!found) return fail(found.error());
    return page_json(*found, tenant_json);
  });
}

}  // namespace

void add_tenant_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/tenants", super_admin(), create_tenant, "Creates a tenant. Its creator is a super admin and so gets no role in it.");
  routes.emplace_back(get, "/api/v1/tenants/search", super_admin(), search_tenants, "Searches tenants.");
  routes.emplace_back(get, "/api/v1/tenants/{id}", super_admin(), show_tenant, "One tenant.");
  routes.emplace_back(put, "/api/v1/tenants/{id}", super_admin(), update_tenant, "Changes a tenant; fields that are absent are removed, logos stay.");
  routes.emplace_back(del, "/api/v1/tenants/{id}", super_admin(), delete_tenant, "Deletes a tenant with everything in it.");
}

}  // namespace insula::api
