#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

const std::string kLog = "type: io.kestra.plugin.core.log.Log, message: x";
const std::string kFailOnce = "type: io.kestra.plugin.core.execution.Fail, condition: \"{{ taskrun.attemptsCount < 1 }}\"";
const std::string kFail = "type: io.kestra.plugin.core.execution.Fail";
const std::string kThree = "{type: constant, interval: PT10S, maxAttempts: 3}";

TEST(Retry, WaitsInRetryingAndStartsAgainAsCreated) {
  World world("tasks:\n- {id: a, " + kFailOnce + ", retry: " + kThree + "}\n- {id: z, " + kLog + "}\n");
  world.begin();
  EXPECT_EQ(world.state(), "CRfy");
  EXPECT_EQ(world.state("a"), "CSRfy");
  world.advance(std::chrono::seconds(9));
  EXPECT_EQ(world.state("a"), "CSRfy");
  world.advance(std::chrono::seconds(1));
  EXPECT_EQ(world.state(), "CRfyRs");
  EXPECT_EQ(world.state("a"), "CSRfyCSRs");
  EXPECT_EQ(world.attempts("a"), "CRf CRs");
}

TEST(Retry, CountsTheFirstAttemptAndThenRunsErrors) {
  World world("tasks:\n- {id: a, " + kFail + ", retry: " + kThree + "}\nerrors: [{id: z, " + kLog + "}]\n");
  world.begin();
  world.run_to_end();
  EXPECT_EQ(world.state(), "CRfyRfyRf");
  EXPECT_EQ(world.state("a"), "CSRfyCSRfyCSRf");
  EXPECT_EQ(world.state("z"), "CSRs");
}

TEST(Retry, OfAFlowableOrTheFlowHoldsForTheTasksInside) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, retry: " + kThree + ", tasks: [{id: a, " + kLog + "}, {id: b, " + kFailOnce + "}, {id: c, " + kLog + "}], errors: [{id: e, " + kLog + "}]}\n");
  world.begin();
  world.run_to_end();
  EXPECT_EQ(world.order(), "s a b c") << "the error branch waits for the last attempt";
  EXPECT_EQ(world.state(), "CRyRs");
  EXPECT_EQ(world.state("b"), "CSRfyCSRs");
  World flow("retry: " + kThree + "\ntasks:\n- {id: b, " + kFailOnce + "}\n");
  flow.begin();
  flow.run_to_end();
  EXPECT_EQ(flow.state(), "CRfyRs");
}

TEST(Retry, WarningOnRetryAndAllowFailureShowInTheLastState) {
  World world("tasks:\n- {id: a, " + kFailOnce + ", retry: {type: constant, interval: PT1S, maxAttempts: 3, warningOnRetry: true}}\n- {id: b, " + kFail + ", retry: " + kThree + ", allowFailure: true}\n");
  world.begin();
  world.run_to_end();
  EXPECT_EQ(world.state("a"), "CSRfyCSRw");
  EXPECT_EQ(world.attempts("a"), "CRf CRs");
  EXPECT_EQ(world.state("b"), "CSRfyCSRfyCSRw");
  EXPECT_EQ(world.state().back(), 'w');
}

TEST(Retry, ExponentialIsLinearAndItsFirstWaitIsZero) {
  World world("tasks:\n- {id: a, " + kFail + ", retry: {type: exponential, interval: PT10S, maxInterval: PT30S, maxAttempts: 5}}\n");
  world.begin();
  const Instant start = world.now;
  std::vector<std::int64_t> waits;
  for (Instant last = start; !world.timers.empty();) {
    const Instant due = world.timers.begin()->second;
    waits.push_back(std::chrono::duration_cast<std::chrono::seconds>(due - last).count());
    world.advance(due - world.now);
    last = due;
  }
  EXPECT_EQ(waits, (std::vector<std::int64_t>{0, 20, 30, 30}));
}

TEST(Retry, MaxDurationIsCountedFromTheFirstAttempt) {
  World world("tasks:\n- {id: a, " + kFail + ", retry: {type: constant, interval: PT10S, maxDuration: PT25S}}\n");
  world.begin();
  world.run_to_end();
  EXPECT_EQ(world.attempts("a"), "CRf CRf CRf") << "the fourth would start after 30 s";
}

TEST(Retry, CreateNewExecutionEndsThisOneRetried) {
  World world("retry: {type: constant, interval: PT5S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}\ntasks:\n- {id: a, " + kLog + "}\n- {id: b, " + kFail + "}\nerrors: [{id: z, " + kLog + "}]\n");
  world.begin();
  EXPECT_EQ(world.state(), "CRY");
  EXPECT_EQ(world.state("b"), "CSRfY");
  EXPECT_EQ(world.state("z"), "");
  const auto made = std::ranges::find_if(world.commands, [](const Command& command) { return std::holds_alternative<CreateNewExecution>(command); });
  ASSERT_NE(made, world.commands.end());
  EXPECT_EQ(std::get<CreateNewExecution>(*made).due, world.now + std::chrono::seconds(5));
  Result<Rework> again = [&] {
    StepContext context{.now = world.now, .ids = world.ids};
    return replay(*world.flow, world.stored, world.sorted(), {}, ExecutionId("again"), context);
  }();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->header.attempt_number, 2);
  World second(world.flow, again->header, {}, 7);
  EXPECT_EQ(second.state(), "CRf") << "two attempts are all";
}

TEST(Retry, AJobsTimeoutIsItsWorkersAndASleepsIsATimer) {
  World world("tasks:\n- {id: a, type: io.kestra.plugin.core.flow.Sleep, duration: PT5S, timeout: PT0.5S, retry: {type: constant, interval: PT1S, maxAttempts: 2}}\n- {id: b, type: test.Job, timeout: PT3S}\n");
  world.begin();
  EXPECT_EQ(world.timers.size(), 1u);
  world.advance(std::chrono::seconds(2));
  EXPECT_EQ(world.state("a"), "CSRfyCSRf");
  EXPECT_EQ(world.log_text(), "INFO a Waiting for PT5S\nERROR a Timeout after 00:00:00.500\nTRACE a Timeout: `timeout` of the task is PT0.5S\n"
            "INFO a Waiting for PT5S\nERROR a Timeout after 00:00:00.500\nTRACE a Timeout: `timeout` of the task is PT0.5S\n");
  World job("tasks:\n- {id: b, type: test.Job, timeout: PT3S}\n");
  job.begin();
  ASSERT_EQ(job.jobs.size(), 1u);
  EXPECT_EQ(job.jobs[0].timeout, std::chrono::seconds(3));
}

TEST(Retry, AStaleResultIsRefused) {
  World world("tasks:\n- {id: b, type: test.Job, retry: " + kThree + "}\n");
  world.begin();
  const SubmitJob first = world.jobs[0];
  world.end_job("b", State::failed);
  world.advance(std::chrono::seconds(10));
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_EQ(world.jobs[0].attempt, 1);
  JobEnded late;
  late.task_run_id = first.task_run_id;
  late.attempt = first.attempt;
  const Step step = world.apply(late);
  ASSERT_TRUE(step.refused);
  EXPECT_EQ(step.refused->code, "attempt-stale");
  EXPECT_TRUE(step.changes.task_runs.empty());
}

TEST(Retry, OfATaskOfFinallyShowsHowTheExecutionWouldEnd) {
  const std::string fail = "type: io.kestra.plugin.core.execution.Fail";
  const std::string retry = "retry: {type: constant, interval: PT1S, maxAttempts: 2}";
  World good("tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]\nfinally: [{id: f, " + fail + ", " + retry + "}]\n");
  good.begin();
  good.run_to_end();
  EXPECT_EQ(good.state(), "CRsyRs");
  World bad("tasks: [{id: a, " + fail + "}]\nfinally: [{id: f, " + fail + ", " + retry + "}]\n");
  bad.begin();
  bad.run_to_end();
  EXPECT_EQ(bad.state(), "CRfyRf");
  World flow("tasks: [{id: a, " + fail + "}]\nerrors: [{id: e, " + fail + "}]\n" + retry + "\n");
  flow.begin();
  flow.run_to_end();
  EXPECT_EQ(flow.state(), "CRyRsyRf");
}

TEST(Retry, AfterTheExecutionAndOfWhatMayFailThereIsNone) {
  const std::string fail = "type: io.kestra.plugin.core.execution.Fail";
  const std::string retry = "retry: {type: constant, interval: PT1S, maxAttempts: 2}";
  World after("tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]\nafterExecution: [{id: f, " + fail + ", " + retry + "}]\n");
  after.begin();
  after.run_to_end();
  EXPECT_EQ(after.attempts("f"), "CRf");
  World allowed("tasks: [{id: a, " + fail + ", allowFailure: true}]\n" + retry + "\n");
  allowed.begin();
  allowed.run_to_end();
  EXPECT_EQ(allowed.attempts("a"), "CRf");
  EXPECT_EQ(allowed.state(), "CRw");
}

}  // namespace
}  // namespace insula::execution::test
