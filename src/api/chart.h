// A chart over executions, as dashboards of 1.3 describe it in YAML, answered from the hourly counters: how many, how long, by date, state, namespace, flow.
#pragma once
#include "store/store.h"

namespace insula::api {

struct ChartColumn {
  enum class Field { none, ns, flow_id, state, start_date, duration, id };
  enum class Aggregate { none, count, sum, average };
  std::string name;
  Field field = Field::none;
  Aggregate aggregate = Aggregate::none;   // none: rows are grouped by the field
};

struct Chart {
  bool is_kpi = false;                     // one value: a number of executions, or with `numerator` a part of them in percent
  std::vector<ChartColumn> columns;
  std::vector<store::Filter> where;
  std::optional<std::vector<store::Filter>> numerator;
  std::vector<std::pair<std::string, bool>> order;   // column, descending
};

// Errors: kind invalid; what the counters cannot answer is told as such.
Result<Chart> read_chart(std::string_view yaml);
// `filters` of a request: `[{field, operation, value}]`. Dates are not among the answer: they are put into `from` and `to`.
Result<std::vector<store::Filter>> read_chart_filters(const Json& filters, Instant now, Instant& from, Instant& to);

// One row for each group, in the chart's order. Dates are days, or hours where the time asked for is no longer than two days.
JsonArray chart_rows(const Chart& chart, const std::vector<store::CounterDelta>& counters, Duration span);
// The value of a KPI: `counters` of all, `part` of the numerator.
JsonArray kpi_rows(const Chart& chart, const std::vector<store::CounterDelta>& counters, const std::vector<store::CounterDelta>& part);

}  // namespace insula::api
