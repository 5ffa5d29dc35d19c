// Namespaces (features.md §7.1): those that somebody made, and those that are there because flows are in them.
#include <algorithm>

#include "api/identity.h"
#include "api/routes.h"
#include "api/scope_fields.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

JsonObject namespace_json(const store::NamespaceRow& row) {
  JsonObject json{{"id", row.id.str()}, {"deleted", false}};
  if (!row.description.empty()) json["description"] = row.description;
  for (const auto& [key, value] : row.settings)
    if (!json.contains(key)) json[key] = value;
  return json;
}

bool is_namespace_id(std::string_view id) {
  constexpr std::size_t bytes_max = 150;
  const auto inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
  return !id.empty() && id.size() <= bytes_max && inner(id.front()) && std::isalnum(static_cast<unsigned char>(id.front())) != 0 && std::ranges::all_of(id, inner);
}

Result<store::NamespaceRow> read_namespace(const JsonObject& body, std::string_view id_in_path) {
  Fields fields(body, "namespace");
  store::NamespaceRow row;
  std::string id = fields.text("id");
  if (id.empty()) id = id_in_path;
  if (!id_in_path.empty() && id != id_in_path) fields.wrong("id", "Illegal namespace id update");
  else if (!is_namespace_id(id)) fields.wrong("id", "must match \"^[a-z0-9][a-z0-9._-]*\" and have at most 150 characters");
  else row.id = Namespace(id);
  row.description = fields.text("description", {.bytes_max = 10'000});
  fields.object("variables");
  check_scope_fields(fields);
  if (const JsonArray* allowed = fields.array("allowedNamespaces")) {
    for (std::size_t i = 0; i < allowed->size(); ++i) {
      const std::string step = fmt::format("allowedNamespaces[{}]", i);
      if (const JsonObject* one = (*allowed)[i].if_object()) fields.within(*one, step).text("namespace", {.required = true});
      else fields.wrong(step, "must be an object");
    }
  }
  if (const JsonArray* defaults = fields.array("pluginDefaults")) {
    for (std::size_t i = 0; i < defaults->size(); ++i) {
      const std::string step = fmt::format("pluginDefaults[{}]", i);
      const JsonObject* one = (*defaults)[i].if_object();
      if (one == nullptr) {
        fields.wrong(step, "must be an object");
        continue;
      }
      Fields within = fields.within(*one, step);
      within.text("type", {.required = true});
      within.flag("forced");
      within.object("values");
    }
  }
  for (const auto& [key, value] : body)
    if (key != "id" && key != "description" && key != "deleted" && !value.is_null()) row.settings[key] = value;
  constexpr std::size_t settings_bytes_max = 256u << 10;
  if (write_json(row.settings).size() > settings_bytes_max) fields.wrong("settings", fmt::format("all fields together must have at most {} bytes", settings_bytes_max));
  if (auto right = fields.result(); !right) return fail(std::move(right.error()));
  return row;
}

void save(const CallPtr& call, std::string_view id_in_path, bool is_new) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  auto row = read_namespace(*body, id_in_path);
  if (!row) return call->reply_error(row.error());
  if (auto may = call->require(row->id); !may) return call->reply_error(may.error());
  call->engine().save_namespace(call->scope(), std::move(*row), is_new, then<store::NamespaceRow>(call, [call](const store::NamespaceRow& saved) { call->reply_json(namespace_json(saved)); }));
}

void create_namespace(const CallPtr& call) { save(call, {}, true); }

void update_namespace(const CallPtr& call) {
  read_then(call, [](const CallPtr& waiting, store::TenantReader& reader) {
    const auto found = reader.made_namespace(waiting->ns());
    if (!found) return waiting->reply_error(found.error());
    if (!*found) return waiting->reply_error(not_found().error());
    save(waiting, waiting->parameter("namespace"), false);
  });
}

void delete_namespace(const CallPtr& call) {
  call->engine().delete_namespace(call->scope(), call->ns(), then<void>(call, [call] { call->reply_empty(204); }));
}

// Those of flows with all that lie above them, and those that were made; `made`: only these. By name.
Result<std::vector<std::pair<std::string, bool>>> known(const Call& call, store::TenantReader& reader, bool only_made) {
  std::map<std::string, bool> names;
  const auto made = reader.made_namespaces();
  if (!made) return fail(made.error());
  for (const store::NamespaceRow& row : *made) names[row.id.str()] = true;
  if (!only_made) {
    const auto of_flows = reader.namespaces("");
    if (!of_flows) return fail(of_flows.error());
    for (const std::string& name : *of_flows)
      for (std::size_t dot = name.find('.');; dot = name.find('.', dot + 1)) {
        names.try_emplace(name.substr(0, dot), false);
        if (dot == std::string::npos) break;
      }
  }
  std::vector<std::pair<std::string, bool>> visible;
  for (const auto& [name, is_made] : names)
    if (call.allows(Namespace(name))) visible.emplace_back(name, is_made);
  return visible;
}

bool holds_text(std::string_view name, std::string_view text) { return lower_ascii(name).contains(lower_ascii(text)); }

void search_namespaces(const CallPtr& call) {
  const auto page = read_page(call->target(), namespace_search());
  if (!page) return call->reply_error(page.error());
  read_json(call, [page = *page](Call& c, store::TenantReader& reader) -> Result<Json> {
    auto names = known(c, reader, c.flag("existing", false));
    if (!names) return fail(names.error());
    std::erase_if(*names, [&](const auto& name) { return !holds_text(name.first, c.query("q")); });
    if (!page.sort.empty() && page.sort.front().descending) std::ranges::reverse(*names);
    const std::size_t first = std::min(names->size(), static_cast<std::size_t>(page.number - 1) * static_cast<std::size_t>(page.size));
    const std::size_t last = std::min(names->size(), first + static_cast<std::size_t>(page.size));
    JsonArray results;
    for (std::size_t i = first; i < last; ++i) {
      const auto& [name, is_made] = (*names)[i];
      JsonObject one{{"id", name}};
      if (is_made) {
        const auto row = reader.made_namespace(Namespace(name));
        if (!row) return fail(row.error());
        if (*row) one = namespace_json(**row);
      }
      results.push_back(std::move(one));
    }
    return JsonObject{{"results", std::move(results)}, {"total", names->size()}};
  });
}

void autocomplete(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  Fields fields(*body, "autocomplete");
  const std::string text = fields.text("q");
  const std::vector<std::string> ids = fields.texts("ids");
  const bool only_made = fields.flag("existingOnly").value_or(false);
  if (auto right = fields.result(); !right) return call->reply_error(right.error());
  read_json(call, [text, ids, only_made](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto names = known(c, reader, only_made);
    if (!names) return fail(names.error());
    JsonArray list;
    for (const auto& [name, is_made] : *names)
      if ((text.empty() && ids.empty()) || (!text.empty() && holds_text(name, text)) || std::ranges::find(ids, name) != ids.end()) list.emplace_back(name);
    return list;
  });
}

void show_namespace(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto row = reader.made_namespace(c.ns());
    if (!row) return fail(row.error());
    if (*row) return Json(namespace_json(**row));
    const auto names = known(c, reader, false);
    if (!names) return fail(names.error());
    if (std::ranges::find(*names, c.ns().str(), &std::pair<std::string, bool>::first) == names->end()) return not_found();
    return Json(JsonObject{{"id", c.ns().str()}});
  });
}

// ---- how many executions of flows with a limit of their own run

JsonObject limit_json(const Call& call, const Namespace& ns, const FlowId& flow, std::int64_t running) {
  return {{"tenantId", call.tenant().str()}, {"namespace", ns.str()}, {"flowId", flow.str()}, {"running", running}};
}

void search_limits(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto activity = reader.activity();
    if (!activity) return fail(activity.error());
    JsonArray results;
    for (const store::FlowActivity& one : *activity) {
      if (!c.allows(one.ns)) continue;
      const auto row = reader.flow(one.ns, one.flow_id);
      if (!row) return fail(row.error());
      if (!*row || (*row)->deleted) continue;
      const auto flow = c.engine().compiled(c.scope(), **row);
      if (flow && (*flow)->concurrency) results.push_back(limit_json(c, one.ns, one.flow_id, one.running));
    }
    const std::size_t total = results.size();
    return JsonObject{{"results", std::move(results)}, {"total", total}};
  });
}

// In the original this repairs a counter that has leaked. Here the count follows the states of executions, so the answer is what it is.
void show_limit(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto row = reader.flow(c.ns(), c.flow_id());
    if (!row) return fail(row.error());
    if (!*row || (*row)->deleted) return not_found();
    const auto activity = reader.activity();
    if (!activity) return fail(activity.error());
    const auto found = std::ranges::find_if(*activity, [&](const store::FlowActivity& one) { return one.ns == c.ns() && one.flow_id == c.flow_id(); });
    return Json(limit_json(c, c.ns(), c.flow_id(), found == activity->end() ? 0 : found->running));
  });
}

// ---- how many executions have begun within the current windows of the quotas

// That of the tenant shows to all who may ask; those of namespaces to whoever may see them. A window that has ended, or of a quota that is no more, is left out.
void search_quotas(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto counts = reader.quota_counts();
    if (!counts) return fail(counts.error());
    JsonArray results;
    for (const store::QuotaCount& count : *counts) {
      if (c.now() >= count.start + count.window || (!count.ns.empty() && !c.allows(count.ns))) continue;
      JsonObject one{{"tenantId", c.tenant().str()}, {"id", format_duration(count.window)}, {"start", format_instant(count.start)}, {"count", count.executions}};
      if (!count.ns.empty()) one["namespace"] = count.ns.str();
      results.push_back(std::move(one));
    }
    return results;
  });
}

}  // namespace

void add_namespace_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/namespaces", needs(Resource::namespace_, Action::create), create_namespace, "Makes a namespace, with a limit of its executions and more.");
  routes.emplace_back(get, "/api/v1/{tenant}/namespaces/search", needs(Resource::namespace_, Action::list), search_namespaces, "Namespaces that were made or have flows, with those above them.");
  routes.emplace_back(post, "/api/v1/{tenant}/namespaces/autocomplete", needs(Resource::namespace_, Action::list), autocomplete, "Names of namespaces for a field that completes.");
  routes.emplace_back(get, "/api/v1/{tenant}/namespaces/{namespace}", needs(Resource::namespace_, Action::view, "namespace"), show_namespace, "One namespace.");
  routes.emplace_back(put, "/api/v1/{tenant}/namespaces/{namespace}", needs(Resource::namespace_, Action::update, "namespace"), update_namespace, "Changes a namespace that was made; fields that are absent are removed.");
  routes.emplace_back(del, "/api/v1/{tenant}/namespaces/{namespace}", needs(Resource::namespace_, Action::delete_, "namespace"), delete_namespace, "Forgets what was said of a namespace; its flows stay.");
  routes.emplace_back(get, "/api/v1/{tenant}/concurrency-limit/search", needs(Resource::flow, Action::list), search_limits, "How many executions of flows with a concurrency limit run.");
  routes.emplace_back(get, "/api/v1/{tenant}/quota-limits", needs(Resource::namespace_, Action::list), search_quotas, "How many executions have begun within the current windows of the quotas of the tenant and its namespaces.");
  routes.emplace_back(put, "/api/v1/{tenant}/concurrency-limit/{namespace}/{flow}", needs(Resource::flow, Action::update, "namespace"), show_limit, "How many executions of a flow run; the count cannot be set, since it follows their states.");
}

}  // namespace insula::api
