// Operations of the engine, which bulk commands start: how far one is. What it does is done by the routes of executions.
#include <ranges>

#include "api/call.h"
#include "api/routes.h"

namespace insula::api {
namespace {

// Whoever may see some namespaces only sees what they started, and what could reach nothing but these namespaces.
bool is_visible(const Call& call, const store::OperationRow& row) {
  if (!call.namespaces()) return true;
  const auto* arguments = row.arguments.if_object();
  if (arguments == nullptr) return false;
  if (text_or(*arguments, "by") == call.principal().id.str()) return true;
  const Json* query = find(*arguments, "query");
  const Json* namespaces = query != nullptr ? find(*query, "namespaces") : nullptr;
  if (namespaces == nullptr || !namespaces->is_array() || namespaces->as_array().empty()) return false;
  return std::ranges::all_of(namespaces->as_array(), [&](const Json& ns) { return call.allows(Namespace(to_text(ns))); });
}

JsonObject operation_json(const store::OperationRow& row) {
  JsonObject json{{"id", row.id.str()}, {"kind", row.kind}, {"state", row.state}, {"totalItems", row.total}, {"processed", row.done + row.failed}, {"failed", row.failed},
                  {"startedAt", format_instant(row.created)}, {"updatedAt", format_instant(row.updated)}};
  if (row.state != "RUNNING") json["endedAt"] = format_instant(row.updated);
  if (const auto* arguments = row.arguments.if_object(); arguments != nullptr && !text_or(*arguments, "by").empty()) json["startedBy"] = text_or(*arguments, "by");
  return json;
}

void show_operation(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto row = reader.operation(OperationId(c.parameter("operation")));
    if (!row) return fail(row.error());
    if (!*row || !is_visible(c, **row)) return not_found();
    return operation_json(**row);
  });
}

void list_running(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto rows = reader.open_operations();
    if (!rows) return fail(rows.error());
    JsonArray results;
    for (const store::OperationRow& row : *rows | std::views::reverse)
      if (is_visible(c, row)) results.push_back(operation_json(row));
    const std::size_t total = results.size();
    return JsonObject{{"results", std::move(results)}, {"total", total}};
  });
}

}  // namespace

void add_operation_routes(Routes& routes) {
  using access::Action;
  using access::Resource;
  routes.emplace_back(http::Method::get, "/api/v1/{tenant}/operations", needs(Resource::execution, Action::list), list_running, "Bulk commands that are being carried out, the newest first.");
  routes.emplace_back(http::Method::get, "/api/v1/{tenant}/operations/{operation}", needs(Resource::execution, Action::list), show_operation, "How far a bulk command is: what it has dealt with, what of that failed.");
}

}  // namespace insula::api
