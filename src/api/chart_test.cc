#include "api/chart.h"

#include <gtest/gtest.h>

#include "api/test_bench.h"
#include "execution/execution.h"

namespace insula::api {
namespace {

using execution::State;

Instant at(std::string_view text) { return *parse_instant(text); }

store::CounterDelta counted(std::string_view hour, std::string_view flow, State state, std::int64_t count, Duration duration = Duration(0)) {
  return {at(hour), Namespace("team"), FlowId(flow), state, count, duration};
}

std::string chart(std::string_view columns, std::string_view more = {}) { return fmt::format("data:\n  type: io.kestra.plugin.core.dashboard.data.Executions\n  columns: {}\n{}", columns, more); }

std::string rows(std::string_view yaml, const std::vector<store::CounterDelta>& counters, Duration span = std::chrono::days(30)) {
  const auto read = read_chart(yaml);
  return read ? write_json(Json(chart_rows(*read, counters, span))) : read.error().message;
}

const std::vector<store::CounterDelta> kCounters = {
    counted("2026-11-24T10:00:00Z", "load", State::success, 2, std::chrono::seconds(6)), counted("2026-11-24T16:00:00Z", "load", State::success, 1, std::chrono::seconds(3)),
    counted("2026-11-24T16:00:00Z", "load", State::running, 1), counted("2026-11-25T01:00:00Z", "fetch", State::failed, 1, std::chrono::seconds(1)), counted("2026-11-25T01:00:00Z", "fetch", State::created, 0)};

TEST(Chart, CountsByDayAsTheOriginalWritesIt) {
  EXPECT_EQ(rows(chart("{date: {field: START_DATE}, total: {agg: COUNT}}"), kCounters),
            R"([{"date":"2026-11-24T00:00:00.000+00:00","total":4},{"date":"2026-11-25T00:00:00.000+00:00","total":1}])");
}

TEST(Chart, CountsByHourWhenTheTimeIsShort) {
  EXPECT_EQ(rows(chart("{date: {field: START_DATE}, state: {field: STATE}, total: {agg: COUNT}}"), kCounters, std::chrono::hours(24)),
            R"([{"date":"2026-11-24T10:00:00.000+00:00","state":"SUCCESS","total":2},{"date":"2026-11-24T16:00:00.000+00:00","state":"RUNNING","total":1},)"
            R"({"date":"2026-11-24T16:00:00.000+00:00","state":"SUCCESS","total":1},{"date":"2026-11-25T01:00:00.000+00:00","state":"FAILED","total":1}])");
}

TEST(Chart, GroupsByFlowWithDurationsInSecondsInTheOrderAskedFor) {
  EXPECT_EQ(rows(chart("{flow: {field: FLOW_ID}, total: {agg: COUNT}, spent: {field: DURATION, agg: SUM}, mean: {field: DURATION, agg: AVG}}", "  orderBy: [{column: total, order: DESC}]\n"), kCounters),
            R"([{"flow":"load","total":4,"spent":9.0,"mean":3.0},{"flow":"fetch","total":1,"spent":1.0,"mean":1.0}])");
}

TEST(Chart, IsRefusedWhereTheCountersHaveNoAnswer) {
  EXPECT_TRUE(rows(chart("{label: {field: LABELS}, total: {agg: COUNT}}"), {}).contains("`LABELS`"));
  EXPECT_TRUE(rows(chart("{id: {field: ID}}"), {}).contains("neither a group"));
  EXPECT_TRUE(rows(chart("{total: {agg: MAX, field: DURATION}}"), {}).contains("`MAX`"));
  EXPECT_TRUE(rows("data: {type: io.kestra.plugin.core.dashboard.data.Logs, columns: {total: {agg: COUNT}}}", {}).contains("dashboard.data.Logs"));
  EXPECT_TRUE(rows("a: [", {}).size() > 0);
}

TEST(Chart, OfOneValueIsANumberOrAPart) {
  const auto kpi = [](std::string_view more) { return read_chart(fmt::format("data:\n  type: io.kestra.plugin.core.dashboard.data.ExecutionsKPI\n  columns: {{field: ID, agg: COUNT}}\n{}", more)); };
  EXPECT_EQ(write_json(Json(kpi_rows(*kpi(""), kCounters, {}))), R"([{"value":5}])");
  EXPECT_EQ(kpi_rows(*kpi("  numerator: [{field: STATE, type: IN, values: [SUCCESS]}]\n"), kCounters, {kCounters[0], kCounters[1]}).at(0).at("value"), Json(60.0));
}

TEST(Chart, TakesTheFiltersOfLists) {
  Instant from = at("2026-11-01T00:00:00Z"), to = at("2026-12-01T00:00:00Z");
  const auto read = read_chart_filters(*parse_json(R"([{"field": "namespace", "operation": "PREFIX", "value": "team"}, {"field": "state", "operation": "IN", "value": ["FAILED"]},
                                                       {"field": "timeRange", "operation": "EQUALS", "value": "PT24H"}])"), at("2026-11-27T12:00:00Z"), from, to);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->size(), 2U);
  EXPECT_EQ(from, at("2026-11-26T12:00:00Z"));
  EXPECT_FALSE(read_chart_filters(*parse_json(R"([{"field": "labels", "operation": "EQUALS", "value": "a"}])"), to, from, to));
}

TEST(Charts, CountWhatTheCallerMaySee) {
  auto catalog = std::make_shared<flow::Catalog>();
  execution::register_types(*catalog);
  TestBench bench({}, 1, catalog);
  const store::UserRow ada = bench.add_user("ada", true), bob = bench.add_user("bob");
  bench.grant(ada.id, bench.add_tenant("acme"));
  const auto call = [&](std::string_view who, std::string_view path, std::string body, std::string_view type) {
    return bench.call("POST", fmt::format("/api/v1/acme{}", path), std::move(body), {{"Authorization", basic(fmt::format("{}@example.com", who))}, {"Content-Type", std::string(type)}});
  };
  for (const std::string_view ns : {"team", "other"}) {
    ASSERT_EQ(call("ada", "/flows", fmt::format("id: load\nnamespace: {}\ntasks:\n  - {{id: log, type: io.kestra.plugin.core.log.Log, message: m}}\n", ns), "application/x-yaml").status, 200);
    ASSERT_EQ(call("ada", fmt::format("/executions/{}/load?wait=true", ns), "{}", "application/json").status, 200);
  }
  ASSERT_EQ(call("ada", "/bindings", write_json(JsonObject{{"type", "USER"}, {"externalId", bob.id.str()}, {"roleId", "VIEWER"}, {"namespaceId", "team"}}), "application/json").status, 200);
  const auto counts = [&](std::string_view who, JsonObject filter) {
    const Answer answer = call(who, "/dashboards/charts/preview", write_json(JsonObject{{"chart", chart("{ns: {field: NAMESPACE}, state: {field: STATE}, total: {agg: COUNT}}")}, {"globalFilter", std::move(filter)}}), "application/json");
    return answer.status == 200 ? write_json(answer.json().at("results")) : fmt::format("{} {}", answer.status, answer.body);
  };
  EXPECT_EQ(counts("ada", {}), R"([{"ns":"other","state":"SUCCESS","total":1},{"ns":"team","state":"SUCCESS","total":1}])");
  EXPECT_EQ(counts("bob", {}), R"([{"ns":"team","state":"SUCCESS","total":1}])");
  EXPECT_EQ(counts("ada", {{"namespace", "other"}}), R"([{"ns":"other","state":"SUCCESS","total":1}])");
  EXPECT_EQ(counts("ada", {{"pageSize", 1}, {"pageNumber", 2}}), R"([{"ns":"team","state":"SUCCESS","total":1}])");
  EXPECT_TRUE(counts("ada", {{"startDate", "2020-01-01T00:00:00Z"}}).starts_with("422"));
}

}  // namespace
}  // namespace insula::api
