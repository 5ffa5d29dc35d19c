#include "api/tenant_json.h"

#include "api/scope_fields.h"

#include <algorithm>

#include "access/access.h"

namespace insula::api {
namespace {

constexpr std::array<std::string_view, 6> kCatalogFields{"title", "titleColor", "primaryColor", "backgroundColor", "tileColor", "buttonTextColor"};
constexpr std::array<std::string_view, 3> kDashboardFields{"defaultHomeDashboard", "defaultFlowOverviewDashboard", "defaultNamespaceOverviewDashboard"};
// Set by their own routes; what a client sends back of them is passed over.
constexpr std::array<std::string_view, 2> kLogoFields{"logo", "appsCatalogLogo"};

void check_rest(Fields& fields) {
  fields.flag("requireExistingNamespace");
  if (const JsonObject* object = fields.object("appCatalogConfig")) read_apps_catalog(fields.within(*object, "appCatalogConfig"));
  if (const JsonObject* object = fields.object("settings")) {
    Fields within = fields.within(*object, "settings");
    if (const JsonObject* dashboard = within.object("dashboard")) read_default_dashboards(within.within(*dashboard, "dashboard"));
  }
}

template <std::size_t n>
JsonObject texts_of(Fields& fields, const std::array<std::string_view, n>& keys) {
  JsonObject out;
  for (const std::string_view key : keys)
    if (fields.has(key)) out[key] = fields.text(key);
  return out;
}

bool is_one_of(std::span<const std::string_view> names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

}  // namespace

JsonObject read_apps_catalog(Fields fields) { return texts_of(fields, kCatalogFields); }
JsonObject read_default_dashboards(Fields fields) { return texts_of(fields, kDashboardFields); }

JsonObject tenant_json(const store::TenantRow& row) {
  JsonObject json{{"id", row.id.str()}, {"name", row.name}, {"deleted", false}, {"state", row.state}};
  for (const auto& [key, value] : row.settings)
    if (!json.contains(key) && key != "appsCatalogLogo") json[key] = value;
  return json;
}

JsonObject audited_tenant_json(const store::TenantRow& row) {
  JsonObject json = tenant_json(row);
  json.erase("logo");
  mask_credentials(json);
  return json;
}

Result<store::TenantRow> read_tenant(const JsonObject& body, std::string_view id_in_path) {
  Fields fields(body, "tenant");
  store::TenantRow row;
  std::string id = fields.text("id");
  if (id.empty()) id = id_in_path;
  const Result<TenantId> checked = access::check_tenant_id(id);
  if (!id_in_path.empty() && id != id_in_path) fields.wrong("id", "Illegal tenant id update");
  else if (!checked) fields.wrong("id", checked.error().message);
  else row.id = *checked;
  constexpr std::size_t name_bytes_max = 255;
  row.name = fields.text("name", {.required = true, .bytes_max = name_bytes_max});
  check_scope_fields(fields);
  constexpr std::int64_t weight_max = 100;
  fields.number("weight", 1, weight_max);
  check_rest(fields);
  // Fields that only other versions know are kept as they came.
  for (const auto& [key, value] : body)
    if (key != "id" && key != "name" && key != "deleted" && !is_one_of(kLogoFields, {key.data(), key.size()}) && !value.is_null()) row.settings[key] = value;
  constexpr std::size_t settings_bytes_max = 64u << 10;
  if (write_json(row.settings).size() > settings_bytes_max) fields.wrong("settings", fmt::format("all fields together must have at most {} bytes", settings_bytes_max));
  if (auto right = fields.result(); !right) return fail(std::move(right.error()));
  return row;
}

}  // namespace insula::api
