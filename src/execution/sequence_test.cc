// Expectations were read off the original, 1.3.31.
#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

const std::string kLog = "type: io.kestra.plugin.core.log.Log, message: x";
const std::string kFail = "type: io.kestra.plugin.core.execution.Fail";

TEST(Sequence, TenLogTasksAreOneStep) {
  std::string body = "tasks:\n";
  for (int i = 0; i < 10; ++i) body += fmt::format("- {{id: t{}, {}}}\n", i, kLog);
  World world(body);
  StepContext context{.now = world.now, .ids = world.ids};
  const Step step = world.run.apply(Begin{}, context);
  EXPECT_EQ(step.changes.task_runs.size(), 10u);
  EXPECT_FALSE(step.more);
  EXPECT_TRUE(world.run.is_terminal());
  EXPECT_EQ(letters(world.run.header().state), "CRs");
  for (const TaskRun& row : step.changes.task_runs) {
    EXPECT_EQ(letters(row.state), "CSRs");
    ASSERT_EQ(row.attempts.size(), 1u);
    EXPECT_EQ(letters(row.attempts[0].state), "CRs");
  }
}

TEST(Sequence, AFailureSkipsTheRestAndRunsErrorsThenFinallyAtEveryLevel) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: f, " + kFail + "}, {id: g, " + kLog + "}], errors: [{id: e, " + kLog +
              "}], finally: [{id: fin, " + kLog + "}]}\n- {id: never, " + kLog + "}\nerrors: [{id: e2, " + kLog + "}]\nfinally: [{id: fin2, " + kLog +
              "}]\nafterExecution: [{id: ae, type: io.kestra.plugin.core.log.Log, message: \"{{ execution.state }}\"}]\n");
  world.begin();
  EXPECT_EQ(world.order(), "s f e fin e2 fin2 ae");
  EXPECT_EQ(world.state(), "CRf");
  EXPECT_EQ(world.state("s"), "CRf");
  EXPECT_EQ(world.attempts("s"), "CRf");
  EXPECT_EQ(world.state("f"), "CSRf");
  EXPECT_EQ(world.log_text(), "ERROR f Task failure\nINFO e x\nINFO fin x\nINFO e2 x\nINFO fin2 x\nINFO ae FAILED\n");
  EXPECT_TRUE(world.row("ae").force_execution);
  EXPECT_EQ(world.ended, State::failed);
}

TEST(Sequence, FailuresInErrorsFinallyAndAfterExecutionStopNothing) {
  World world("tasks: [{id: b, " + kFail + "}]\nerrors: [{id: g1, " + kFail + "}, {id: g2, " + kLog + "}]\nfinally: [{id: h1, " + kFail + "}, {id: h2, " + kLog +
              "}]\nafterExecution: [{id: i1, " + kFail + "}, {id: i2, " + kLog + "}]\n");
  world.begin();
  EXPECT_EQ(world.order(), "b g1 g2 h1 h2 i1 i2");
  EXPECT_EQ(world.state(), "CRf");
  World good("tasks: [{id: b, " + kLog + "}]\nfinally: [{id: h1, " + kFail + "}, {id: h2, " + kLog + "}]\n");
  good.begin();
  EXPECT_EQ(good.state(), "CRs") << "a failed task of finally does not fail the execution";
}

TEST(Sequence, RunIfSkipsOrFailsWithoutAnAttempt) {
  World world("tasks:\n- {id: a, " + kLog + ", runIf: \"false\"}\n- {id: b, type: io.kestra.plugin.core.flow.Sequential, runIf: \"{{ 0 }}\", tasks: [{id: c, " + kLog +
              "}]}\n- {id: d, type: io.kestra.plugin.core.log.Log, message: \"{{ tasks.a.state }} {{ outputs }}\"}\n- {id: e, " + kLog +
              ", runIf: \"{{ nope }}\"}\n- {id: g, " + kLog + "}\n");
  world.begin();
  EXPECT_EQ(world.order(), "a b d e");
  EXPECT_EQ(world.state("a"), "Cz");
  EXPECT_EQ(world.attempts("a"), "Cz");
  EXPECT_EQ(world.state("b"), "Cz");
  EXPECT_EQ(world.state("e"), "Cf");
  EXPECT_EQ(world.attempts("e"), "");
  EXPECT_EQ(world.log_text(),
            "INFO d SKIPPED {\"b\":{}}\nERROR e Failed to evaluate the runIf condition for task e. Cause: Unable to find `nope` used in the expression `{{ nope }}` at line 1\n");
}

TEST(Sequence, DisabledTasksLeaveNoTrace) {
  World world("tasks:\n- {id: a, " + kLog + ", disabled: true}\n- {id: b, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: c, " + kLog + ", disabled: true}]}\n");
  world.begin();
  EXPECT_EQ(world.order(), "b");
  EXPECT_EQ(world.state("b"), "CRs");
  World nothing("tasks:\n- {id: a, " + kLog + ", disabled: true}\n");
  nothing.begin();
  EXPECT_EQ(nothing.state(), "Cs") << "it never runs";
}

TEST(Sequence, AllowFailureAndAllowWarningTurnStates) {
  World world("tasks:\n- {id: a, " + kFail + ", allowFailure: true}\n- {id: a2, " + kFail + ", allowFailure: true, allowWarning: true}\n" +
              "- {id: b, type: io.kestra.plugin.core.flow.Sequential, allowFailure: true, tasks: [{id: b1, " + kFail + "}, {id: b2, " + kLog + "}], errors: [{id: be, " + kLog +
              "}]}\n- {id: c, type: io.kestra.plugin.core.flow.AllowFailure, tasks: [{id: c1, " + kFail + "}, {id: c2, " + kLog + "}], errors: [{id: ce, " + kLog + "}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  EXPECT_EQ(world.order(), "a a2 b b1 be c c1 ce z");
  EXPECT_EQ(world.state(), "CRw");
  EXPECT_EQ(world.state("a"), "CSRw");
  EXPECT_EQ(world.attempts("a"), "CRf");
  EXPECT_EQ(world.state("a2"), "CSRs");
  EXPECT_EQ(world.state("b"), "CRw");
  EXPECT_EQ(world.attempts("b"), "CRw");
  EXPECT_EQ(world.state("c"), "CRw");
  EXPECT_EQ(world.state("c1"), "CSRf");
}

TEST(Sequence, IfDecidesOnceAndAnErrorInItsConditionFailsItAlways) {
  World world("tasks:\n- {id: i1, type: io.kestra.plugin.core.flow.If, condition: \"{{ true }}\", then: [{id: a, type: io.kestra.plugin.core.debug.Return, format: \"{{ parent }} {{ outputs }}\"}]}\n" +
              ("- {id: i2, type: io.kestra.plugin.core.flow.If, condition: \"{{ 0 }}\", then: [{id: a2, " + kLog + "}], else: [{id: b2, " + kLog + "}]}\n") +
              "- {id: i3, type: io.kestra.plugin.core.flow.If, condition: \" \", then: [{id: a3, " + kLog + "}]}\n- {id: i4, allowFailure: true, type: io.kestra.plugin.core.flow.If, condition: \"{{ nope }}\", then: [{id: a4, " + kLog +
              "}], errors: [{id: er, " + kLog + "}]}\nerrors: [{id: er2, " + kLog + "}]\n");
  world.begin();
  EXPECT_EQ(world.order(), "i1 a i2 b2 i3 i4 er2");
  EXPECT_EQ(write_json(world.outputs("i1")), R"({"evaluationResult":true})");
  EXPECT_EQ(write_json(world.outputs("a")), R"({"value":"{\"outputs\":{\"evaluationResult\":true}} {\"i1\":{\"evaluationResult\":true}}"})");
  EXPECT_EQ(write_json(world.outputs("i3")), R"({"evaluationResult":false})");
  EXPECT_EQ(world.state("i4"), "CRf");
  EXPECT_EQ(world.state(), "CRf");
}

TEST(Sequence, SwitchWithoutAMatchFails) {
  World world("tasks:\n- {id: i1, type: io.kestra.plugin.core.flow.Switch, value: \"{{ 'a' }}\", cases: {a: [{id: a, " + kLog + "}], b: [{id: b, " + kLog + "}]}}\n" +
              "- {id: i2, type: io.kestra.plugin.core.flow.Switch, value: zz, cases: {a: [{id: a2, " + kLog + "}]}, defaults: [{id: b2, " + kLog + "}]}\n" +
              "- {id: i3, type: io.kestra.plugin.core.flow.Switch, value: zz, cases: {a: [{id: a3, " + kLog + "}]}}\n");
  world.begin();
  EXPECT_EQ(world.order(), "i1 a i2 b2 i3");
  EXPECT_EQ(write_json(world.outputs("i1")), R"({"value":"a","defaults":false})");
  EXPECT_EQ(world.state("i3"), "CRf");
  EXPECT_EQ(world.logs.back().message, "No task found on flow 'a.b.f', task 'i3', execution '" + world.stored.id.str() + "'");
}

TEST(Sequence, ParallelMakesItsChildrenInOrderBeforeTheirChildren) {
  World world("tasks:\n- {id: p2, type: io.kestra.plugin.core.flow.Parallel, tasks: [{id: a2, " + kLog + "}, {id: b2, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: b21, " + kLog + "}]}, {id: c2, " + kLog + "}]}\n");
  world.begin();
  EXPECT_EQ(world.order(), "p2 a2 b2 c2 b21");
  EXPECT_EQ(world.state(), "CRs");
}

TEST(Sequence, ParallelHoldsToItsLimit) {
  World world("tasks:\n- {id: p, type: io.kestra.plugin.core.flow.Parallel, concurrent: 2, tasks: [{id: a, type: test.Job}, {id: b, type: test.Job}, {id: c, type: test.Job}]}\n");
  world.begin();
  EXPECT_EQ(world.order(), "p a b");
  world.end_job("b");
  EXPECT_EQ(world.order(), "p a b c");
  world.run_to_end();
  EXPECT_EQ(world.state(), "CRs");
}

TEST(Sequence, AFailedSiblingFailsParallelAtOnceButRunningOnesKeepTheirResults) {
  World world("tasks:\n- {id: p, type: io.kestra.plugin.core.flow.Parallel, tasks: [{id: a, type: test.Job}, {id: b, type: test.Job}, {id: c, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: c1, type: test.Job}, {id: c2, " + kLog +
              "}]}], errors: [{id: e, " + kLog + "}]}\nerrors: [{id: e2, " + kLog + "}]\n");
  world.begin();
  world.end_job("a", State::failed);
  EXPECT_EQ(world.state("p"), "CRf");
  EXPECT_EQ(world.state("c"), "CRf");
  EXPECT_EQ(world.state("e2"), "CSRs");
  EXPECT_FALSE(world.ended) << "two results are still to come";
  world.end_job("b", State::success, {{"x", 1}});
  world.end_job("c1");
  EXPECT_EQ(world.state("b"), "CSRs");
  EXPECT_EQ(write_json(world.outputs("b")), R"({"x":1})");
  EXPECT_EQ(world.state("c1"), "CSRs");
  EXPECT_EQ(world.state("c2"), "") << "nothing new starts below what failed";
  EXPECT_EQ(world.state(), "CRf");
}

TEST(Sequence, DagStartsATaskWhenItsDependenciesHaveEnded) {
  World world("tasks:\n- id: d\n  type: io.kestra.plugin.core.flow.Dag\n  tasks:\n  - {task: {id: a, type: test.Job}}\n  - {task: {id: b, type: test.Job}, dependsOn: [a]}\n  - {task: {id: c, type: test.Job}, dependsOn: [a]}\n  - {task: {id: e, " + kLog + "}, dependsOn: [b, c]}\n");
  world.begin();
  EXPECT_EQ(world.order(), "d a");
  world.end_job("a");
  EXPECT_EQ(world.order(), "d a b c");
  world.end_job("c");
  world.end_job("b");
  EXPECT_EQ(world.order(), "d a b c e");
  EXPECT_EQ(world.state(), "CRs");
}

TEST(Sequence, FlowOutputsAreTypedAndAnErrorInThemFailsTheExecution) {
  World world("tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: \"5\"}]\noutputs:\n- {id: s, type: STRING, value: \"{{ outputs.a.value }}\"}\n- {id: i, type: INT, value: \"{{ outputs.a.value }}\"}\n- {id: j, type: JSON, value: \"{{ {'a': 1} }}\"}\n- {id: n, type: STRING, required: false, value: \"{{ null }}\"}\n");
  world.begin();
  EXPECT_EQ(write_json(world.stored.outputs), R"({"s":"5","i":5,"j":{"a":1}})");
  World bad("tasks: [{id: a, " + kLog + "}]\noutputs:\n- {id: t, type: INT, value: abc}\n");
  bad.begin();
  EXPECT_EQ(bad.state(), "CRsf");
  EXPECT_EQ(bad.logs.back().message, "Failed to render output values: Invalid value for output `t`. Cause: For input string: \"abc\"");
  EXPECT_FALSE(bad.logs.back().task_id);
}

TEST(Sequence, LogLinesHoldToTheTasksLevelAndAreSplitWhenLong) {
  World world("tasks:\n- {id: l, type: io.kestra.plugin.core.log.Log, message: [a, \"{{ 1 + 1 }}\"]}\n- {id: l6, type: io.kestra.plugin.core.log.Log, level: DEBUG, logLevel: WARN, message: dropped}\n- {id: big, type: io.kestra.plugin.core.log.Log, message: \"" +
              std::string(10'300, 'y') + "\"}\n");
  world.begin();
  ASSERT_EQ(world.logs.size(), 4u);
  EXPECT_EQ(world.logs[1].message, "2");
  EXPECT_EQ(world.logs[2].message.size(), 10'240u);
  EXPECT_EQ(world.logs[3].message.size(), 60u);
}

TEST(Sequence, ExitEndsTheExecutionAndEverythingAroundIt) {
  World world("tasks:\n- {id: p, type: io.kestra.plugin.core.flow.Parallel, tasks: [{id: w, type: test.Job}, {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: b, type: io.kestra.plugin.core.execution.Exit, state: WARNING}, {id: c, " + kLog +
              "}]}]}\n- {id: z, " + kLog + "}\nfinally: [{id: fi, " + kLog + "}]\n");
  world.begin();
  EXPECT_EQ(world.order(), "p w s b");
  EXPECT_EQ(world.state(), "CRw");
  EXPECT_EQ(world.state("b"), "CRw");
  EXPECT_EQ(world.state("s"), "CRw");
  EXPECT_EQ(world.state("p"), "CRw");
  EXPECT_TRUE(world.jobs.empty()) << "the running job was cancelled";
}

TEST(Sequence, LabelsAndVariablesChangeTheRunningExecution) {
  World world("labels: {a: b}\nvariables: {a: 1, c: {x: 1, y: 2}}\ntasks:\n- {id: l, type: io.kestra.plugin.core.execution.Labels, labels: {k: \"{{ 1 }}\", a: c}}\n- {id: s, type: io.kestra.plugin.core.execution.SetVariables, variables: {b: \"{{ 1 + 1 }}\", c: {x: 3}}}\n- {id: v, type: io.kestra.plugin.core.debug.Return, format: \"{{ labels.k }}{{ labels.a }} {{ vars.b }}{{ vars.c.x }}{{ vars.c.y }}\"}\n- {id: u, type: io.kestra.plugin.core.execution.UnsetVariables, variables: [a, b]}\n- {id: l4, type: io.kestra.plugin.core.execution.Labels, labels: {system.x: y}}\n");
  world.begin();
  EXPECT_EQ(write_json(world.outputs("v")), R"({"value":"1c 232"})");
  EXPECT_EQ(write_json(world.stored.variables), R"({"c":{"x":3,"y":2}})");
  EXPECT_EQ(world.state("l"), "CRs");
  EXPECT_EQ(world.state("l4"), "Cf");
  EXPECT_EQ(world.attempts("l4"), "f");
  EXPECT_EQ(world.logs.back().message, "System labels can only be set by Kestra itself, offending label: system.x=y");
}

TEST(Clock, IsReadBetweenTheTasksOfOneStepSoThatEachShowsItsTime) {
  World world("tasks:\n- {id: a, type: io.kestra.plugin.core.debug.Return, format: one}\n- {id: b, type: io.kestra.plugin.core.debug.Return, format: two}\n");
  Instant at = world.now;
  StepContext context{.now = world.now, .ids = world.ids};
  context.clock = [&] { return at += std::chrono::milliseconds(1); };
  const Step step = world.run.apply(Begin{}, context);
  Instant last = world.now;
  for (const TaskRun& row : step.changes.task_runs) {
    EXPECT_GT(*row.state.duration(), Duration{0}) << row.task_id.str();
    EXPECT_EQ(row.attempts.at(0).state.duration(), std::chrono::milliseconds(1)) << "the time of its rule, no more";
    EXPECT_GE(row.state.start(), last);
    last = *row.state.end();
  }
  EXPECT_GT(*world.run.header().state.duration(), Duration{0});

  // A clock that steps back stops.
  World other("tasks:\n- {id: a, type: io.kestra.plugin.core.debug.Return, format: one}\n");
  StepContext back{.now = other.now, .ids = other.ids};
  back.clock = [&] { return other.now - std::chrono::hours(1); };
  const Step same = other.run.apply(Begin{}, back);
  EXPECT_EQ(same.changes.task_runs.at(0).state.duration(), Duration{0});
}

TEST(Surroundings, AreSeenByInlineTasksAndByJobs) {
  World world("tasks:\n- {id: a, type: io.kestra.plugin.core.debug.Return, format: \"{{ globals.name }} {{ envs.home }} {{ kestra.url }}\"}\n- {id: j, type: test.Job, format: \"{{ envs.home }}\"}\n");
  StepContext context{.now = world.now, .ids = world.ids};
  context.surroundings = std::make_shared<const JsonObject>(JsonObject{{"globals", {{"name", "n"}}}, {"envs", {{"home", "h"}}}, {"kestra", {{"url", "u"}}}});
  const Step step = world.run.apply(Begin{}, context);
  const auto a = std::ranges::find_if(step.changes.task_runs, [](const TaskRun& row) { return row.task_id.str() == "a"; });
  EXPECT_EQ(text_or(a->outputs, "value"), "n h u");
  const auto job = std::ranges::find_if(step.commands, [](const Command& command) { return std::holds_alternative<SubmitJob>(command); });
  ASSERT_NE(job, step.commands.end());
  EXPECT_EQ(write_json(*insula::find(std::get<SubmitJob>(*job).variables, "envs")), R"({"home":"h"})");
}

TEST(Sequence, ALineThatCannotBeRenderedComesAfterThoseBefore) {
  World world("tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: [one, \"{{ nope }}\", three]}]\n");
  world.begin();
  EXPECT_EQ(world.log_text(), "INFO a one\nERROR a Unable to find `nope` used in the expression `{{ nope }}` at line 1\n");
  EXPECT_EQ(world.state(), "CRf");
}

TEST(Sequence, ASkippedFlowableTellsWhatItWouldHaveDecided) {
  World world("tasks: [{id: i, type: io.kestra.plugin.core.flow.If, condition: \"true\", runIf: \" \", then: [{id: a, " + kLog + "}]}]\n");
  world.begin();
  EXPECT_EQ(world.state("i"), "Cz");
  EXPECT_EQ(world.outputs("i"), Json(JsonObject{{"evaluationResult", true}}));
}

TEST(Sequence, ASwitchWithoutAMatchingCaseMayBeAllowedToFail) {
  World world("tasks: [{id: s, type: io.kestra.plugin.core.flow.Switch, value: b, allowFailure: true, cases: {a: [{id: a, " + kLog + "}]}}, {id: z, " + kLog + "}]\n");
  world.begin();
  EXPECT_EQ(world.state("s"), "CRw");
  EXPECT_EQ(world.order(), "s z");
}

TEST(Sequence, WhatTheExecutorItselfCannotStartIsToldByTheFlowableAround) {
  World world("tasks: [{id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: a, type: io.kestra.plugin.core.execution.SetVariables, variables: {x: \"{{ nope }}\"}}]}]\n");
  world.begin();
  EXPECT_EQ(world.log_text(), "ERROR s Unable to find `nope` used in the expression `{{ nope }}` at line 1\n");
}

TEST(Sequence, FailAndAssertRenderTheirMessageOnlyWhenTheyFail) {
  World world("tasks: [{id: f, type: io.kestra.plugin.core.execution.Fail, condition: \" \", errorMessage: \"{{ nope }}\"}, {id: a, type: io.kestra.plugin.core.execution.Assert, conditions: [\"true\"], errorMessage: \"{{ nope }}\"}]\n");
  world.begin();
  EXPECT_EQ(world.state(), "CRs");
  World failing("tasks: [{id: a, type: io.kestra.plugin.core.execution.Assert, conditions: [\"{{ nope }}\"]}]\n");
  failing.begin();
  EXPECT_EQ(failing.log_text(), "ERROR a Assertion `{{ nope }}` failed, failed to render `Unable to find `nope` used in the expression `{{ nope }}` at line 1`\nERROR a 1 assertion failed!\n");
}

TEST(Sequence, ExitLeavesNoOutputs) {
  World world("tasks: [{id: x, type: io.kestra.plugin.core.execution.Exit}]\noutputs: [{id: o, type: STRING, value: x}]\n");
  world.begin();
  EXPECT_EQ(world.state(), "CRs");
  EXPECT_TRUE(world.stored.outputs.empty());
}

TEST(Exit, InAfterExecutionChangesTheStateAndTheRestRuns) {
  for (const auto& [state, expected] : {std::pair("SUCCESS", "CRs"), {"FAILED", "CRsf"}, {"WARNING", "CRsw"}}) {
    World world(fmt::format("tasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: x}}]\nafterExecution:\n- {{id: s, type: io.kestra.plugin.core.flow.Parallel, tasks: "
                            "[{{id: x, type: io.kestra.plugin.core.execution.Exit, state: {}}}, {{id: y, type: test.Job}}]}}\n- {{id: z, type: io.kestra.plugin.core.log.Log, message: x}}\n", state));
    world.begin();
    world.run_to_end();
    EXPECT_EQ(world.state(), expected);
    EXPECT_EQ(world.order(), "a s x y z");
    EXPECT_EQ(world.state("z"), "CSRs");
  }
}

}  // namespace
}  // namespace insula::execution::test
