// Parts of a tenant with routes of their own: logo, catalog of apps, default dashboards (features.md §1.3).
#include "api/identity.h"
#include "api/routes.h"
#include "api/tenant_json.h"

namespace insula::api {
namespace {

constexpr std::size_t kLogoBytesMax = 256u << 10;

// Changes the settings of the tenant of the path and answers with what `shown` makes of it.
template <class Edit, class Shown>
void change_settings(const CallPtr& call, Edit edit, Shown shown) {
  change_identity(call, [edit = std::move(edit), shown](Change& change) mutable -> Result<http::Response> {
    const auto before = known_tenant(change.system(), TenantId(change.call.parameter("id")));
    if (!before) return not_found();
    store::TenantRow tenant = *before;
    edit(tenant.settings);
    change.turn.changed_tenants.push_back(tenant);
    change.audit_instance({"UPDATE", "TENANT", tenant.id.str(), audited_tenant_json(*before), audited_tenant_json(tenant)});
    return json_response(shown(tenant));
  });
}

JsonObject catalog_json(const store::TenantRow& tenant) {
  const Json* stored = find(tenant.settings, "appCatalogConfig");
  JsonObject json = stored != nullptr && stored->is_object() ? stored->get_object() : JsonObject();
  if (const Json* logo = find(tenant.settings, "appsCatalogLogo")) json["logo"] = *logo;
  return json;
}

JsonObject dashboards_json(const store::TenantRow& tenant) {
  const Json* settings = find(tenant.settings, "settings");
  const Json* stored = settings != nullptr ? find(*settings, "dashboard") : nullptr;
  return stored != nullptr && stored->is_object() ? stored->get_object() : JsonObject();
}

// What browsers show of a picture, whatever the client says it is. SVG is shown as an image only, where its scripts do not run.
std::string_view picture_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("GIF8")) return "image/gif";
  if (bytes.size() > 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return "image/webp";
  if (is_utf8(bytes) && bytes.contains("<svg")) return "image/svg+xml";
  return {};
}

// The part `logo` of the form as a data URI.
Result<std::string> read_logo(const Call& call) {
  const http::Part* part = call.request().part("logo");
  if (part == nullptr) return fail(ErrorKind::bad_request, "parameter-missing", "Required Part [logo] not specified");
  std::string bytes = part->text;
  if (part->is_file()) {
    if (part->file.size() > kLogoBytesMax) return fail(ErrorKind::too_large, "logo-too-large", fmt::format("a logo has at most {} bytes", kLogoBytesMax));
    auto read = part->file.read(kLogoBytesMax);
    if (!read) return fail(std::move(read.error()));
    bytes = std::move(*read);
  }
  if (bytes.size() > kLogoBytesMax) return fail(ErrorKind::too_large, "logo-too-large", fmt::format("a logo has at most {} bytes", kLogoBytesMax));
  const std::string_view type = picture_type(bytes);
  if (type.empty()) return fail(ErrorKind::unsupported, "logo-unsupported", "a logo is a PNG, JPEG, GIF, WebP or SVG picture");
  return fmt::format("data:{};base64,{}", type, base64_encode(bytes));
}

template <class Shown>
void set_logo(const CallPtr& call, std::string_view key, Shown shown) {
  off_thread(call, [key, shown](const CallPtr& waiting, store::Stores&) {
    auto logo = read_logo(*waiting);
    if (!logo) return waiting->reply_error(logo.error());
    change_settings(waiting, [key, logo = std::move(*logo)](JsonObject& settings) { settings[key] = logo; }, shown);
  });
}

void set_tenant_logo(const CallPtr& call) { set_logo(call, "logo", tenant_json); }
void set_catalog_logo(const CallPtr& call) { set_logo(call, "appsCatalogLogo", catalog_json); }
void delete_catalog_logo(const CallPtr& call) {
  change_settings(call, [](JsonObject& settings) { settings.erase("appsCatalogLogo"); }, catalog_json);
}

// For every member: whoever has no access does not learn that the tenant exists.
void show_catalog(const CallPtr& call) {
  read_system(call, [](Call& asked, store::Stores& stores) -> Result<Json> {
    const auto tenant = known_tenant(stores.system(), TenantId(asked.parameter("id")));
    if (!tenant) return not_found();
    if (!asked.principal().super_admin) {
      const auto standing = stores.directory(stores.system().scope(*tenant))->standing(asked.principal().id);
      if (!standing) return fail(standing.error());
      if (!standing->has_access) return not_found();
    }
    return Json(catalog_json(*tenant));
  });
}

void set_catalog(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  const Fields fields(*body, "appsCatalog");
  JsonObject catalog = read_apps_catalog(fields);
  if (auto right = fields.result(); !right) return call->reply_error(right.error());
  change_settings(call, [catalog = std::move(catalog)](JsonObject& settings) { settings["appCatalogConfig"] = catalog; }, catalog_json);
}

void show_dashboards(const CallPtr& call) {
  read_system(call, [](Call& asked, store::Stores& stores) -> Result<Json> {
    const auto tenant = known_tenant(stores.system(), TenantId(asked.parameter("id")));
    if (!tenant) return not_found();
    return Json(dashboards_json(*tenant));
  });
}

void set_dashboards(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  const Fields fields(*body, "dashboards");
  JsonObject dashboards = read_default_dashboards(fields);
  if (auto right = fields.result(); !right) return call->reply_error(right.error());
  change_settings(call, [dashboards = std::move(dashboards)](JsonObject& settings) {
    Json& within = settings["settings"];
    if (!within.is_object()) within = JsonObject();
    within.get_object()["dashboard"] = dashboards;
  }, dashboards_json);
}

}  // namespace

void add_tenant_setting_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/tenants/{id}/logo", super_admin(), set_tenant_logo, "Sets the logo of a tenant: the part `logo` of a form.");
  routes.emplace_back(get, "/api/v1/tenants/{id}/apps-catalog", signed_in(), show_catalog, "How the catalog of apps looks; for everybody with access to the tenant.");
  routes.emplace_back(post, "/api/v1/tenants/{id}/apps-catalog", super_admin(), set_catalog, "Sets how the catalog of apps looks.");
  routes.emplace_back(post, "/api/v1/tenants/{id}/apps-catalog/logo", super_admin(), set_catalog_logo, "Sets the logo of the catalog of apps.");
  routes.emplace_back(del, "/api/v1/tenants/{id}/apps-catalog/logo", super_admin(), delete_catalog_logo, "Removes that logo; nothing happens when there is none.");
  routes.emplace_back(get, "/api/v1/tenants/{id}/settings/default-dashboards", super_admin(), show_dashboards, "Dashboards that are shown first.");
  routes.emplace_back(post, "/api/v1/tenants/{id}/settings/default-dashboards", super_admin(), set_dashboards, "Sets the dashboards that are shown first.");
}

}  // namespace insula::api
