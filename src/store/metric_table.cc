#include <charconv>

#include "store/search.h"
#include "store/tables.h"

namespace insula::store::metric_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"metrics", {{"execution_id", ColumnType::text, ColumnRole::key}, {"task_run_id", ColumnType::text, ColumnRole::key},
      {"attempt", integer, ColumnRole::key}, {"position", integer, ColumnRole::key}, {"namespace"}, {"flow_id"}, {"task_id"}, {"type"}, {"name"},
      {"value"}, {"tags"}, {"at", integer}, {"kind"}}};
  return table;
}

// As text, so that both databases give back exactly the number that was told.
std::string number_text(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

double number_of(const std::string& text) {
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) broken("A stored metric is no number.", text);
  return value;
}

MetricRow from_row(const Row& row) {
  Cursor cell(row);
  MetricRow out;
  out.execution_id = cell.id<ExecutionId>();
  out.task_run_id = cell.id<TaskRunId>();
  out.attempt = cell.small();
  out.position = cell.small();
  out.ns = cell.id<Namespace>();
  out.flow_id = cell.id<FlowId>();
  out.task_id = cell.id<TaskId>();
  out.type = cell.text();
  out.name = cell.text();
  out.value = number_of(cell.text());
  out.tags = cell.object();
  out.at = cell.instant();
  out.kind = cell.text();
  return out;
}

constexpr std::array kFields{Field{"namespace", "m.namespace"}, Field{"flowId", "m.flow_id"}, Field{"executionId", "m.execution_id"}, Field{"taskId", "m.task_id"},
    Field{"taskRunId", "m.task_run_id"}, Field{"type", "m.type"}, Field{"name", "m.name"}, Field{"timestamp", "m.at", FieldKind::instant}};

}  // namespace

void write(Connection& c, const std::vector<MetricRow>& metrics) {
  Cells rows;
  for (const MetricRow& m : metrics) {
    rows.id(m.execution_id).id(m.task_run_id).integer(m.attempt).integer(m.position).id(m.ns).id(m.flow_id).id(m.task_id);
    rows.text(m.type).text(m.name).own(number_text(m.value)).json(m.tags).instant(m.at).text(m.kind);
  }
  c.upsert(table(), rows);
}

void erase_of(Connection& c, const std::vector<ExecutionId>& executions) {
  Cells keys;
  for (const ExecutionId& id : executions) keys.id(id);
  c.erase(table(), keys, 1);
}

Found<MetricRow> search(Connection& c, const Query& query) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  for (const Filter& filter : query.filters) search.filter(filter);
  search.visible_namespaces(query, "m.namespace");
  const std::string where = sql.text;
  Found<MetricRow> found;
  found.total = query_integer(c, fmt::format("select count(*) from metrics m where {{tenant m}}{}", where), sql.cells).value_or(0);
  const std::string order = search.order(query.page, {{"timestamp", false}, {"taskRunId", false}}, "m.attempt");
  const std::string text = fmt::format("select {} from metrics m where {{tenant m}}{}{}, m.execution_id, m.task_run_id, m.position{}", columns_of(table(), "m"), where, order, search.limit(query.page));
  c.query(text, sql.cells, [&](const Row& row) { found.rows.push_back(from_row(row)); });
  return found;
}

}  // namespace insula::store::metric_table
