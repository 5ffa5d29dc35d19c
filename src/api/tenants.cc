// Tenants, for super admins (features.md §1.3).
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

JsonObject tenant_json(const store::TenantRow& row) {
  JsonObject json{{"id", row.id.str()}, {"name", row.name}, {"deleted", false}};
  for (const auto& [key, value] : row.settings)
    if (!json.contains(key)) json[key] = value;
  return json;
}

Error entity_error(std::string path, std::string message) {
  Error error{ErrorKind::invalid, "tenant-invalid", fmt::format("{}: {}", path, message), {}, {}};
  error.violations.push_back({std::move(path), std::move(message), 0, 0, {}});
  return error;
}

// Every field but id, name and deleted is kept as it came: later issues give them meaning.
Result<store::TenantRow> read_tenant(const Call& call, std::string_view id_in_path) {
  const Result<Json> body = call.json_body();
  if (!body) return fail(body.error());
  const auto* object = body->if_object();
  if (object == nullptr) return fail(ErrorKind::invalid, "body-invalid", "Unprocessable Entity: an object with `id` and `name` is expected");
  store::TenantRow row;
  const std::string id = text_or(*object, "id", id_in_path);
  if (!id_in_path.empty() && id != id_in_path) return fail(entity_error("tenant.id", "Illegal tenant id update"));
  const Result<TenantId> checked = access::check_tenant_id(id);
  if (!checked) return fail(entity_error("tenant.id", checked.error().message));
  row.id = *checked;
  row.name = text_or(*object, "name");
  constexpr std::size_t name_bytes_max = 255;
  if (trim(row.name).empty() || row.name.size() > name_bytes_max) return fail(entity_error("tenant.name", fmt::format("must have 1 to {} bytes", name_bytes_max)));
  for (const auto& [key, value] : *object)
    if (key != "id" && key != "name" && key != "deleted") row.settings[key] = value;
  constexpr std::size_t settings_bytes_max = 64u << 10;
  if (write_json(row.settings).size() > settings_bytes_max) return fail(entity_error("tenant", fmt::format("has more than {} bytes", settings_bytes_max)));
  return row;
}

// Whoever makes a tenant can work in it: access is the grant (features.md §2.1; a super admin has none elsewhere).
void create_tenant(const CallPtr& call) {
  auto row = read_tenant(*call, {});
  if (!row) return call->reply_error(row.error());
  call->engine().create_tenant(std::move(*row), [call](Result<store::TenantRow> created) {
    if (!created) {
      const bool exists = created.error().code == "tenant-exists";
      return call->reply_error(exists ? entity_error("tenant.id", "Tenant id already exists") : created.error());
    }
    off_thread(call, [row = std::move(*created)](const CallPtr& waiting, store::Stores& stores) {
      const auto granted = stores.directory(stores.system().scope(row))->grant_role(waiting->principal().id, "ADMIN", waiting->now());
      if (!granted) return waiting->reply_error(granted.error());
      waiting->parts().standings.clear();
      waiting->reply_json(tenant_json(row));
    });
  });
}

void with_tenant(const CallPtr& call, std::function<void(const CallPtr&, store::Stores&, store::TenantRow)> work) {
  off_thread(call, [work = std::move(work)](const CallPtr& waiting, store::Stores& stores) {
    auto row = stores.system().tenant(TenantId(waiting->parameter("id")));
    if (!row) return waiting->reply_error(row.error());
    if (!*row) return waiting->reply_error(not_found().error());
    work(waiting, stores, std::move(**row));
  });
}

void get_tenant(const CallPtr& call) {
  with_tenant(call, [](const CallPtr& waiting, store::Stores&, const store::TenantRow& row) { waiting->reply_json(tenant_json(row)); });
}

void update_tenant(const CallPtr& call) {
  auto wanted = read_tenant(*call, call->parameter("id"));
  if (!wanted) return call->reply_error(wanted.error());
  with_tenant(call, [wanted = std::move(*wanted)](const CallPtr& waiting, store::Stores& stores, store::TenantRow row) {
    row.name = wanted.name;
    row.settings = wanted.settings;
    const auto updated = stores.system().update_tenant(row);
    updated ? waiting->reply_json(tenant_json(row)) : waiting->reply_error(updated.error());
  });
}

void delete_tenant(const CallPtr& call) {
  const TenantId id(call->parameter("id"));
  if (id == call->parts().options.default_tenant)
    return call->reply_error({ErrorKind::conflict, "tenant-is-default", fmt::format("'{}' serves the paths without a tenant and cannot be deleted", id), {}, {}});
  call->engine().delete_tenant(id, [call](Result<void> deleted) {
    if (!deleted) return call->reply_error(deleted.error().kind == ErrorKind::not_found ? not_found().error() : deleted.error());
    call->parts().authenticator.forget_all();  // its service accounts end with it
    call->parts().standings.clear();
    call->reply_empty(204);
  });
}

void search_tenants(const CallPtr& call) {
  auto query = read_query(call->target(), tenant_search(), {call->now(), call->parts().options.system_namespace});
  if (!query) return call->reply_error(query.error());
  off_thread(call, [query = std::move(*query)](const CallPtr& waiting, store::Stores& stores) {
    const auto found = stores.system().search_tenants(query);
    if (!found) return waiting->reply_error(found.error());
    waiting->reply_json(page_json(*found, tenant_json));
  });
}

}  // namespace

void add_tenant_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/tenants", super_admin(), create_tenant, "Creates a tenant; its creator becomes its admin.");
  routes.emplace_back(get, "/api/v1/tenants/search", super_admin(), search_tenants, "Searches tenants.");
  routes.emplace_back(get, "/api/v1/tenants/{id}", super_admin(), get_tenant, "One tenant.");
  routes.emplace_back(put, "/api/v1/tenants/{id}", super_admin(), update_tenant, "Changes a tenant.");
  routes.emplace_back(del, "/api/v1/tenants/{id}", super_admin(), delete_tenant, "Deletes a tenant with everything in it.");
}

}  // namespace insula::api
