#include "api/chart.h"

#include <numeric>

#include "api/problem.h"
#include "flow/flow.h"

namespace insula::api {
namespace {

using Field = ChartColumn::Field;
using Aggregate = ChartColumn::Aggregate;
using store::Op;

std::unexpected<Error> refuse(std::string message) { return illegal_argument("chart-invalid", std::move(message)); }

constexpr std::array<std::pair<std::string_view, Field>, 6> kFields = {
    {{"NAMESPACE", Field::ns}, {"FLOW_ID", Field::flow_id}, {"STATE", Field::state}, {"START_DATE", Field::start_date}, {"DURATION", Field::duration}, {"ID", Field::id}}};
constexpr std::array<std::pair<std::string_view, Aggregate>, 3> kAggregates = {{{"COUNT", Aggregate::count}, {"SUM", Aggregate::sum}, {"AVG", Aggregate::average}}};
constexpr std::array<std::pair<std::string_view, Op>, 8> kTypes = {{{"EQUAL_TO", Op::equals}, {"NOT_EQUAL_TO", Op::not_equals}, {"IN", Op::in}, {"NOT_IN", Op::not_in},
                                                                    {"STARTS_WITH", Op::starts_with}, {"ENDS_WITH", Op::ends_with}, {"CONTAINS", Op::contains}, {"REGEX", Op::regex}}};
constexpr std::array<std::pair<std::string_view, Op>, 9> kOperations = {{{"EQUALS", Op::equals}, {"NOT_EQUALS", Op::not_equals}, {"IN", Op::in}, {"NOT_IN", Op::not_in}, {"PREFIX", Op::prefix},
                                                                         {"STARTS_WITH", Op::starts_with}, {"ENDS_WITH", Op::ends_with}, {"CONTAINS", Op::contains}, {"REGEX", Op::regex}}};

template <class Value, std::size_t size>
const Value* find_in(const std::array<std::pair<std::string_view, Value>, size>& table, std::string_view name) {
  for (const auto& [known, value] : table)
    if (known == name) return &value;
  return nullptr;
}

std::string_view filter_field(Field field) { return field == Field::ns ? "namespace" : field == Field::flow_id ? "flowId" : field == Field::state ? "state" : ""; }

std::vector<std::string> values_of(const Json* value) {
  std::vector<std::string> values;
  if (value == nullptr || value->is_null()) return values;
  if (!value->is_array()) return split(to_text(*value), ',');
  for (const Json& item : value->as_array()) values.push_back(to_text(item));
  return values;
}

Result<store::Filter> read_where(const Json& item) {
  const auto* object = item.if_object();
  if (object == nullptr) return refuse("each condition of `where` is a map with `field` and `type`");
  const std::string name = text_or(*object, "field"), type = text_or(*object, "type");
  const Field* field = find_in(kFields, name);
  const Op* op = find_in(kTypes, type);
  if (field == nullptr || filter_field(*field).empty()) return refuse(fmt::format("charts are filtered by NAMESPACE, FLOW_ID and STATE, not by `{}`", name));
  if (op == nullptr) return refuse(fmt::format("the comparison `{}` is not known", type));
  store::Filter filter{std::string(filter_field(*field)), *op, {}, {}};
  const Json* one = find(*object, "value");
  if (*op == Op::in || *op == Op::not_in) filter.values = values_of(find(*object, "values"));
  else if (one != nullptr && !one->is_null()) filter.values.push_back(to_text(*one));
  if (filter.values.empty()) return refuse(fmt::format("the condition on {} has no value", name));
  return filter;
}

Result<std::vector<store::Filter>> read_wheres(const Json* list) {
  std::vector<store::Filter> filters;
  if (list == nullptr || list->is_null()) return filters;
  if (!list->is_array()) return refuse("`where` is a list");
  for (const Json& item : list->as_array()) {
    auto filter = read_where(item);
    if (!filter) return fail(std::move(filter.error()));
    filters.push_back(std::move(*filter));
  }
  return filters;
}

Result<ChartColumn> read_column(std::string name, const JsonObject& written) {
  ChartColumn column{std::move(name), Field::none, Aggregate::none};
  if (const std::string field = text_or(written, "field"); !field.empty()) {
    const Field* known = find_in(kFields, field);
    if (known == nullptr) return refuse(fmt::format("charts show NAMESPACE, FLOW_ID, STATE, START_DATE and DURATION, not `{}`", field));
    column.field = *known;
  }
  if (const std::string aggregate = text_or(written, "agg"); !aggregate.empty()) {
    const Aggregate* known = find_in(kAggregates, aggregate);
    if (known == nullptr) return refuse(fmt::format("charts count, add up and average (COUNT, SUM, AVG), `{}` is none of these", aggregate));
    column.aggregate = *known;
  }
  const bool is_of_duration = column.aggregate == Aggregate::sum || column.aggregate == Aggregate::average;
  if (is_of_duration != (column.field == Field::duration) || (column.aggregate == Aggregate::none && (column.field == Field::none || column.field == Field::id)))
    return refuse(fmt::format("the column `{}` is neither a group (NAMESPACE, FLOW_ID, STATE, START_DATE), nor a COUNT, nor a SUM or AVG of DURATION", column.name));
  return column;
}

Result<void> read_columns(Chart& chart, const Json* columns) {
  if (columns == nullptr || !columns->is_object()) return refuse("a chart needs `data.columns`");
  if (chart.is_kpi) {
    auto column = read_column("value", columns->as_object());
    if (!column) return fail(std::move(column.error()));
    if (column->aggregate != Aggregate::count) return refuse("a KPI counts executions: `agg: COUNT`");
    chart.columns.push_back(std::move(*column));
    return {};
  }
  for (const auto& [name, written] : columns->as_object()) {
    if (!written.is_object()) return refuse("each column is a map with `field` or `agg`");
    auto column = read_column(std::string(name), written.as_object());
    if (!column) return fail(std::move(column.error()));
    chart.columns.push_back(std::move(*column));
  }
  return {};
}

void read_order(Chart& chart, const Json* order) {
  if (order == nullptr || !order->is_array()) return;
  for (const Json& item : order->as_array())
    if (const auto* object = item.if_object()) chart.order.emplace_back(text_or(*object, "column"), text_or(*object, "order") == "DESC");
}

// As 1.3 writes dates in charts.
std::string format_bucket(Instant at) { return format_instant(at).substr(0, 19) + ".000+00:00"; }

Instant bucket_of(Instant hour, Duration span) {
  constexpr Duration hourly_max = std::chrono::hours(48);
  return span <= hourly_max ? hour : std::chrono::floor<std::chrono::days>(hour);
}

struct Sum {
  std::int64_t count = 0, ended = 0;
  Duration duration{0};
};

Json aggregate(const ChartColumn& column, const Sum& sum) {
  constexpr double second = 1e6;
  if (column.aggregate == Aggregate::count) return sum.count;
  const double seconds = static_cast<double>(sum.duration.count()) / second;
  if (column.aggregate == Aggregate::sum) return seconds;
  return sum.ended == 0 ? Json(nullptr) : Json(seconds / static_cast<double>(sum.ended));
}

std::string group_value(Field field, const store::CounterDelta& counter, Duration span) {
  switch (field) {
    case Field::ns: return counter.ns.str();
    case Field::flow_id: return counter.flow_id.str();
    case Field::state: return std::string(execution::to_string(counter.state));
    case Field::start_date: return format_bucket(bucket_of(counter.hour, span));
    default: return {};
  }
}

int compare(const Json& a, const Json& b) {
  if (a.is_string() && b.is_string()) return as_view(a.as_string()).compare(as_view(b.as_string()));
  const auto number = [](const Json& value) { return value.is_number() ? value.to_number<double>() : 0.0; };
  return number(a) < number(b) ? -1 : number(a) > number(b) ? 1 : 0;
}

// By the first column that differs; rows that are equal stay as they are.
JsonArray sorted(std::vector<JsonObject> rows, const std::vector<std::pair<std::string, bool>>& order) {
  std::vector<std::size_t> places(rows.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::sort(places, [&](std::size_t a, std::size_t b) {
    for (const auto& [column, descending] : order) {
      const Json *left = find(rows[a], column), *right = find(rows[b], column);
      const int difference = left == nullptr || right == nullptr ? 0 : compare(*left, *right);
      if (difference != 0) return descending ? difference > 0 : difference < 0;
    }
    return a < b;
  });
  JsonArray list;
  for (const std::size_t place : places) list.push_back(std::move(rows[place]));
  return list;
}

std::int64_t count_of(const std::vector<store::CounterDelta>& counters) {
  std::int64_t count = 0;
  for (const store::CounterDelta& counter : counters) count += counter.count;
  return count;
}

}  // namespace

Result<Chart> read_chart(std::string_view yaml) {
  const Result<flow::YamlDocument> document = flow::read_yaml(yaml);
  if (!document) return fail(document.error());
  const Json* data = find(document->value, "data");
  if (data == nullptr || !data->is_object()) return refuse("a chart needs `data`");
  const std::string type = text_or(data->as_object(), "type");
  Chart chart;
  chart.is_kpi = type == "io.kestra.plugin.core.dashboard.data.ExecutionsKPI";
  if (!chart.is_kpi && type != "io.kestra.plugin.core.dashboard.data.Executions")
    return refuse(fmt::format("charts of `{}` are not in this version; there are io.kestra.plugin.core.dashboard.data.Executions and ExecutionsKPI", type));
  if (const auto columns = read_columns(chart, find(*data, "columns")); !columns) return fail(columns.error());
  auto where = read_wheres(find(*data, "where"));
  if (!where) return fail(std::move(where.error()));
  chart.where = std::move(*where);
  if (const Json* numerator = find(*data, "numerator"); numerator != nullptr && !numerator->is_null()) {
    auto part = read_wheres(numerator);
    if (!part) return fail(std::move(part.error()));
    chart.numerator = std::move(*part);
  }
  read_order(chart, find(*data, "orderBy"));
  return chart;
}

Result<std::vector<store::Filter>> read_chart_filters(const Json& filters, Instant now, Instant& from, Instant& to) {
  std::vector<store::Filter> read;
  if (filters.is_null()) return read;
  if (!filters.is_array()) return refuse("`filters` is a list");
  for (const Json& item : filters.as_array()) {
    const auto* object = item.if_object();
    if (object == nullptr) return refuse("each filter is a map with `field`, `operation` and `value`");
    const std::string field = lower_ascii(text_or(*object, "field")), operation = text_or(*object, "operation");
    const std::vector<std::string> values = values_of(find(*object, "value"));
    if (values.empty()) return refuse(fmt::format("the filter on `{}` has no value", field));
    if (field == "timerange") {
      const auto range = parse_duration(values.front());
      if (!range) return refuse(fmt::format("`{}` is no duration", values.front()));
      from = now - *range;
      to = now;
      continue;
    }
    if (field == "startdate" || field == "enddate") {
      const auto at = parse_instant(values.front());
      if (!at) return refuse(fmt::format("`{}` is no date", values.front()));
      (field == "startdate" ? from : to) = *at;
      continue;
    }
    const Op* op = find_in(kOperations, operation);
    const std::string_view known = field == "namespace" ? "namespace" : field == "flowid" || field == "flow_id" ? "flowId" : field == "state" ? "state" : field == "scope" ? "scope" : "";
    if (known.empty() || op == nullptr) return refuse(fmt::format("charts are filtered by namespace, flowId, state, scope, timeRange, startDate and endDate; `{}` with `{}` is none of these", field, operation));
    read.push_back({std::string(known), *op, {}, values});
  }
  return read;
}

JsonArray chart_rows(const Chart& chart, const std::vector<store::CounterDelta>& counters, Duration span) {
  std::map<std::vector<std::string>, Sum> groups;
  for (const store::CounterDelta& counter : counters) {
    std::vector<std::string> key;
    for (const ChartColumn& column : chart.columns)
      if (column.aggregate == Aggregate::none) key.push_back(group_value(column.field, counter, span));
    Sum& sum = groups[std::move(key)];
    sum.count += counter.count;
    sum.duration += counter.duration;
    if (execution::is_terminal(counter.state)) sum.ended += counter.count;
  }
  std::vector<JsonObject> rows;
  for (const auto& [key, sum] : groups) {
    if (sum.count <= 0) continue;   // all have left that state
    JsonObject row;
    auto value = key.begin();
    for (const ChartColumn& column : chart.columns) row[column.name] = column.aggregate == Aggregate::none ? Json(*value++) : aggregate(column, sum);
    rows.push_back(std::move(row));
  }
  return sorted(std::move(rows), chart.order);
}

JsonArray kpi_rows(const Chart& chart, const std::vector<store::CounterDelta>& counters, const std::vector<store::CounterDelta>& part) {
  const std::int64_t all = count_of(counters);
  if (!chart.numerator) return {JsonObject{{"value", all}}};
  constexpr double percent = 100;
  return {JsonObject{{"value", all == 0 ? 0.0 : percent * static_cast<double>(count_of(part)) / static_cast<double>(all)}}};
}

}  // namespace insula::api
