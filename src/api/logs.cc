// Logs of an execution: read, download, delete; search over all.
#include "api/execution_json.h"
#include "api/log_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

// Lines outlive their execution when it was deleted without them; so each line is asked for its namespace.
Result<std::vector<store::LogRow>> visible_lines(const Call& call, store::TenantReader& reader, const store::LogQuery& query) {
  auto rows = reader.logs(call.execution_id(), query);
  if (!rows) return fail(std::move(rows.error()));
  if (call.namespaces()) std::erase_if(*rows, [&](const store::LogRow& row) { return !call.allows(row.log.ns); });
  return rows;
}

void list_logs(const CallPtr& call) {
  auto query = read_log_query(*call);
  if (!query) return call->reply_error(query.error());
  read_json(call, [query = std::move(*query)](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto rows = visible_lines(c, reader, query);
    if (!rows) return fail(rows.error());
    JsonArray list;
    list.reserve(rows->size());
    for (const store::LogRow& row : *rows) list.push_back(log_json(row.log));
    return list;
  });
}

void download_logs(const CallPtr& call) {
  auto query = read_log_query(*call);
  if (!query) return call->reply_error(query.error());
  read_then(call, [query = std::move(*query)](const CallPtr& waiting, store::TenantReader& reader) {
    const auto rows = visible_lines(*waiting, reader, query);
    if (!rows) return waiting->reply_error(rows.error());
    std::string text;
    for (const store::LogRow& row : *rows) {
      if (!text.empty()) text += '\n';
      fmt::format_to(std::back_inserter(text), "{} {} {}", format_instant(row.log.line.at), flow::to_string(row.log.line.level), row.log.line.message);
    }
    http::Response response = http::Response::text(200, std::move(text), "text/plain; charset=utf-8");
    response.headers.set("Content-Disposition", http::content_disposition(waiting->execution_id().str() + ".log"));
    waiting->reply(std::move(response));
  });
}

void delete_logs(const CallPtr& call) {
  if_permitted(call, [](const CallPtr& waiting) {
    waiting->engine().delete_logs(waiting->scope(), waiting->execution_id(), then<void>(waiting, [waiting] { waiting->reply_empty(200); }));
  });
}

// All executions of one flow. Lines of triggers belong to no execution and stay.
void delete_logs_of_flow(const CallPtr& call) {
  read_then(call, [](const CallPtr& waiting, store::TenantReader& reader) {
    store::Query query;
    query.filters.push_back({"namespace", store::Op::equals, {}, {waiting->ns().str()}});
    query.filters.push_back({"flowId", store::Op::equals, {}, {waiting->flow_id().str()}});
    auto ids = reader.execution_ids(query, {}, kPageSizeMax);
    if (!ids) return waiting->reply_error(ids.error());
    const auto all = std::make_shared<const std::vector<ExecutionId>>(std::move(*ids));
    in_order(all->size(), [waiting, all](std::size_t index, std::function<void()> next) {
      waiting->engine().delete_logs(waiting->scope(), (*all)[index], [next](Result<void>) { next(); });
    }, [waiting] { waiting->reply_empty(200); });
  });
}

void search_logs(const CallPtr& call) {
  auto query = call->search(log_search());
  if (!query) return call->reply_error(query.error());
  read_json(call, [query = std::move(*query)](Call&, store::TenantReader& reader) -> Result<Json> {
    const auto found = reader.search_logs(query);
    if (!found) return fail(found.error());
    return page_json(*found, [](const store::LogRow& row) { return log_json(row.log); });
  });
}

}  // namespace

JsonObject log_json(const store::LogWrite& log) {
  const execution::LogLine& line = log.line;
  JsonObject json{{"namespace", log.ns.str()}, {"flowId", log.flow_id.str()}};
  if (line.task_id) json["taskId"] = line.task_id->str();
  if (!log.execution_id.empty()) json["executionId"] = log.execution_id.str();
  if (line.task_run_id) {
    json["taskRunId"] = line.task_run_id->str();
    json["attemptNumber"] = line.attempt;
  }
  if (line.trigger_id) json["triggerId"] = line.trigger_id->str();
  json["timestamp"] = format_instant(line.at);
  json["level"] = flow::to_string(line.level);
  if (!line.thread.empty()) json["thread"] = line.thread;
  json["message"] = line.message;
  return json;
}

Result<store::LogQuery> read_log_query(const Call& call) {
  store::LogQuery query;
  std::string_view level = call.query("minLevel");
  for (const auto& [name, value] : call.target().query)
    if (name.starts_with("filters[level]") || name.starts_with("filters[minLevel]")) level = value;
  if (!level.empty()) {
    query.min_level = flow::parse_log_level(level);
    if (!query.min_level) return illegal_argument("level-invalid", fmt::format("'{}' is not a log level: TRACE, DEBUG, INFO, WARN or ERROR", level));
  }
  if (const std::string_view id = call.query("taskRunId"); !id.empty()) query.task_run_id = TaskRunId(id);
  if (const std::string_view id = call.query("taskId"); !id.empty()) query.task_id = TaskId(id);
  if (const std::string_view text = call.query("attempt"); !text.empty()) {
    int attempt = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), attempt);
    if (error != std::errc{} || end != text.data() + text.size() || attempt < 0) return illegal_argument("attempt-invalid", fmt::format("'{}' is not the number of an attempt", text));
    query.attempt = attempt;
  }
  return query;
}

void add_log_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/logs/search", needs(Resource::execution, Action::access_logs), search_logs, "Searches log lines.");
  routes.emplace_back(get, "/api/v1/{tenant}/logs/{execution}", needs(Resource::execution, Action::access_logs), list_logs, "The log lines of an execution.");
  routes.emplace_back(get, "/api/v1/{tenant}/logs/{execution}/download", needs(Resource::execution, Action::access_logs), download_logs, "The log lines of an execution as a text file.");
  routes.emplace_back(del, "/api/v1/{tenant}/logs/{execution}", needs(Resource::execution, Action::delete_), delete_logs, "Deletes the log lines of an execution.");
  routes.emplace_back(del, "/api/v1/{tenant}/logs/{namespace}/{flow}", needs(Resource::execution, Action::delete_, "namespace"), delete_logs_of_flow, "Deletes the log lines of all executions of a flow.");
}

}  // namespace insula::api
