#include <gtest/gtest.h>

#include "triggers/triggers.h"

namespace insula::triggers {
namespace {

Instant at(std::string_view text) { return parse_instant(text).value(); }

const flow::Catalog& catalog() {
  static const flow::Catalog made = [] {
    flow::Catalog types;
    execution::register_types(types);
    register_types(types);
    return types;
  }();
  return made;
}

flow::ReadFlow read(std::string_view trigger) {
  return flow::read_flow(fmt::format("id: listener\nnamespace: a.b\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.debug.Return\ntriggers:\n  - id: heard\n    type: io.kestra.plugin.core.trigger.Flow\n{}", trigger), catalog());
}

// A listener with its windows, as the engine keeps them.
struct Ear {
  std::vector<Listener> listeners;
  std::vector<Window> windows;
  std::vector<Error> errors;

  explicit Ear(std::string_view trigger) {
    const flow::ReadFlow made = read(trigger);
    EXPECT_TRUE(made.flow) << made.report.constraints;
    if (made.flow) listeners = Listener::of(made.flow);
  }
  const Listener& listener() const { return listeners.at(0); }
  bool hears(std::string_view flow, std::string_view now, execution::State state = execution::State::success, JsonObject outputs = {}) {
    execution::Header header;
    header.id = ExecutionId("e");
    header.ns = Namespace("a.b");
    header.flow_id = FlowId(std::string(flow));
    header.labels = {{"env", "prod"}};
    header.outputs = std::move(outputs);
    const expression::ObjectVariables variables(JsonObject{{"labels", {{"env", "prod"}}}});
    const expression::Environment environment;
    Heard heard = listener().hear({variables, environment, &header, state}, windows, at(now), schedule::Zone::utc());
    for (const Window& window : heard.ended) std::erase_if(windows, [&](const Window& one) { return one.condition_id == window.condition_id; });
    for (const Window& window : heard.changed) {
      std::erase_if(windows, [&](const Window& one) { return one.condition_id == window.condition_id; });
      windows.push_back(window);
    }
    errors = std::move(heard.errors);
    last_outputs = std::move(heard.outputs);
    return heard.fires;
  }
  JsonObject last_outputs;
};

constexpr std::string_view kTwo = "    preconditions:\n      id: both\n      flows:\n        - {namespace: a.b, flowId: one}\n        - {namespace: a.b, flowId: two, states: [SUCCESS]}\n";

TEST(Listener, ListensToEveryEndAndToPausesUnlessItSaysWhich) {
  const Ear ear("");
  for (const auto state : {execution::State::success, execution::State::failed, execution::State::warning, execution::State::killed, execution::State::cancelled, execution::State::paused}) {
    EXPECT_TRUE(ear.listener().listens_to(state));
  }
  EXPECT_FALSE(ear.listener().listens_to(execution::State::running));
  const Ear running("    states: [RUNNING]\n");
  EXPECT_TRUE(running.listener().listens_to(execution::State::running));
  EXPECT_FALSE(running.listener().listens_to(execution::State::success));
}

TEST(Listener, ADisabledTriggerIsNone) { EXPECT_TRUE(Ear("    disabled: true\n").listeners.empty()); }

TEST(Listener, KnowsTheOnlyFlowsThatMatterToIt) {
  EXPECT_FALSE(Ear("").listener().sources());
  EXPECT_FALSE(Ear("    conditions:\n      - {type: io.kestra.plugin.core.condition.ExecutionStatus, in: [SUCCESS]}\n").listener().sources());
  const Ear named("    conditions:\n      - {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: a.b, flowId: one}\n");
  ASSERT_TRUE(named.listener().sources());
  EXPECT_EQ(named.listener().sources()->front().second.str(), "one");
  EXPECT_EQ(Ear(kTwo).listener().sources()->size(), 2u);
  // Complete and never reset, it fires for any execution.
  EXPECT_FALSE(Ear(std::string(kTwo) + "      resetOnSuccess: false\n").listener().sources());
}

TEST(Listener, PreconditionsFireOnceAllHaveBeenSeen) {
  Ear ear(kTwo);
  EXPECT_FALSE(ear.hears("one", "2026-01-01T10:00:00Z", execution::State::failed, {{"a", 1}}));
  EXPECT_FALSE(ear.hears("one", "2026-01-01T11:00:00Z", execution::State::success, {{"a", 2}}));
  EXPECT_FALSE(ear.hears("two", "2026-01-01T12:00:00Z", execution::State::failed));
  ASSERT_EQ(ear.windows.size(), 1u);
  EXPECT_TRUE(ear.hears("two", "2026-01-01T13:00:00Z", execution::State::success, {{"b", 3}}));
  EXPECT_EQ(write_json(ear.last_outputs), R"({"b":3,"a":2})");
  EXPECT_TRUE(ear.windows.empty());
  EXPECT_FALSE(ear.hears("two", "2026-01-01T14:00:00Z"));
}

TEST(Listener, WithoutResetItStaysComplete) {
  Ear ear(std::string(kTwo) + "      resetOnSuccess: false\n");
  EXPECT_FALSE(ear.hears("one", "2026-01-01T10:00:00Z"));
  EXPECT_TRUE(ear.hears("two", "2026-01-01T11:00:00Z"));
  EXPECT_TRUE(ear.hears("other", "2026-01-01T12:00:00Z"));
  EXPECT_FALSE(ear.hears("other", "2026-01-02T12:00:00Z"));   // another day
}

TEST(Listener, ADayOfGatheringEndsAtMidnight) {
  Ear ear(kTwo);
  EXPECT_FALSE(ear.hears("one", "2026-01-01T23:00:00Z"));
  EXPECT_FALSE(ear.hears("two", "2026-01-02T01:00:00Z"));
  EXPECT_TRUE(ear.hears("one", "2026-01-02T02:00:00Z"));
}

TEST(Listener, ASlidingWindowBeginsWithTheFirst) {
  Ear ear(std::string(kTwo) + "      timeWindow: {type: SLIDING_WINDOW, window: PT2H}\n");
  EXPECT_FALSE(ear.hears("one", "2026-01-01T23:00:00Z"));
  EXPECT_TRUE(ear.hears("two", "2026-01-02T00:59:59Z"));
  EXPECT_FALSE(ear.hears("one", "2026-01-02T10:00:00Z"));
  EXPECT_FALSE(ear.hears("two", "2026-01-02T12:00:01Z"));
}

TEST(Listener, ADeadlineAndHoursOfTheDay) {
  Ear deadline(std::string(kTwo) + "      timeWindow: {type: DAILY_TIME_DEADLINE, deadline: \"09:00:00\"}\n");
  EXPECT_FALSE(deadline.hears("one", "2026-01-01T08:00:00Z"));
  EXPECT_FALSE(deadline.hears("two", "2026-01-01T09:30:00Z"));
  EXPECT_FALSE(deadline.hears("one", "2026-01-02T08:00:00Z"));
  EXPECT_TRUE(deadline.hears("two", "2026-01-02T08:59:59Z"));
  Ear hours(std::string(kTwo) + "      timeWindow: {type: DAILY_TIME_WINDOW, startTime: \"06:00\", endTime: \"09:00:00\"}\n");
  EXPECT_FALSE(hours.hears("one", "2026-01-01T05:00:00Z"));
  EXPECT_FALSE(hours.hears("two", "2026-01-01T07:00:00Z"));
  EXPECT_TRUE(hours.hears("one", "2026-01-01T07:30:00Z"));
}

TEST(Listener, FiltersSelectExecutions) {
  Ear ear("    preconditions:\n      id: p\n      where:\n        - id: prod\n          filters:\n            - {field: FLOW_ID, type: REGEX, value: \"load_.*\"}\n            - {field: EXPRESSION, type: IS_TRUE, value: \"{{ labels.env == 'prod' }}\"}\n"
          "            - {field: STATE, type: NOT_IN, values: [FAILED, KILLED]}\n");
  EXPECT_FALSE(ear.hears("upload_a", "2026-01-01T10:00:00Z"));
  EXPECT_FALSE(ear.hears("load_a", "2026-01-01T10:00:00Z", execution::State::failed));
  EXPECT_TRUE(ear.hears("load_a", "2026-01-01T10:00:00Z"));
  Ear either("    preconditions:\n      id: p\n      where:\n        - id: any\n          operand: OR\n          filters:\n            - {field: FLOW_ID, type: EQUAL_TO, value: x}\n            - {field: NAMESPACE, type: ENDS_WITH, value: .b}\n");
  EXPECT_TRUE(either.hears("y", "2026-01-01T10:00:00Z"));
}

TEST(Listener, AMultipleConditionGathersToo) {
  Ear ear("    conditions:\n      - {type: io.kestra.plugin.core.condition.ExecutionStatus, in: [SUCCESS]}\n      - id: multiple\n        type: io.kestra.plugin.core.condition.MultipleCondition\n        window: P1D\n        windowAdvance: P0D\n        conditions:\n"
          "          a: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: a.b, flowId: one}\n          b: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: a.b, flowId: two}\n");
  EXPECT_FALSE(ear.hears("one", "2026-01-01T10:00:00Z", execution::State::failed));
  EXPECT_TRUE(ear.windows.empty());
  EXPECT_FALSE(ear.hears("one", "2026-01-01T10:00:00Z"));
  EXPECT_TRUE(ear.hears("two", "2026-01-01T10:00:00Z"));
}

TEST(Listener, AConditionThatCannotBeEvaluatedDoesNotHoldAndIsTold) {
  Ear ear("    conditions:\n      - {type: io.kestra.plugin.core.condition.Expression, expression: \"{{ nothing.here }}\"}\n");
  EXPECT_FALSE(ear.hears("one", "2026-01-01T10:00:00Z"));
  EXPECT_EQ(ear.errors.size(), 1u);
}

TEST(Listener, WindowsShorterThanADayAreLaidOutFromTheHour) {
  const Json quarter = JsonObject{{"type", "DURATION_WINDOW"}, {"window", "PT15M"}};
  const auto [start, end] = TimeWindow::compile(&quarter).bounds(at("2026-01-01T10:20:30Z"), schedule::Zone::utc());
  EXPECT_EQ(format_instant_short(start), "2026-01-01T10:15:00Z");
  EXPECT_EQ(format_instant_short(end), "2026-01-01T10:29:59.999Z");
  const Json shifted = JsonObject{{"window", "PT6H"}, {"windowAdvance", "PT3H"}};
  EXPECT_EQ(format_instant_short(TimeWindow::compile(&shifted).bounds(at("2026-01-01T10:20:30Z"), schedule::Zone::utc()).first), "2026-01-01T13:00:00Z");
}

TEST(FlowTrigger, WhatDoesNotFitIsRefusedWhenItIsSaved) {
  EXPECT_EQ(read("    preconditions:\n      flows: [{namespace: a}]\n").report.constraints, "Validation error: triggers[0].preconditions.id: must not be null\ntriggers[0].preconditions.id: must not be blank\n");
  EXPECT_NE(read("    preconditions:\n      id: p\n      timeWindow: {type: DAILY_TIME_DEADLINE}\n").report.constraints.find("must have a deadline."), std::string::npos);
  EXPECT_NE(read("    preconditions:\n      id: p\n      timeWindow: {type: DAILY_TIME_DEADLINE, deadline: 9am}\n").report.constraints.find("is no time of the day"), std::string::npos);
  EXPECT_NE(read("    preconditions:\n      id: p\n      where: [{id: w, filters: [{field: FLOW_ID, type: IN, value: x}]}]\n").report.constraints.find("`value` must be null for type IN"), std::string::npos);
  EXPECT_NE(read("    states: [NOPE]\n").report.constraints.find("io.kestra.core.models.flows.State$Type"), std::string::npos);
  EXPECT_NE(read("    conditions:\n      - id: m\n        type: io.kestra.plugin.core.condition.MultipleCondition\n        conditions:\n          a: {type: nope.Nope}\n").report.constraints.find("Invalid type: nope.Nope"), std::string::npos);
  EXPECT_EQ(read("").report.warnings.size(), 1u);
}

}  // namespace
}  // namespace insula::triggers
