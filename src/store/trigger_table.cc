#include "store/search.h"
#include "store/tables.h"

namespace insula::store::trigger_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"triggers", {{"namespace", ColumnType::text, ColumnRole::key}, {"flow_id", ColumnType::text, ColumnRole::key},
      {"id", ColumnType::text, ColumnRole::key}, {"flow_revision", integer}, {"date", integer}, {"next_execution_date", integer}, {"execution_id"},
      {"updated", integer}, {"disabled", integer}, {"backfill"}, {"type"}}};
  return table;
}

TriggerRow from_row(const Row& row) {
  Cursor cell(row);
  TriggerRow t;
  t.ns = cell.id<Namespace>();
  t.flow_id = cell.id<FlowId>();
  t.id = cell.id<TriggerId>();
  t.flow_revision = cell.small();
  t.date = cell.maybe_instant();
  t.next_execution_date = cell.maybe_instant();
  t.execution_id = cell.maybe_id<ExecutionId>();
  t.updated = cell.instant();
  t.disabled = cell.flag();
  t.backfill = cell.json();
  t.type = cell.text();
  return t;
}

std::string select(std::string_view rest) {
  return fmt::format("select {} from triggers t where {{tenant t}}{}", columns_of(table(), "t"), rest);
}

std::vector<TriggerRow> rows_of(Connection& c, std::string_view sql, const Cells& parameters) {
  std::vector<TriggerRow> out;
  c.query(sql, parameters, [&](const Row& row) { out.push_back(from_row(row)); });
  return out;
}

constexpr std::array kFields{Field{"namespace", "t.namespace"}, Field{"flowId", "t.flow_id"}, Field{"triggerId", "t.id"}, Field{"id", "t.id"},
    Field{"type", "t.type"}, Field{.name = "executionId", .column = "t.execution_id", .nullable = true},
    Field{.name = "date", .column = "t.date", .kind = FieldKind::instant, .nullable = true},
    Field{.name = "lastTriggeredDate", .column = "t.date", .kind = FieldKind::instant, .nullable = true},
    Field{.name = "nextExecutionDate", .column = "t.next_execution_date", .kind = FieldKind::instant, .nullable = true},
    Field{"updated", "t.updated", FieldKind::instant}, Field{"flowRevision", "t.flow_revision", FieldKind::integer},
    Field{.name = "disabled", .column = "t.disabled", .filter = false}};
constexpr std::array<std::string_view, 4> kWordColumns{"t.id", "t.flow_id", "t.namespace", "t.type"};

}  // namespace

void write(Connection& c, const std::vector<TriggerRow>& triggers) {
  Cells rows;
  for (const TriggerRow& t : triggers) {
    rows.id(t.ns).id(t.flow_id).id(t.id).integer(t.flow_revision).instant(t.date).instant(t.next_execution_date).id(t.execution_id);
    rows.instant(t.updated).flag(t.disabled).json(t.backfill).text(t.type);
  }
  c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<TriggerRow>& triggers) {
  Cells keys;
  for (const TriggerRow& t : triggers) keys.id(t.ns).id(t.flow_id).id(t.id);
  c.erase(table(), keys, 3);
}

std::optional<TriggerRow> find(Connection& c, const Namespace& ns, const FlowId& flow, const TriggerId& id) {
  static const std::string sql = select(" and t.namespace = $1 and t.flow_id = $2 and t.id = $3");
  auto found = rows_of(c, sql, Cells().id(ns).id(flow).id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<TriggerRow> all(Connection& c) {
  static const std::string sql = select(" order by t.namespace, t.flow_id, t.id");
  return rows_of(c, sql, {});
}

Found<TriggerRow> search(Connection& c, const Query& query) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else if (filter.field == "scope") search.scope(filter, "t.namespace");
    else search.filter(filter);
  }
  search.visible_namespaces(query, "t.namespace");
  const std::string where = sql.text;
  Found<TriggerRow> found;
  found.total = query_integer(c, fmt::format("select count(*) from triggers t where {{tenant t}}{}", where), sql.cells).value_or(0);
  const std::string order = search.order(query.page, {{"namespace", false}, {"flowId", false}, {"triggerId", false}}, "t.id");
  found.rows = rows_of(c, select(fmt::format("{}{}, t.namespace, t.flow_id{}", where, order, search.limit(query.page))), sql.cells);
  return found;
}

std::optional<Instant> earliest(Connection& c) {
  const auto due = query_integer(c, "select min(next_execution_date) from triggers where {tenant} and disabled = 0");
  return due ? std::optional(Instant(Duration(*due))) : std::nullopt;
}

}  // namespace insula::store::trigger_table
