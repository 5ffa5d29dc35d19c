#include "api/tenant_json.h"

#include <algorithm>

#include "access/access.h"

namespace insula::api {
namespace {

constexpr std::array<std::string_view, 6> kServices{"EXECUTOR", "INDEXER", "SCHEDULER", "WEBSERVER", "WORKER", "CONTROLLER"};
constexpr std::array<std::string_view, 2> kMatches{"ALL", "ANY"};
constexpr std::array<std::string_view, 4> kFallbacks{"FAIL", "WAIT", "CANCEL", "IGNORE"};
constexpr std::array<std::string_view, 3> kConcurrencyBehaviours{"QUEUE", "CANCEL", "FAIL"};
constexpr std::array<std::string_view, 2> kQuotaBehaviours{"FAIL", "CANCEL"};
constexpr std::array<std::string_view, 6> kCatalogFields{"title", "titleColor", "primaryColor", "backgroundColor", "tileColor", "buttonTextColor"};
constexpr std::array<std::string_view, 3> kDashboardFields{"defaultHomeDashboard", "defaultFlowOverviewDashboard", "defaultNamespaceOverviewDashboard"};
// Set by their own routes; what a client sends back of them is passed over.
constexpr std::array<std::string_view, 2> kLogoFields{"logo", "appsCatalogLogo"};
constexpr std::array<std::string_view, 3> kSecretFields{"sdkDefaultAuthentication", "storageConfiguration", "secretConfiguration"};
constexpr std::string_view kMask = "******";

void check_isolation(Fields& fields, std::string_view key) {
  const JsonObject* object = fields.object(key);
  if (object == nullptr) return;
  Fields within = fields.within(*object, key);
  within.flag("enabled");
  within.words("deniedServices", kServices);
}

void check_selector(Fields& fields) {
  if (const JsonObject* object = fields.object("defaultWorkerSelector")) {
    Fields within = fields.within(*object, "defaultWorkerSelector");
    constexpr std::size_t tags_max = 20;
    within.texts("tags", tags_max);
    within.word("match", kMatches);
    within.word("fallback", kFallbacks);
  }
  if (const JsonObject* object = fields.object("workerGroup")) {
    Fields within = fields.within(*object, "workerGroup");
    within.text("key");
    within.word("fallback", kFallbacks);
  }
}

void check_concurrency(Fields& fields) {
  const JsonObject* object = fields.object("concurrency");
  if (object == nullptr) return;
  Fields within = fields.within(*object, "concurrency");
  if (!within.has("limit")) within.wrong("limit", "must not be null");
  within.number("limit", 1, INT32_MAX);
  within.word("behavior", kConcurrencyBehaviours, true);
}

void check_quotas(Fields& fields) {
  const JsonArray* list = fields.array("quotas");
  if (list == nullptr) return;
  std::vector<Duration> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string step = fmt::format("quotas[{}]", i);
    const JsonObject* object = (*list)[i].if_object();
    if (object == nullptr) {
      fields.wrong(step, "must be an object");
      continue;
    }
    Fields within = fields.within(*object, step);
    const std::string text = within.text("duration", {.required = true});
    const std::optional<Duration> duration = parse_duration(text);
    if (!text.empty() && (!duration || *duration < std::chrono::minutes(1))) within.wrong("duration", "must be an ISO-8601 duration of PT1M or more");
    if (duration && std::ranges::find(seen, *duration) != seen.end()) within.wrong("duration", "must be there once");
    if (duration) seen.push_back(*duration);
    if (!within.has("limit")) within.wrong("limit", "must not be null");
    within.number("limit", 0, INT64_MAX);
    within.word("behavior", kQuotaBehaviours, true);
  }
}

void check_rest(Fields& fields) {
  for (const std::string_view key : {"storageType", "secretType"}) fields.text(key);
  for (const std::string_view key : {"storageConfiguration", "secretConfiguration"}) fields.object(key);
  for (const std::string_view key : {"secretReadOnly", "requireExistingNamespace", "outputsInInternalStorage"}) fields.flag(key);
  if (const JsonObject* object = fields.object("sdkDefaultAuthentication")) {
    Fields within = fields.within(*object, "sdkDefaultAuthentication");
    for (const std::string_view key : {"apiToken", "username", "password"}) within.text(key, {.bytes_max = 4'096});
  }
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
  for (const std::string_view key : kSecretFields)
    if (json.contains(key)) json[key] = kMask;
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
  for (const std::string_view key : {"storageIsolation", "secretIsolation"}) check_isolation(fields, key);
  check_selector(fields);
  check_concurrency(fields);
  check_quotas(fields);
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
