// The audit log of a tenant, and the one of the instance, which is about users, tenants and logins (features.md §7.13).
#include <array>

#include "api/csv.h"
#include "api/identity.h"
#include "api/json_patch.h"
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

constexpr std::array<std::string_view, 12> kFields{"q", "id", "type", "resource", "objectId", "namespace", "flowId", "executionId", "userId", "result", "startDate", "endDate"};
constexpr std::array<std::string_view, 3> kSorts{"date", "sequence", "type"};
constexpr SearchRules kRules{"searchAuditLogs", "AUDITLOG", kFields, kSorts};
constexpr int kExportRowsMax = 10'000;
constexpr int kHistoryRowsMax = 1'000;

// Filters, and the plain parameters that exports and older clients send.
Result<store::Query> audit_query(const Call& call) {
  auto query = read_query(call.target(), kRules, {call.now(), {}});
  if (!query) return query;
  const auto has = [&](std::string_view field) { return std::ranges::any_of(query->filters, [&](const store::Filter& filter) { return filter.field == field; }); };
  for (const std::string_view name : {"q", "id", "type", "namespace", "flowId", "executionId", "userId", "resource"}) {
    const std::string_view value = call.query(name);
    if (!value.empty() && !has(name)) query->filters.push_back({std::string(name), name == "namespace" ? store::Op::prefix : store::Op::equals, {}, {std::string(value)}});
  }
  if (const std::string_view resources = call.query("resources"); !resources.empty() && !has("resource")) {
    store::Filter filter{"resource", store::Op::in, {}, {}};
    for (std::string_view rest = resources; !rest.empty();) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      filter.values.emplace_back(trim(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    query->filters.push_back(std::move(filter));
  }
  if (const std::string_view from = call.query("startDate"); !from.empty() && !has("startDate")) query->filters.push_back({"startDate", store::Op::greater_or_equal, {}, {std::string(from)}});
  if (const std::string_view to = call.query("endDate"); !to.empty() && !has("endDate")) query->filters.push_back({"endDate", store::Op::less_or_equal, {}, {std::string(to)}});
  return query;
}

// Sources are YAML, other objects JSON.
Json value_of(const std::string& text) {
  if (text.empty()) return nullptr;
  if (auto json = parse_json(text)) return std::move(*json);
  if (auto yaml = flow::read_yaml(text)) return std::move(yaml->value);
  return Json(text);
}

JsonObject detail_json(const store::AuditRow& row) {
  JsonObject detail{{"resource", row.resource}, {"resourceType", row.resource}, {"type", row.resource}, {"id", row.object_id}};
  if (!row.ns.empty()) detail["namespace"] = row.ns.str();
  if (!row.flow_id.empty()) detail["flowId"] = row.flow_id.str();
  if (!row.execution_id.empty()) detail["executionId"] = row.execution_id.str();
  for (const auto& [key, value] : row.detail) if (!detail.contains(key)) detail[key] = value;
  return detail;
}

JsonObject item_json(const store::AuditRow& row, const std::string& tenant, bool with_patches) {
  JsonObject log{{"id", row.id.str()}, {"type", row.kind}, {"detail", detail_json(row)}, {"date", format_instant(row.at)}, {"userId", row.user.str()}, {"ipAddress", row.address}, {"result", row.result},
                 {"sequence", row.sequence}, {"hash", row.hash}};
  if (!tenant.empty()) log["tenantId"] = tenant;
  if (!row.impersonator.empty()) log["impersonatedBy"] = row.impersonator.str();
  if (with_patches && (!row.before.empty() || !row.after.empty())) {
    const Json before = value_of(row.before), after = value_of(row.after);
    log["appliedPatch"] = json_patch(before, after);
    log["revertPatch"] = json_patch(after, before);
  }
  return {{"auditLog", std::move(log)}, {"user", JsonObject{{"id", row.user.str()}, {"username", row.user_name}}}};
}

JsonObject csv_row(const store::AuditRow& row) {
  return {{"date", format_instant(row.at)}, {"type", row.kind}, {"resource", row.resource}, {"id", row.object_id}, {"namespace", row.ns.str()}, {"flowId", row.flow_id.str()},
          {"executionId", row.execution_id.str()}, {"user", row.user_name}, {"userId", row.user.str()}, {"impersonatedBy", row.impersonator.str()}, {"ipAddress", row.address}, {"result", row.result},
          {"detail", write_json(row.detail)}, {"sequence", row.sequence}, {"hash", row.hash}};
}

JsonObject verdict_json(const store::AuditVerdict& verdict) {
  JsonObject json{{"intact", verdict.intact()}, {"entries", verdict.entries}};
  if (verdict.broken_at) json["brokenAt"] = *verdict.broken_at, json["reason"] = verdict.reason;
  return json;
}

Json history_json(const std::vector<store::AuditRow>& rows) {
  JsonArray list;
  for (const store::AuditRow& row : rows) list.push_back(JsonObject{{"id", row.id.str()}, {"date", format_instant(row.at)}, {"username", row.user_name}, {"type", row.kind}});
  return list;
}

// What the object was before and after: of one entry, or from an earlier entry to this one.
Result<Json> diff(const std::optional<store::AuditRow>& entry, const std::optional<store::AuditRow>& previous, bool has_previous) {
  if (!entry || (has_previous && (!previous || previous->object_id != entry->object_id))) return not_found();
  return Json(JsonObject{{"before", has_previous ? previous->after : entry->before}, {"after", entry->after}});
}

// The two logs are asked alike: by a reader of the tenant, or by the system's store.
struct OfTenant {
  template <class Work>
  static void read(const CallPtr& call, Work work) {
    read_then(call, [work = std::move(work)](const CallPtr& waiting, store::TenantReader& reader) mutable { work(*waiting, reader, waiting->tenant().str()); });
  }
};
struct OfInstance {
  template <class Work>
  static void read(const CallPtr& call, Work work) {
    off_thread(call, [work = std::move(work)](const CallPtr& waiting, store::Stores& stores) mutable { work(*waiting, stores.system(), std::string()); });
  }
};

template <class Log>
void search(const CallPtr& call) {
  auto query = audit_query(*call);
  if (!query) return call->reply_error(query.error());
  Log::read(call, [query = std::move(*query)](Call& asked, auto& log, const std::string& tenant) {
    const auto found = log.search_audit(query);
    if (!found) return asked.reply_error(found.error());
    asked.reply_json(page_json(*found, [&](const store::AuditRow& row) { return item_json(row, tenant, true); }));
  });
}

template <class Log>
void export_csv(const CallPtr& call) {
  auto query = audit_query(*call);
  if (!query) return call->reply_error(query.error());
  query->page = {1, kExportRowsMax, {}};
  Log::read(call, [query = std::move(*query)](Call& asked, auto& log, const std::string&) {
    const auto found = log.search_audit(query);
    if (!found) return asked.reply_error(found.error());
    std::vector<JsonObject> rows;
    for (const store::AuditRow& row : found->rows) rows.push_back(csv_row(row));
    http::Response response = http::Response::text(200, write_csv(rows), "text/csv");
    response.headers.set("Content-Disposition", "attachment; filename=auditlogs.csv");
    if (found->total > kExportRowsMax) response.headers.set("X-Truncated", fmt::format("{} of {} entries", found->rows.size(), found->total));
    asked.reply(std::move(response));
  });
}

// Ids of flows are unique in a namespace only: `namespace` says which of them is meant.
template <class Log>
void show_history(const CallPtr& call) {
  store::Query of_namespace;
  of_namespace.page.size = kHistoryRowsMax;
  of_namespace.filters.push_back({"objectId", store::Op::equals, {}, {std::string(call->parameter("detailId"))}});
  of_namespace.filters.push_back({"namespace", store::Op::equals, {}, {std::string(call->query("namespace"))}});
  Log::read(call, [query = std::move(of_namespace)](Call& asked, auto& log, const std::string&) {
    if (query.filters[1].values.front().empty()) {
      const auto rows = log.audit_history(query.filters[0].values.front());
      return rows ? asked.reply_json(history_json(*rows)) : asked.reply_error(rows.error());
    }
    const auto found = log.search_audit(query);
    found ? asked.reply_json(history_json(found->rows)) : asked.reply_error(found.error());
  });
}

template <class Log>
void show_diff(const CallPtr& call) {
  Log::read(call, [id = AuditId(call->parameter("id")), previous_id = AuditId(call->query("previousId"))](Call& asked, auto& log, const std::string&) {
    const auto entry = log.audit_entry(id);
    if (!entry) return asked.reply_error(entry.error());
    auto previous = previous_id.empty() ? Result<std::optional<store::AuditRow>>(std::nullopt) : log.audit_entry(previous_id);
    if (!previous) return asked.reply_error(previous.error());
    const auto body = diff(*entry, *previous, !previous_id.empty());
    body ? asked.reply_json(*body) : asked.reply_error(body.error());
  });
}

template <class Log>
void verify(const CallPtr& call) {
  Log::read(call, [](Call& asked, auto& log, const std::string&) {
    const auto verdict = log.verify_audit();
    verdict ? asked.reply_json(verdict_json(*verdict)) : asked.reply_error(verdict.error());
  });
}

// The newest entry about an object: `{resource, type, detail: {id, namespace, flowId, executionId}}`.
void find_entry(const CallPtr& call) {
  const Result<JsonObject> body = object_body(*call);
  if (!body) return call->reply_error(body.error());
  store::Query query;
  query.page.size = 1;
  const auto add = [&](std::string_view field, const std::string& value) {
    if (!value.empty()) query.filters.push_back({std::string(field), store::Op::equals, {}, {value}});
  };
  add("resource", text_or(*body, "resource"));
  add("type", text_or(*body, "type"));
  if (const Json* detail = find(*body, "detail"); detail != nullptr && detail->is_object()) {
    add("objectId", text_or(detail->get_object(), "id"));
    for (const std::string_view field : {"namespace", "flowId", "executionId"}) add(field, text_or(detail->get_object(), field));
  }
  OfTenant::read(call, [query = std::move(query)](Call& asked, auto& log, const std::string& tenant) {
    const auto found = log.search_audit(query);
    if (!found) return asked.reply_error(found.error());
    if (found->rows.empty()) return asked.reply_error(not_found().error());
    asked.reply_json(item_json(found->rows.front(), tenant, true));
  });
}

Rule may(access::Action action) { return needs(access::Resource::auditlog, action); }

}  // namespace

void add_audit_routes(Routes& routes) {
  using enum http::Method;
  using access::Action;
  routes.emplace_back(get, "/api/v1/{tenant}/auditlogs/search", may(Action::list), search<OfTenant>, "Searches the audit log of the tenant, newest first.");
  routes.emplace_back(get, "/api/v1/{tenant}/auditlogs/export", may(Action::export_), export_csv<OfTenant>, "The newest 10,000 entries as CSV.");
  routes.emplace_back(post, "/api/v1/{tenant}/auditlogs/find", may(Action::view), find_entry, "The newest entry about an object.");
  routes.emplace_back(get, "/api/v1/{tenant}/auditlogs/history/{detailId}", may(Action::view), show_history<OfTenant>, "Entries about one object; with `namespace` about the one of that namespace.");
  routes.emplace_back(get, "/api/v1/{tenant}/auditlogs/{id}/diff", may(Action::view), show_diff<OfTenant>, "The object before and after.");
  routes.emplace_back(get, "/api/v1/{tenant}/auditlogs/verify", may(Action::view), verify<OfTenant>, "Whether the chain of hashes holds; else the first entry that is not what was written.");
  routes.emplace_back(get, "/api/v1/auditlogs/search", super_admin(), search<OfInstance>, "Searches the audit log of the instance: users, tenants, logins.");
  routes.emplace_back(get, "/api/v1/auditlogs/export", super_admin(), export_csv<OfInstance>, "The newest 10,000 entries as CSV.");
  routes.emplace_back(get, "/api/v1/auditlogs/history/{detailId}", super_admin(), show_history<OfInstance>, "Entries about one object of the instance.");
  routes.emplace_back(get, "/api/v1/auditlogs/{id}/diff", super_admin(), show_diff<OfInstance>, "The object before and after.");
  routes.emplace_back(get, "/api/v1/auditlogs/verify", super_admin(), verify<OfInstance>, "Whether the chain of hashes of the instance's log holds.");
}

}  // namespace insula::api
