// Executions: read, search, export, outputs, delete.
#include "api/csv.h"
#include "api/execution_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

void get_execution(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto header = visible_execution(c, reader);
    if (!header) return fail(header.error());
    Result<JsonObject> json = execution_json(reader, *header);
    if (!json) return fail(std::move(json.error()));
    return std::move(*json);
  });
}

Result<Json> page_of_executions(store::TenantReader& reader, const store::Query& query) {
  const auto found = reader.search_executions(query);
  if (!found) return fail(found.error());
  std::size_t budget = kTaskRunsWhole;
  JsonArray results;
  for (const execution::Header& header : found->rows) {
    Result<JsonObject> json = execution_json(reader, header, budget);
    if (!json) return fail(std::move(json.error()));
    results.push_back(std::move(*json));
  }
  return JsonObject{{"results", std::move(results)}, {"total", found->total}};
}

void search_executions(const CallPtr& call) {
  auto query = call->search(execution_search());
  if (!query) return call->reply_error(query.error());
  read_json(call, [query = std::move(*query)](Call&, store::TenantReader& reader) { return page_of_executions(reader, query); });
}

// Executions of exactly one flow.
void list_of_flow(const CallPtr& call) {
  store::Query query;
  for (const std::string_view name : {"namespace", "flowId"}) {
    const std::string_view value = call->query(name);
    if (value.empty()) return call->reply_error({ErrorKind::bad_request, "parameter-missing", fmt::format("Required QueryValue [{}] not specified", name), {}, {}});
    query.filters.push_back({std::string(name), store::Op::equals, {}, {std::string(value)}});
  }
  auto page = read_page(call->target(), execution_search());
  if (!page) return call->reply_error(page.error());
  query.page = std::move(*page);
  query.namespaces = call->namespaces();
  read_json(call, [query = std::move(query)](Call&, store::TenantReader& reader) { return page_of_executions(reader, query); });
}

// `[{namespace, id}]` → the newest execution of each flow.
void latest_executions(const CallPtr& call) {
  const Result<Json> body = call->json_body();
  if (!body) return call->reply_error(body.error());
  std::vector<std::pair<Namespace, FlowId>> flows;
  constexpr std::size_t flows_max = 1'000;
  const auto* list = body->if_array();
  if (list == nullptr || list->size() > flows_max)
    return call->reply_error({ErrorKind::invalid, "body-invalid", fmt::format("Unprocessable Entity: a list of at most {} objects with `namespace` and `id` is expected", flows_max), {}, {}});
  for (const Json& item : *list)
    if (const auto* object = item.if_object())
      if (Namespace ns(text_or(*object, "namespace")); call->allows(ns)) flows.emplace_back(std::move(ns), FlowId(text_or(*object, "id", text_or(*object, "flowId"))));
  read_json(call, [flows = std::move(flows)](Call&, store::TenantReader& reader) -> Result<Json> {
    const auto headers = reader.latest_executions(flows);
    if (!headers) return fail(headers.error());
    JsonArray answer;
    for (const execution::Header& header : *headers)
      answer.push_back(JsonObject{{"id", header.id.str()}, {"flowId", header.flow_id.str()}, {"namespace", header.ns.str()},
                                  {"startDate", format_instant(header.state.start())}, {"status", execution::to_string(header.state.current())}});
    return answer;
  });
}

// The task runs that a truncated execution leaves out, by page.
void list_task_runs(const CallPtr& call) {
  auto page = read_page(call->target(), execution_search());
  if (!page) return call->reply_error(page.error());
  read_json(call, [page = *page](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto header = visible_execution(c, reader);
    if (!header) return fail(header.error());
    const auto size = static_cast<std::size_t>(page.size);
    const auto rows = reader.task_runs(header->id, static_cast<std::size_t>(page.number - 1) * size, size);
    if (!rows) return fail(rows.error());
    JsonArray results;
    for (const execution::TaskRun& row : *rows) results.push_back(execution::to_json(row, *header));
    return JsonObject{{"results", std::move(results)}, {"total", header->task_runs}};
  });
}

void list_outputs(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto header = visible_execution(c, reader);
    if (!header) return fail(header.error());
    const auto rows = reader.task_runs(header->id);
    if (!rows) return fail(rows.error());
    JsonArray list;
    for (const execution::TaskRun& row : *rows) {
      if (row.outputs.empty()) continue;
      JsonObject one{{"taskId", row.task_id.str()}, {"taskRunId", row.id.str()}};
      if (row.value) one["value"] = *row.value;
      if (row.iteration) one["iteration"] = *row.iteration;
      one["inline"] = true;
      list.push_back(std::move(one));
    }
    return list;
  });
}

void get_outputs(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto header = visible_execution(c, reader);
    if (!header) return fail(header.error());
    const auto row = reader.task_run(header->id, TaskRunId(c.parameter("taskrun")));
    if (!row) return fail(row.error());
    if (!*row) return not_found();
    return (*row)->outputs;
  });
}

void export_csv(const CallPtr& call) {
  auto query = call->search(execution_search());
  if (!query) return call->reply_error(query.error());
  query->page.number = 1;
  query->page.size = kPageSizeMax;
  read_then(call, [query = std::move(*query)](const CallPtr& waiting, store::TenantReader& reader) {
    const auto found = reader.search_executions(query);
    if (!found) return waiting->reply_error(found.error());
    std::size_t budget = kTaskRunsWhole;
    std::vector<JsonObject> rows;
    for (const execution::Header& header : found->rows) {
      Result<JsonObject> json = execution_json(reader, header, budget);
      if (!json) return waiting->reply_error(json.error());
      rows.push_back(std::move(*json));
    }
    http::Response response = http::Response::text(200, write_csv(rows), "text/csv");
    response.headers.set("Content-Disposition", "attachment; filename=executions.csv");
    waiting->reply(std::move(response));
  });
}

void delete_execution(const CallPtr& call) {
  if_permitted(call, [](const CallPtr& waiting) {
    const engine::DeleteOptions options{waiting->flag("deleteLogs", true), waiting->flag("deleteMetrics", true), waiting->flag("deleteStorage", true)};
    waiting->engine().delete_execution(waiting->scope(), waiting->execution_id(), options, [waiting](Result<void> deleted) {
      if (!deleted) return waiting->reply_error(deleted.error().kind == ErrorKind::not_found ? not_found().error() : deleted.error());
      waiting->reply_empty(204);
    });
  });
}

}  // namespace

void add_execution_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/executions", needs(Resource::execution, Action::list), list_of_flow, "Executions of one flow.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/search", needs(Resource::execution, Action::list), search_executions, "Searches executions by filters.");
  routes.emplace_back(post, "/api/v1/{tenant}/executions/latest", needs(Resource::execution, Action::list), latest_executions, "The newest execution of each of the named flows.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/export/by-query/csv", needs(Resource::execution, Action::export_), export_csv, "The executions that match as CSV.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}", needs(Resource::execution, Action::view), get_execution, "One execution with its task runs.");
  routes.emplace_back(del, "/api/v1/{tenant}/executions/{execution}", needs(Resource::execution, Action::delete_), delete_execution, "Deletes an execution, its logs and files.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}/taskruns", needs(Resource::execution, Action::view), list_task_runs, "Task runs of an execution by page.");
  routes.emplace_back(get, "/api/v1/{tenant}/outputs/{execution}", needs(Resource::execution, Action::access_outputs), list_outputs, "Which task runs of an execution have outputs.");
  routes.emplace_back(get, "/api/v1/{tenant}/outputs/{execution}/{taskrun}", needs(Resource::execution, Action::access_outputs), get_outputs, "The outputs of one task run.");
}

}  // namespace insula::api
