#include <gtest/gtest.h>

#include "triggers/triggers.h"

namespace insula::triggers {
namespace {

Json json(std::string_view text) { return parse_json(text).value(); }

execution::Header header(std::string_view state = "SUCCESS") {
  execution::Header made;
  made.id = ExecutionId("e1");
  made.ns = Namespace("company.team");
  made.flow_id = FlowId("extract");
  made.labels = {{"env", "prod"}, {"team", "data"}};
  made.state = execution::StateHistory(execution::State::created, Instant{});
  made.state.move_to(*execution::parse_state(state), Instant{});
  return made;
}

struct Asked {
  JsonObject variables = {};
  std::optional<execution::Header> execution = {};
  std::vector<execution::TaskRun> task_runs = {};
};

Result<bool> ask(std::string_view conditions, Asked asked = {}) {
  const Json list = json(conditions);
  const expression::ObjectVariables variables(asked.variables);
  expression::Environment environment;
  environment.now = Instant{};
  ConditionContext context{variables, environment};
  if (asked.execution) {
    context.execution = &*asked.execution;
    context.state = asked.execution->state.current();
    context.task_runs = [&]() -> Result<std::vector<execution::TaskRun>> { return asked.task_runs; };
  }
  return Conditions::compile(&list).hold(context);
}
bool holds(std::string_view conditions, Asked asked = {}) {
  const auto held = ask(conditions, std::move(asked));
  EXPECT_TRUE(held) << held.error().message;
  return held.value_or(false);
}
// `rest`: properties of one condition.
std::string one(std::string_view type, std::string_view rest) { return fmt::format(R"([{{"type": "io.kestra.plugin.core.condition.{}", {}}}])", type, rest); }

TEST(Condition, NoConditionsHold) {
  EXPECT_TRUE(holds("[]"));
  EXPECT_TRUE(Conditions::compile(nullptr).all().empty());
}

TEST(Condition, AnExpressionHoldsUnlessItIsBlankOrFalse) {
  for (const auto& [text, expected] : std::map<std::string, bool>{{"true", true}, {"{{ 1 == 1 }}", true}, {"0", true}, {"no", true}, {"false", false}, {" false ", false}, {"", false}, {" ", false}}) {
    EXPECT_EQ(holds(one("Expression", fmt::format(R"("expression": "{}")", text))), expected) << text;
  }
  EXPECT_FALSE(ask(one("Expression", R"("expression": "{{ nothing.here }}")")));
}

TEST(Condition, OldNamesMeanTheSame) {
  EXPECT_TRUE(holds(R"([{"type": "io.kestra.core.models.conditions.types.VariableCondition", "expression": "x"}])"));
  EXPECT_TRUE(holds(R"([{"type": "io.kestra.core.models.conditions.types.ExecutionFlowCondition", "namespace": "company.team", "flowId": "extract"}])", {.execution = header()}));
}

TEST(Condition, NotHoldsWhenNoneHoldsAndOrWhenOneDoes) {
  const auto nested = [](std::string_view type, std::string_view a, std::string_view b) {
    return one(type, fmt::format(R"("conditions": [{{"type": "x.Expression", "expression": "{}"}}, {{"type": "x.Expression", "expression": "{}"}}])", a, b));
  };
  EXPECT_TRUE(holds(nested("Not", "false", "false")));
  EXPECT_FALSE(holds(nested("Not", "true", "false")));
  EXPECT_FALSE(holds(nested("Not", "true", "true")));
  EXPECT_TRUE(holds(nested("Or", "false", "true")));
  EXPECT_FALSE(holds(nested("Or", "false", "false")));
}

TEST(Condition, ExecutionsAreComparedByFlowNamespaceLabelsAndState) {
  const auto on = [](std::string_view type, std::string_view rest) { return holds(one(type, rest), {.execution = header()}); };
  EXPECT_TRUE(on("ExecutionFlow", R"("namespace": "company.team", "flowId": "extract")"));
  EXPECT_FALSE(on("ExecutionFlow", R"("namespace": "company", "flowId": "extract")"));
  EXPECT_TRUE(on("ExecutionNamespace", R"("namespace": "company.team")"));
  EXPECT_FALSE(on("ExecutionNamespace", R"("namespace": "company")"));
  EXPECT_TRUE(on("ExecutionNamespace", R"("namespace": "company", "prefix": true)"));
  EXPECT_TRUE(on("ExecutionNamespace", R"("namespace": "team", "comparison": "SUFFIX")"));
  EXPECT_FALSE(on("ExecutionNamespace", R"("namespace": "company", "comparison": "EQUALS", "prefix": true)"));
  EXPECT_TRUE(on("ExecutionLabels", R"("labels": {"env": "prod"})"));
  EXPECT_TRUE(on("ExecutionLabels", R"("labels": [{"key": "team", "value": "data"}])"));
  EXPECT_FALSE(on("ExecutionLabels", R"("labels": {"env": "prod", "other": "x"})"));
  EXPECT_TRUE(on("ExecutionStatus", R"("in": ["SUCCESS", "WARNING"])"));
  EXPECT_FALSE(on("ExecutionStatus", R"("notIn": ["SUCCESS"])"));
  EXPECT_TRUE(on("ExecutionStatus", R"("description": "any")"));
}

TEST(Condition, OutputsAreReadOnlyWhenThereAreSome) {
  execution::Header with = header();
  with.outputs = {{"rows", 3}};
  EXPECT_TRUE(holds(one("ExecutionOutputs", R"("expression": "{{ trigger.outputs.rows == 3 }}")"), {.execution = with}));
  EXPECT_FALSE(holds(one("ExecutionOutputs", R"("expression": "{{ trigger.outputs.rows == 4 }}")"), {.execution = with}));
  EXPECT_FALSE(holds(one("ExecutionOutputs", R"("expression": "{{ not evaluated }}")"), {.execution = header()}));
}

TEST(Condition, ARetriedTaskIsSeenByItsAttempts) {
  execution::TaskRun retried;
  for (const auto state : {execution::State::failed, execution::State::success}) retried.attempts.push_back({execution::StateHistory(state, Instant{}), {}, {}});
  execution::TaskRun once;
  once.attempts.push_back({execution::StateHistory(execution::State::failed, Instant{}), {}, {}});
  EXPECT_TRUE(holds(one("HasRetryAttempt", R"("in": ["FAILED"])"), {.execution = header(), .task_runs = {retried}}));
  EXPECT_FALSE(holds(one("HasRetryAttempt", R"("in": ["KILLED"])"), {.execution = header(), .task_runs = {retried}}));
  EXPECT_FALSE(holds(one("HasRetryAttempt", R"("in": ["FAILED"])"), {.execution = header(), .task_runs = {once}}));
}

TEST(Condition, WhatIsAboutAnExecutionIsAnErrorWithoutOne) {
  const auto held = ask(one("ExecutionStatus", R"("in": ["SUCCESS"])"));
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().message, "Invalid condition with null execution");
}

TEST(Condition, DaysAreThoseOfTheDateAsItIsWritten) {
  const Asked sunday{.variables = {{"trigger", {{"date", "2013-09-08T23:30:00-05:00"}}}}};
  EXPECT_TRUE(holds(one("DayWeek", R"("dayOfWeek": "SUNDAY")"), sunday));
  EXPECT_TRUE(holds(one("Weekend", R"("date": "2013-09-08")")));
  EXPECT_FALSE(holds(one("Weekend", R"("date": "2013-09-09T00:00:00Z")")));
  EXPECT_TRUE(holds(one("DayWeekInMonth", R"("date": "2021-04-01", "dayOfWeek": "THURSDAY", "dayInMonth": "FIRST")")));
  EXPECT_TRUE(holds(one("DayWeekInMonth", R"("date": "2021-04-29", "dayOfWeek": "THURSDAY", "dayInMonth": "LAST")")));
  EXPECT_FALSE(holds(one("DayWeekInMonth", R"("date": "2021-04-29", "dayOfWeek": "THURSDAY", "dayInMonth": "FOURTH")")));
  EXPECT_FALSE(ask(one("DayWeek", R"("date": "soon", "dayOfWeek": "MONDAY")")));
  EXPECT_FALSE(ask(one("DayWeek", R"("date": "2013-09-08", "dayOfWeek": "SOMEDAY")")));
}

TEST(Condition, TimesAreComparedWithTheirOffsets) {
  const auto at = [](std::string_view rest) { return holds(one("TimeBetween", fmt::format(R"("date": "2024-02-21T16:19:12+02:00", {})", rest))); };
  EXPECT_TRUE(at(R"("after": "16:19:11+02:00", "before": "16:19:13+02:00")"));
  EXPECT_FALSE(at(R"("after": "16:19:12+02:00")"));
  EXPECT_TRUE(at(R"("after": "14:00:00Z")"));
  EXPECT_FALSE(at(R"("after": "15:00:00Z")"));
  EXPECT_FALSE(ask(one("TimeBetween", R"("date": "2024-02-21T16:19:12+02:00")")));
  EXPECT_FALSE(ask(one("TimeBetween", R"("date": "2024-02-21T16:19:12+02:00", "after": "10")")));
  EXPECT_TRUE(holds(one("DateTimeBetween", R"("date": "2013-09-08T16:19:12Z", "after": "2013-09-08T16:19:12+02:00")")));
  EXPECT_FALSE(holds(one("DateTimeBetween", R"("date": "2013-09-08T16:19:12Z", "before": "2013-09-08T16:19:12+02:00")")));
}

TEST(Condition, HolidaysOfACountryAndOfItsParts) {
  const auto on = [](std::string_view date, std::string_view country, std::string_view part = "") {
    return holds(one("PublicHoliday", fmt::format(R"("date": "{}", "country": "{}", "subDivision": "{}")", date, country, part)));
  };
  EXPECT_TRUE(on("2023-07-14", "FR"));
  EXPECT_TRUE(on("2024-04-01", "FR"));       // Easter Monday
  EXPECT_FALSE(on("2023-07-15", "fr"));
  EXPECT_TRUE(on("2023-03-08", "DE", "BE"));
  EXPECT_FALSE(on("2023-03-08", "DE", "BY"));
  EXPECT_FALSE(on("2018-03-08", "DE", "BE"));
  EXPECT_TRUE(on("2024-11-20", "DE", "SN"));
  EXPECT_TRUE(on("2024-11-28", "US"));       // Thanksgiving
  EXPECT_TRUE(on("2021-12-31", "US"));       // the New Year of 2022 fell on a Saturday
  EXPECT_TRUE(on("2021-12-28", "GB"));       // Christmas on Saturday and Sunday moves to Monday and Tuesday
  EXPECT_TRUE(holds(one("PublicHoliday", R"("date": "2023-07-04")"))) << "no country: the United States";
  EXPECT_FALSE(holds(one("PublicHoliday", R"("date": "2023-07-14")")));
  const auto unknown = ask(one("PublicHoliday", R"("date": "2023-07-14", "country": "XX")"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "country-unknown");
}

}  // namespace
}  // namespace insula::triggers
