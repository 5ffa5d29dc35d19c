#include "store/search.h"
#include "store/tables.h"

namespace insula::store::counter_table {
namespace {

// The row that sums all hours: no hour starts at this microsecond.
constexpr std::int64_t kAllHours = -1;

const Table& table() {
  static const Table table{"counters", {{"hour", ColumnType::integer, ColumnRole::key}, {"namespace", ColumnType::text, ColumnRole::key},
      {"flow_id", ColumnType::text, ColumnRole::key}, {"state", ColumnType::text, ColumnRole::key},
      {"executions", ColumnType::integer, ColumnRole::sum}, {"duration", ColumnType::integer, ColumnRole::sum}}};
  return table;
}

constexpr std::array kFields{Field{"namespace", "c.namespace"}, Field{"flowId", "c.flow_id"}, Field{"state", "c.state", FieldKind::state}};

void conditions(const Dialect& dialect, SqlText& sql, const Query& query) {
  Search search(dialect, kFields, sql);
  for (const Filter& filter : query.filters) {
    if (filter.field == "scope") search.scope(filter, "c.namespace");
    else if (filter.field != "startDate") search.filter(filter);
  }
  search.visible_namespaces(query, "c.namespace");
}

}  // namespace

void add(Connection& c, const std::vector<CounterDelta>& deltas) {
  std::map<std::tuple<std::int64_t, std::string_view, std::string_view, execution::State>, std::pair<std::int64_t, std::int64_t>> sums;
  for (const CounterDelta& delta : deltas) {
    for (const std::int64_t hour : {delta.hour.time_since_epoch().count(), kAllHours}) {
      auto& [count, duration] = sums[{hour, delta.ns.str(), delta.flow_id.str(), delta.state}];
      count += delta.count;
      duration += delta.duration.count();
    }
  }
  Cells rows;
  for (const auto& [key, sum] : sums) {
    if (sum.first == 0 && sum.second == 0) continue;
    rows.integer(std::get<0>(key)).text(std::get<1>(key)).text(std::get<2>(key)).text(execution::to_string(std::get<3>(key)));
    rows.integer(sum.first).integer(sum.second);
  }
  c.upsert(table(), rows);
}

std::vector<CounterDelta> list(Connection& c, Instant from, Instant to, const Query& query) {
  SqlText sql;
  conditions(c.dialect(), sql, query);
  const std::string first = sql.bind(from.time_since_epoch().count());
  const std::string end = sql.bind(to.time_since_epoch().count());
  std::vector<CounterDelta> out;
  c.query(fmt::format("select {} from counters c where {{tenant c}} and c.hour >= {} and c.hour < {} and c.hour <> {}{} "
                      "order by c.hour, c.namespace, c.flow_id, c.state", columns_of(table(), "c"), first, end, kAllHours, sql.text),
          sql.cells, [&](const Row& row) {
            Cursor cell(row);
            CounterDelta delta;
            delta.hour = cell.instant();
            delta.ns = cell.id<Namespace>();
            delta.flow_id = cell.id<FlowId>();
            delta.state = execution::parse_state(cell.text()).value_or(execution::State::created);
            delta.count = cell.integer();
            delta.duration = Duration(cell.integer());
            out.push_back(std::move(delta));
          });
  return out;
}

std::int64_t sum(Connection& c, const Query& query, std::optional<std::pair<Instant, Instant>> hours) {
  SqlText sql;
  conditions(c.dialect(), sql, query);
  std::string when = fmt::format("c.hour = {}", kAllHours);
  if (hours) {
    when = fmt::format("c.hour >= {} and c.hour < {} and c.hour <> {}", sql.bind(hours->first.time_since_epoch().count()),
                       sql.bind(hours->second.time_since_epoch().count()), kAllHours);
  }
  // `cast`: PostgreSQL sums bigint to numeric.
  const auto total = query_integer(c, fmt::format("select cast(sum(c.executions) as bigint) from counters c where {{tenant c}} and {}{}", when, sql.text), sql.cells);
  return std::max<std::int64_t>(0, total.value_or(0));
}

}  // namespace insula::store::counter_table
