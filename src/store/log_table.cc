#include "store/search.h"
#include "store/tables.h"

namespace insula::store::log_table {
namespace {

// Above this a search says "at least so many": counting a year of lines would read them all.
constexpr std::int64_t kCountMax = 100'000;

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"logs", {{"execution_id", ColumnType::text, ColumnRole::key}, {"sequence", integer, ColumnRole::key}, {"at", integer},
      {"level", integer}, {"message"}, {"namespace"}, {"flow_id"}, {"task_id"}, {"task_run_id"}, {"trigger_id"}, {"attempt", integer}, {"thread"}}};
  return table;
}

LogRow from_row(const Row& row) {
  Cursor cell(row);
  LogRow out;
  out.log.execution_id = cell.id<ExecutionId>();
  out.sequence = cell.integer();
  out.log.line.at = cell.instant();
  out.log.line.level = static_cast<flow::LogLevel>(std::clamp<std::int64_t>(cell.integer(), 0, 4));
  out.log.line.message = cell.text();
  out.log.ns = cell.id<Namespace>();
  out.log.flow_id = cell.id<FlowId>();
  out.log.line.task_id = cell.maybe_id<TaskId>();
  out.log.line.task_run_id = cell.maybe_id<TaskRunId>();
  out.log.line.trigger_id = cell.maybe_id<TriggerId>();
  out.log.line.attempt = cell.small();
  out.log.line.thread = cell.text();
  return out;
}

constexpr std::array kFields{
    Field{"namespace", "l.namespace"}, Field{"flowId", "l.flow_id"}, Field{"executionId", "l.execution_id"}, Field{"taskId", "l.task_id"},
    Field{"taskRunId", "l.task_run_id"}, Field{"triggerId", "l.trigger_id"}, Field{"level", "l.level", FieldKind::level},
    Field{"attemptNumber", "l.attempt", FieldKind::integer}, Field{"startDate", "l.at", FieldKind::instant, true, false},
    Field{"endDate", "l.at", FieldKind::instant, true, false}, Field{"timestamp", "l.at", FieldKind::instant},
    Field{"date", "l.at", FieldKind::instant}, Field{"sequence", "l.sequence", FieldKind::integer, false}};
constexpr std::array<std::string_view, 6> kWordColumns{"l.message", "l.task_id", "l.trigger_id", "l.flow_id", "l.namespace", "l.execution_id"};

bool is_of_one_execution(const Query& query) {
  return std::ranges::any_of(query.filters, [](const Filter& f) { return f.field == "executionId" && single_value(f).has_value(); });
}

bool is_by_time(const Page& page) {
  return std::ranges::all_of(page.sort, [](const Sort& sort) { return sort.field == "timestamp" || sort.field == "date" || sort.field == "sequence"; });
}

std::vector<LogRow> rows_of(Connection& c, const std::string& rest, const Cells& cells) {
  std::vector<LogRow> rows;
  c.query(fmt::format("select {} from logs l where {{tenant l}}{}", columns_of(table(), "l"), rest), cells, [&](const Row& row) { rows.push_back(from_row(row)); });
  return rows;
}

// Its filters as ` and …` in `sql`, which must outlive it.
Search filtered(Connection& c, const Query& query, SqlText& sql) {
  Search search(c.dialect(), kFields, sql);
  // The lines of one execution lie together; else they are found in order of time, past those that the filters leave out.
  if (is_of_one_execution(query)) search.hidden = [](std::string_view column) { return column == "l.at"; };
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else search.filter(filter);
  }
  search.visible_namespaces(query, "l.namespace");
  return search;
}

// Lines of one execution in the order in which they came, which is that of their keys: those before the page are passed over key by key, and nothing is
// sorted but the page. A line of tasks that run side by side may come a moment after a later one, so the order of time holds within a page.
std::vector<LogRow> page_by_key(Connection& c, const Query& query) {
  const bool descending = query.page.sort.empty() || query.page.sort.front().descending;
  const std::string order = fmt::format(" order by l.sequence{}", descending ? " desc" : "");
  SqlText keys;
  const std::string limit = filtered(c, query, keys).limit(query.page);
  std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
  c.query(fmt::format("select l.sequence from logs l where {{tenant l}}{}{}{}", keys.text, order, limit), keys.cells, [&](const Row& row) {
    first = std::min(first, row.integer(0));
    last = std::max(last, row.integer(0));
  });
  if (first > last) return {};
  SqlText lines;
  filtered(c, query, lines);
  const std::string of_page = fmt::format(" and l.sequence between {} and {}", lines.bind(first), lines.bind(last));
  std::vector<LogRow> rows = rows_of(c, lines.text + of_page, lines.cells);
  std::ranges::sort(rows, [&](const LogRow& a, const LogRow& b) {
    const std::pair left(a.log.line.at, a.sequence), right(b.log.line.at, b.sequence);
    return descending ? right < left : left < right;
  });
  return rows;
}

}  // namespace

void write(Connection& c, const std::vector<LogWrite>& logs, std::int64_t first_sequence) {
  Cells rows;
  for (const LogWrite& log : logs) {
    rows.id(log.execution_id).integer(first_sequence++).instant(log.line.at).integer(static_cast<std::int64_t>(log.line.level));
    rows.text(log.line.message).id(log.ns).id(log.flow_id).id(log.line.task_id).id(log.line.task_run_id).id(log.line.trigger_id);
    rows.integer(log.line.attempt).text(log.line.thread);
  }
  c.insert(table(), rows);
}

void erase_of(Connection& c, const std::vector<ExecutionId>& executions) {
  Cells keys;
  for (const ExecutionId& id : executions) keys.id(id);
  c.erase(table(), keys, 1);
}

std::vector<LogRow> list(Connection& c, const ExecutionId& id, const LogQuery& query) {
  SqlText sql{fmt::format("select {} from logs l where {{tenant l}}", columns_of(table(), "l")), {}};
  sql.text += fmt::format(" and l.execution_id = {}", sql.bind(id.str()));
  sql.text += fmt::format(" and l.sequence > {}", sql.bind(query.after));
  if (query.min_level) sql.text += fmt::format(" and l.level >= {}", sql.bind(static_cast<std::int64_t>(*query.min_level)));
  if (query.task_run_id) sql.text += fmt::format(" and l.task_run_id = {}", sql.bind(query.task_run_id->str()));
  if (query.task_id) sql.text += fmt::format(" and l.task_id = {}", sql.bind(query.task_id->str()));
  if (query.attempt) sql.text += fmt::format(" and l.attempt = {}", sql.bind(static_cast<std::int64_t>(*query.attempt)));
  sql.text += fmt::format(" order by l.sequence limit {}", sql.bind(static_cast<std::int64_t>(query.limit)));
  std::vector<LogRow> out;
  c.query(sql.text, sql.cells, [&](const Row& row) { out.push_back(from_row(row)); });
  return out;
}

Found<LogRow> search(Connection& c, const Query& query) {
  SqlText sql;
  Search search = filtered(c, query, sql);
  const std::string where = sql.text;
  Found<LogRow> found;
  if (is_of_one_execution(query) && is_by_time(query.page)) {
    found.rows = page_by_key(c, query);
  } else {
    const std::string order = search.order(query.page, {{"timestamp", true}, {"sequence", true}}, "l.sequence");
    found.rows = rows_of(c, where + order + search.limit(query.page), sql.cells);
  }
  const auto before = (static_cast<std::int64_t>(query.page.number) - 1) * query.page.size;
  found.total = before + static_cast<std::int64_t>(found.rows.size());
  if (static_cast<int>(found.rows.size()) < query.page.size && (before == 0 || !found.rows.empty())) return found;
  const std::string counting = fmt::format("select count(*) from (select 1 from logs l where {{tenant l}}{} limit {}) counted", where, kCountMax);
  found.total = std::max(found.rows.empty() ? 0 : found.total, query_integer(c, counting, sql.cells).value_or(0));
  return found;
}

}  // namespace insula::store::log_table
