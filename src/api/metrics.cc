// Figures that tasks told, by execution.
#include "api/execution_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

JsonObject metric_json(const store::MetricRow& metric) {
  JsonObject json{{"namespace", metric.ns.str()},       {"flowId", metric.flow_id.str()}, {"taskId", metric.task_id.str()}, {"executionId", metric.execution_id.str()},
                  {"taskRunId", metric.task_run_id.str()}, {"type", metric.type},          {"name", metric.name},            {"value", metric.value},
                  {"timestamp", format_instant(metric.at)}};
  if (!metric.tags.empty()) json["tags"] = metric.tags;
  if (!metric.kind.empty()) json["executionKind"] = metric.kind;
  return json;
}

// Of an execution that does not exist, or that the caller may not see, there are none: as 1.3 answers.
void list_metrics(const CallPtr& call) {
  auto page = read_page(call->target(), metric_search());
  if (!page) return call->reply_error(page.error());
  store::Query query;
  query.page = std::move(*page);
  query.namespaces = call->namespaces();
  query.filters.push_back({"executionId", store::Op::equals, {}, {call->execution_id().str()}});
  for (const char* name : {"taskRunId", "taskId"}) {
    if (const std::string_view wanted = call->query(name); !wanted.empty()) query.filters.push_back({name, store::Op::equals, {}, {std::string(wanted)}});
  }
  read_json(call, [query = std::move(query)](Call&, store::TenantReader& reader) -> Result<Json> {
    const auto found = reader.search_metrics(query);
    if (!found) return fail(found.error());
    return page_json(*found, metric_json);
  });
}

}  // namespace

void add_metric_routes(Routes& routes) {
  routes.emplace_back(http::Method::get, "/api/v1/{tenant}/metrics/{execution}", needs(Resource::execution, Action::view), list_metrics, "Metrics of an execution.");
}

}  // namespace insula::api
