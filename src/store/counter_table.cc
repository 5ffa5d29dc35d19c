#include "store/search.h"
#include "store/tables.h"

namespace insula::store::counter_table {
namespace {

// Each delta is added to three rows, so that a total of years reads a few hundred of them.
constexpr std::int64_t kAllTime = 0, kDay = 1, kHour = 2;
constexpr std::int64_t kHourLength = 3'600'000'000, kDayLength = 24 * kHourLength;

std::int64_t start_of(std::int64_t at, std::int64_t length) { return at - ((at % length) + length) % length; }

const Table& table() {
  static const Table table{"counters", {{"span", ColumnType::integer, ColumnRole::key}, {"start", ColumnType::integer, ColumnRole::key}, {"namespace", ColumnType::text, ColumnRole::key},
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
  std::map<std::tuple<std::int64_t, std::int64_t, std::string_view, std::string_view, execution::State>, std::pair<std::int64_t, std::int64_t>> sums;
  for (const CounterDelta& delta : deltas) {
    const std::int64_t at = delta.hour.time_since_epoch().count();
    for (const auto& [span, start] : {std::pair(kAllTime, std::int64_t{0}), std::pair(kDay, start_of(at, kDayLength)), std::pair(kHour, start_of(at, kHourLength))}) {
      auto& [count, duration] = sums[{span, start, delta.ns.str(), delta.flow_id.str(), delta.state}];
      count += delta.count;
      duration += delta.duration.count();
    }
  }
  Cells rows;
  for (const auto& [key, sum] : sums) {
    if (sum.first == 0 && sum.second == 0) continue;
    const auto& [span, start, ns, flow, state] = key;
    rows.integer(span).integer(start).text(ns).text(flow).text(execution::to_string(state)).integer(sum.first).integer(sum.second);
  }
  c.upsert(table(), rows);
}

std::vector<CounterDelta> list(Connection& c, Instant from, Instant to, const Query& query) {
  SqlText sql;
  conditions(c.dialect(), sql, query);
  const std::string first = sql.bind(from.time_since_epoch().count());
  const std::string end = sql.bind(to.time_since_epoch().count());
  std::vector<CounterDelta> out;
  c.query(fmt::format("select {} from counters c where {{tenant c}} and c.span = {} and c.start >= {} and c.start < {}{} "
                      "order by c.start, c.namespace, c.flow_id, c.state", columns_of(table(), "c"), kHour, first, end, sql.text),
          sql.cells, [&](const Row& row) {
            Cursor cell(row, 1);
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
  std::string when = fmt::format("c.span = {}", kAllTime);
  if (hours) {
    const std::int64_t from = hours->first.time_since_epoch().count(), to = hours->second.time_since_epoch().count();
    // Whole days between the first and the last midnight, hours outside of them. Bounds near the ends of time have no midnight beyond.
    constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max() - 2 * kDayLength;
    const std::int64_t first_day = from < -far ? from : start_of(from + kDayLength - 1, kDayLength);
    const std::int64_t end_day = to > far ? to : start_of(to, kDayLength);
    const auto within = [&](std::int64_t span, std::int64_t first, std::int64_t end) {
      return fmt::format("(c.span = {} and c.start >= {} and c.start < {})", span, sql.bind(first), sql.bind(end));
    };
    when = first_day >= end_day ? within(kHour, from, to)
                                : fmt::format("({} or {} or {})", within(kHour, from, first_day), within(kDay, first_day, end_day), within(kHour, end_day, to));
  }
  // `cast`: PostgreSQL sums bigint to numeric.
  const auto total = query_integer(c, fmt::format("select cast(sum(c.executions) as bigint) from counters c where {{tenant c}} and {}{}", when, sql.text), sql.cells);
  return std::max<std::int64_t>(0, total.value_or(0));
}

}  // namespace insula::store::counter_table
