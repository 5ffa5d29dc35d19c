// Pause, subflows, kill.
#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

const std::string kLog = "type: io.kestra.plugin.core.log.Log, message: x";
const std::string kReturn = "type: io.kestra.plugin.core.debug.Return";
const std::string kPause = "type: io.kestra.plugin.core.flow.Pause";
const std::string kSubflow = "type: io.kestra.plugin.core.flow.Subflow, namespace: a.b, flowId: c";

TEST(Pause, EndsByItsDurationWithItsBehavior) {
  const std::vector<std::array<std::string, 3>> cases{
      {"RESUME", "CRPs", "CRPrRs"}, {"WARN", "CRPw", "CRPrRw"}, {"FAIL", "CRPf", "CRPrRf"}, {"CANCEL", "CRPx", "CRPx"}};
  for (const auto& [behavior, task, execution] : cases) {
    World world("tasks:\n- {id: p, " + kPause + ", pauseDuration: PT1S, behavior: " + behavior + "}\n- {id: z, " + kLog + "}\n");
    world.begin();
    EXPECT_EQ(world.state(), "CRP");
    world.run_to_end();
    EXPECT_EQ(world.state("p"), task);
    EXPECT_EQ(world.state(), execution);
  }
}

TEST(Pause, FailsAtItsTimeoutUnlessThatIsAllowed) {
  World world("tasks:\n- {id: p, " + kPause + ", timeout: PT1S}\n- {id: z, " + kLog + "}\nerrors: [{id: er, " + kLog + "}]\n");
  world.begin();
  world.run_to_end();
  EXPECT_EQ(world.order(), "p er");
  EXPECT_EQ(world.state(), "CRPrRf");
  EXPECT_EQ(write_json(world.outputs("p")), R"({"resumed":{"on":"2026-01-01T00:00:01.000000","to":"FAILED"}})");
  World allowed("tasks:\n- {id: p, " + kPause + ", timeout: PT1S, allowFailure: true}\n- {id: z, " + kLog + "}\n");
  allowed.begin();
  allowed.run_to_end();
  EXPECT_EQ(allowed.state(), "CRPrRw");
}

TEST(Pause, ResumedByAPersonGivesItsInputsAsOutput) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, " + kPause + "}, {id: q, " + kReturn + ", format: \"{{ outputs.p.onResume.i }} {{ outputs.p.resumed.by }}\"}]}\n");
  world.begin();
  world.restore();
  world.apply(Resume{{{"i", 5}}, "ada"});
  EXPECT_EQ(text_or(world.row("q").outputs, "value"), "5 ada");
  EXPECT_EQ(world.state(), "CRPrRs");
  EXPECT_EQ(world.state("p"), "CRPs");
  const Step again = world.apply(Resume{});
  ASSERT_TRUE(again.refused);
  EXPECT_EQ(again.refused->message, "Execution '" + world.stored.id.str() + "' is not paused, can't resume it");
}

TEST(Pause, HoldsBackTheWholeExecutionButNotWhatRuns) {
  World world("tasks:\n- {id: pp, type: io.kestra.plugin.core.flow.Parallel, tasks: [{id: s1, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, " + kPause + "}, {id: p1, " + kLog + "}]}, {id: s2, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: w, type: test.Job}, {id: w1, " + kLog + "}]}]}\n");
  world.begin();
  world.end_job("w");
  EXPECT_EQ(world.state("w"), "CSRs");
  EXPECT_EQ(world.state("w1"), "");
  world.apply(Resume{});
  EXPECT_EQ(world.state("w1"), "CSRs");
  EXPECT_EQ(world.state("p1"), "CSRs");
  EXPECT_EQ(world.state(), "CRPrRs");
}

TEST(Pause, RunsItsOldTasksAfterwards) {
  World world("tasks:\n- {id: p, " + kPause + ", delay: PT1S, tasks: [{id: b, " + kLog + "}]}\n");
  world.begin();
  world.run_to_end();
  EXPECT_EQ(world.state("p"), "CRPRs");
  EXPECT_EQ(world.state("b"), "CSRs");
}

TEST(Pause, OnPauseRunsBesideItAndItsFailureMeansNothing) {
  World world("tasks:\n- {id: p, " + kPause + ", pauseDuration: PT1S, onPause: {id: op, type: io.kestra.plugin.core.execution.Fail}}\n- {id: z, " + kLog + "}\n");
  world.begin();
  EXPECT_EQ(world.order(), "p op");
  EXPECT_EQ(world.state("op"), "CSRf");
  world.run_to_end();
  EXPECT_EQ(world.state(), "CRPrRs");
}

TEST(Pause, WhatRunsBesideItMayEndAfterTheFlowableAroundIt) {
  World world("tasks:\n- {id: e, type: io.kestra.plugin.core.flow.ForEach, values: [1, 2], tasks: [{id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, " + kPause +
              ", pauseDuration: PT1S, onPause: {id: op, type: test.Job}}]}]}\n- {id: z, type: test.Job}\n");
  world.begin();
  world.advance(std::chrono::seconds(1));
  world.advance(std::chrono::seconds(1));
  world.end_job("op");
  world.end_job("op");
  world.run_to_end();
  EXPECT_EQ(world.state("op"), "CSRs");
  EXPECT_TRUE(world.stored.state.is_terminal());
}

TEST(Pause, ByAPersonStartsNothingNew) {
  World world("tasks:\n- {id: a, type: test.Job}\n- {id: b, type: test.Job}\n");
  world.begin();
  world.apply(Pause{});
  world.end_job("a");
  EXPECT_EQ(world.state(), "CRP");
  EXPECT_EQ(world.order(), "a");
  world.restore();
  world.apply(Resume{});
  EXPECT_EQ(world.order(), "a b");
  world.run_to_end();
  EXPECT_EQ(world.state(), "CRPrRs");
}

TEST(Subflow, IsStartedWithItsTriggerAndWaitedFor) {
  World world("tasks:\n- {id: a, " + kSubflow + ", inputs: {i: \"{{ taskrun.attemptsCount }}\"}}\n- {id: z, " + kReturn + ", format: \"{{ outputs.a.outputs.o }}\"}\n");
  world.begin();
  ASSERT_EQ(world.subflows.size(), 1u);
  EXPECT_EQ(write_json(world.subflows[0].inputs), R"({"i":"0"})");
  EXPECT_EQ(text_or(world.subflows[0].trigger.variables.as_object(), "executionId"), world.stored.id.str());
  EXPECT_EQ(world.subflows[0].labels, (std::vector<Label>{{"system.correlationId", world.stored.id.str()}}));
  EXPECT_EQ(world.state("a"), "CR");
  world.restore();
  world.end_child(State::success, {{"o", "done"}});
  EXPECT_EQ(write_json(world.outputs("a")), R"({"executionId":"child1","state":"SUCCESS","outputs":{"o":"done"}})");
  EXPECT_EQ(text_or(world.row("z").outputs, "value"), "done");
  EXPECT_EQ(world.log_text(), "INFO a Created new execution [[link execution=\"child1\" flowId=\"c\" namespace=\"a.b\"]]\nDEBUG z done\n");
}

TEST(Subflow, PassesOnHowTheChildEnded) {
  const std::vector<std::array<std::string, 4>> cases{
      {"", "FAILED", "CRf", "ERROR"}, {", transmitFailed: false", "FAILED", "CRfs", ""}, {", allowFailure: true", "FAILED", "CRfw", "WARN"},
      {"", "WARNING", "CRw", "WARN"}, {", transmitFailed: false", "WARNING", "CRws", ""}, {"", "CANCELLED", "CRxs", ""}};
  for (const auto& [extra, child, expected, level] : cases) {
    World world("tasks:\n- {id: a, " + kSubflow + extra + "}\n");
    world.begin();
    world.end_child(*parse_state(child));
    EXPECT_EQ(world.state("a"), expected) << extra << child;
    EXPECT_EQ(world.attempts("a"), expected);
    if (!level.empty()) EXPECT_EQ(flow::to_string(world.logs.back().level), level);
    else EXPECT_EQ(world.logs.size(), 1u);
  }
}

TEST(Subflow, WithoutWaitingSucceedsAtOnce) {
  World world("tasks:\n- {id: a, " + kSubflow + ", wait: false}\n");
  world.begin();
  EXPECT_EQ(world.state(), "CRs");
  EXPECT_EQ(write_json(world.outputs("a")), R"({"executionId":"child1","state":"CREATED"})");
}

TEST(Subflow, ThatCannotStartFailsWithoutARunningAttempt) {
  World world("tasks:\n- {id: a, " + kSubflow + "}\n");
  world.refuse_subflows = Error{ErrorKind::not_found, "flow-not-found", "Unable to find flow 'a.b'.'c' with revision '0'", {}, {}};
  world.begin();
  EXPECT_EQ(world.state("a"), "Cf");
  EXPECT_EQ(world.attempts("a"), "f");
  EXPECT_EQ(world.log_text(), "ERROR a Unable to find flow 'a.b'.'c' with revision '0'\nERROR - Unable to find flow 'a.b'.'c' with revision '0'\n");
  World inputs("tasks:\n- {id: a, " + kSubflow + "}\n");
  inputs.refuse_subflows = Error{ErrorKind::invalid, "input-invalid", "Missing required input:i", {}, {}};
  inputs.begin();
  EXPECT_EQ(inputs.log_text(), "ERROR - Missing required input:i\n");
}

TEST(Kill, EndsEverythingAndDispatchesNothingMore) {
  World world("tasks:\n- {id: a, " + kLog + "}\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, type: test.Job}, {id: q, " + kLog + "}], errors: [{id: er, " + kLog + "}], finally: [{id: fi, " + kLog + "}]}\nerrors: [{id: er2, " + kLog + "}]\nafterExecution: [{id: ae, " + kLog + "}]\n");
  world.begin();
  const SubmitJob job = world.jobs[0];
  world.apply(JobStarted{job.task_run_id, 0, "w"});
  world.apply(Kill{});
  EXPECT_EQ(world.order(), "a s p ae");
  EXPECT_EQ(world.state(), "CRkK");
  EXPECT_EQ(world.state("s"), "CRK");
  EXPECT_EQ(world.state("p"), "CSRK");
  EXPECT_EQ(world.attempts("p"), "CRK");
  JobEnded late;
  late.task_run_id = job.task_run_id;
  EXPECT_TRUE(world.apply(late).refused);
  EXPECT_TRUE(world.apply(Kill{}).refused);
}

TEST(Kill, ReachesThePausedTheRetryingAndTheChildren) {
  World paused("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, " + kPause + "}]}\n");
  paused.begin();
  paused.apply(Kill{});
  EXPECT_EQ(paused.state(), "CRPrkK");
  EXPECT_EQ(paused.state("p"), "CRPK");
  EXPECT_EQ(paused.state("s"), "CRK");
  World retrying("tasks:\n- {id: p, type: io.kestra.plugin.core.execution.Fail, retry: {type: constant, interval: PT60S, maxAttempts: 3}}\n");
  retrying.begin();
  retrying.apply(Kill{});
  EXPECT_EQ(retrying.state(), "CRfykK");
  EXPECT_TRUE(retrying.timers.empty());
  World child("tasks:\n- {id: s, " + kSubflow + "}\n");
  child.begin();
  child.apply(Kill{});
  EXPECT_EQ(child.killed_children, (std::vector<ExecutionId>{ExecutionId("child1")}));
  EXPECT_EQ(write_json(child.outputs("s")), R"({"executionId":"child1","state":"KILLED"})");
  EXPECT_EQ(child.state("s"), "CRK");
}

TEST(Kill, GoesThroughWhileTheRunWaitsForAnswers) {
  World world("tasks:\n- {id: a, type: io.kestra.plugin.core.debug.Return, format: \"{{ kv('x') }}\"}\n");
  StepContext context{.now = world.now, .ids = world.ids};
  const Step parked = world.run.apply(Begin{}, context);
  ASSERT_EQ(parked.needs.size(), 1u);
  EXPECT_EQ(parked.needs[0].lookup.name, "kv");
  const Step killed = world.run.apply(Kill{}, context);
  EXPECT_EQ(letters(world.run.header().state).back(), 'K');
  const Step late = world.run.apply(Answered{parked.needs[0].task_run_id, {{parked.needs[0].lookup, Json("v")}}}, context);
  EXPECT_TRUE(late.changes.task_runs.empty());
}

TEST(Needs, AreAnsweredAndTheTaskGoesOnWithTheSameClock) {
  World world("tasks:\n- {id: a, type: io.kestra.plugin.core.debug.Return, format: \"{{ kv('x') }} {{ uuid() }} {{ now() }}\"}\n- {id: b, type: io.kestra.plugin.core.debug.Return, format: \"{{ kv('x') }}\"}\n");
  int asked = 0;
  world.answers = [&](const expression::Lookup& lookup) -> expression::Answer {
    EXPECT_EQ(lookup.name, "kv");
    ++asked;
    return Json("v");
  };
  world.begin();
  EXPECT_EQ(asked, 2);
  EXPECT_TRUE(text_or(world.row("a").outputs, "value").starts_with("v "));
  EXPECT_EQ(world.state(), "CRs");
}

TEST(Needs, AJobGetsTheOutputsItNamesAndNoOthers) {
  World world("tasks:\n- {id: a, type: io.kestra.plugin.core.debug.Return, format: one}\n- {id: b, type: io.kestra.plugin.core.debug.Return, format: two}\n- {id: j, type: test.Job, format: \"{{ outputs.a.value }}\"}\n");
  world.begin();
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_EQ(write_json(*insula::find(world.jobs[0].variables, "outputs")), R"({"a":{"value":"one"}})");
  world.restore();
  StepContext context{.now = world.now, .ids = world.ids};
  EXPECT_TRUE(world.run.jobs_in_flight(context).empty()) << "its values have left memory";
  world.jobs.clear();
  world.proceed();
  ASSERT_EQ(world.jobs.size(), 1u) << "asked for, then handed out again";
  EXPECT_EQ(world.jobs[0].attempt, 0);
  EXPECT_EQ(write_json(*insula::find(world.jobs[0].variables, "outputs")), R"({"a":{"value":"one"}})");
}

}  // namespace
}  // namespace insula::execution::test
