// Restart, replay and change of state, as the original shows them.
#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

const std::string kLog = "type: io.kestra.plugin.core.log.Log, message: x";
const std::string kFailOnce = "type: io.kestra.plugin.core.execution.Fail, condition: \"{{ taskrun.attemptsCount < 1 }}\"";

World reworked(World& world, Result<Rework> rework) {
  if (!rework) throw std::runtime_error(rework.error().message);
  std::vector<TaskRun> rows = rework->task_runs;
  return World(world.flow, rework->header, std::move(rows), 99);
}

Result<Rework> do_restart(World& world) {
  StepContext context{.now = world.now, .ids = world.ids};
  return restart(*world.flow, world.stored, world.sorted(), context);
}

Result<Rework> do_replay(World& world, const TaskRunId& from) {
  StepContext context{.now = world.now, .ids = world.ids};
  return replay(*world.flow, world.stored, world.sorted(), from, ExecutionId("copy"), context);
}

TEST(Restart, GoesOnFromWhatFailed) {
  World world("tasks:\n- {id: a, " + kLog + "}\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, " + kFailOnce + "}, {id: q, " + kLog + "}], errors: [{id: er, " + kLog + "}], finally: [{id: fi, " + kLog +
              "}]}\nerrors: [{id: er2, " + kLog + "}]\nfinally: [{id: fi2, " + kLog + "}]\nafterExecution: [{id: ae, " + kLog + "}]\noutputs: [{id: o, type: STRING, value: x}]\n");
  world.begin();
  EXPECT_EQ(world.order(), "a s p er fi er2 fi2 ae");
  auto rework = do_restart(world);
  ASSERT_TRUE(rework);
  EXPECT_EQ(rework->header.id, world.stored.id);
  EXPECT_EQ(rework->header.attempt_number, 2);
  EXPECT_EQ(rework->removed.size(), 5u);
  World again = reworked(world, std::move(rework));
  EXPECT_EQ(again.order(), "a s p q fi fi2 ae");
  EXPECT_EQ(again.state(), "CRfrRs");
  EXPECT_EQ(again.state("s"), "CRfRs");
  EXPECT_EQ(again.attempts("s"), "CRfs");
  EXPECT_EQ(again.state("p"), "CSRfrSRs");
  EXPECT_EQ(again.attempts("p"), "CRf CRs");
  EXPECT_EQ(again.stored.labels.back(), (Label{"system.restarted", "true"}));
}

TEST(Restart, TriesAgainWhatWasAllowedToFail) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.AllowFailure, tasks: [{id: p, " + kFailOnce + "}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  EXPECT_EQ(world.state(), "CRw");
  World again = reworked(world, do_restart(world));
  EXPECT_EQ(again.order(), "s p z");
  EXPECT_EQ(again.state("s"), "CRwRs");
  EXPECT_EQ(again.state(), "CRwrRs");
}

TEST(Restart, RunsSideBranchesAgainThatFailedAlone) {
  const std::string fail = "type: io.kestra.plugin.core.execution.Fail";
  for (const std::string section : {"finally", "afterExecution"}) {
    World world("tasks: [{id: a, " + kLog + "}]\n" + section + ": [{id: f, " + fail + "}]\n");
    world.begin();
    EXPECT_EQ(world.state(), "CRs");
    World again = reworked(world, do_restart(world));
    EXPECT_EQ(again.order(), "a f");
    EXPECT_EQ(again.log_text(), "ERROR f Task failure\n");
    EXPECT_EQ(again.state(), "CRsrRs");
  }
  World inner("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: a, " + kLog + "}], finally: [{id: f, " + fail + "}]}\n- {id: b, " + kLog + "}\n");
  inner.begin();
  World again = reworked(inner, do_restart(inner));
  EXPECT_EQ(again.state("s"), "CRsRs");
  EXPECT_EQ(again.log_text(), "ERROR f Task failure\n");
}

TEST(Restart, OfALoopGoesOnInTheIterationThatFailed) {
  World world("tasks:\n- {id: e, type: io.kestra.plugin.core.flow.ForEach, values: [1, 2, 3], tasks: [{id: p, type: io.kestra.plugin.core.execution.Fail, condition: \"{{ taskrun.value == '2' and taskrun.attemptsCount < 1 }}\"}, {id: q, " + kLog + "}]}\n");
  world.begin();
  EXPECT_EQ(world.order(), "e p[1] q[1] p[2]");
  World again = reworked(world, do_restart(world));
  EXPECT_EQ(again.order(), "e p[1] q[1] p[2] q[2] p[3] q[3]");
  EXPECT_EQ(again.state("e"), "CRfRs");
  EXPECT_EQ(again.state(), "CRfrRs");
}

TEST(Restart, OfParallelRestartsEveryFailedChild) {
  World world("tasks:\n- {id: e, type: io.kestra.plugin.core.flow.Parallel, tasks: [{id: p, " + kFailOnce + "}, {id: q, " + kLog + "}, {id: q2, " + kFailOnce + "}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  World again = reworked(world, do_restart(world));
  EXPECT_EQ(again.order(), "e p q q2 z");
  EXPECT_EQ(again.state(), "CRfrRs");
  EXPECT_EQ(again.state("q"), "CSRs");
  EXPECT_EQ(again.state("q2"), "CSRfrSRs");
}

TEST(Restart, DecidesAgainWhenTheConditionHadFailed) {
  World world("tasks:\n- {id: e, type: io.kestra.plugin.core.flow.If, condition: \"{{ nope }}\", then: [{id: q, " + kLog + "}]}\n");
  world.begin();
  World again = reworked(world, do_restart(world));
  EXPECT_EQ(again.state("e"), "CRfRf");
  EXPECT_EQ(again.attempts("e"), "CRf");
  EXPECT_EQ(again.state(), "CRfrRf");
}

TEST(Restart, GoesOnWithTheFailedChildExecution) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: a.b, flowId: c}\n- {id: z, " + kLog + "}\n");
  world.begin();
  world.end_child(State::failed);
  World again = reworked(world, do_restart(world));
  EXPECT_TRUE(again.subflows.empty());
  EXPECT_EQ(again.restarted_children, (std::vector<ExecutionId>{ExecutionId("child1")}));
  again.end_child(State::success);
  EXPECT_EQ(again.state(), "CRfrRs");
  EXPECT_EQ(again.state("s"), "CRfrRs");
}

TEST(Restart, NeedsSomethingThatFailed) {
  World world("tasks:\n- {id: a, " + kLog + "}\n");
  world.begin();
  const auto rework = do_restart(world);
  ASSERT_FALSE(rework);
  EXPECT_EQ(rework.error().message, "No task found to restart execution from!");
  EXPECT_EQ(rework.error().kind, ErrorKind::invalid);
}

TEST(Replay, FromTheStartIsANewExecution) {
  World world("tasks:\n- {id: a, " + kLog + "}\n");
  world.begin();
  World copy = reworked(world, do_replay(world, {}));
  EXPECT_EQ(copy.stored.id.str(), "copy");
  EXPECT_EQ(copy.stored.parent_id, world.stored.id);
  EXPECT_EQ(copy.stored.original_id, world.stored.id);
  EXPECT_EQ(copy.stored.attempt_number, 2);
  EXPECT_EQ(copy.state(), "CRs");
  EXPECT_EQ(copy.stored.labels.back(), (Label{"system.replay", "true"}));
}

TEST(Replay, FromATaskRunKeepsWhatCameBeforeIt) {
  World world("tasks:\n- {id: a, " + kLog + "}\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, " + kLog + "}, {id: q, " + kLog + "}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  World copy = reworked(world, do_replay(world, world.row("q").id));
  EXPECT_EQ(copy.order(), "a s p q z");
  EXPECT_EQ(copy.state(), "CRsrRs");
  EXPECT_EQ(copy.state("s"), "CRsRs");
  EXPECT_EQ(copy.attempts("s"), "CRs");
  EXPECT_EQ(copy.state("q"), "CSRsrSRs");
  EXPECT_EQ(copy.attempts("q"), "CRs CRs");
  EXPECT_FALSE(copy.rows.contains(world.row("a").id)) << "all ids are new";
  World whole = reworked(world, do_replay(world, world.row("s").id));
  EXPECT_EQ(whole.order(), "a s p q z");
  EXPECT_EQ(whole.state("p"), "CSRs");
  EXPECT_EQ(whole.state("s"), "CRsRs");
}

TEST(Replay, InALoopRunsTheRestOfTheIterationAndTheLaterOnes) {
  World world("tasks:\n- {id: e, type: io.kestra.plugin.core.flow.ForEach, values: [1, 2, 3], tasks: [{id: p, " + kLog + "}, {id: q, " + kLog + "}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  TaskRunId from;
  for (const TaskRun& row : world.sorted()) {
    if (row.task_id.str() == "q" && row.value == "2") from = row.id;
  }
  World copy = reworked(world, do_replay(world, from));
  EXPECT_EQ(copy.order(), "e p[1] q[1] p[2] q[2] p[3] q[3] z");
  EXPECT_EQ(copy.logs.size(), 3u) << "p of the third iteration is kept, as in 1.3";
}

TEST(ChangeState, OfAFailedTaskRunLetsTheExecutionGoOn) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, type: io.kestra.plugin.core.execution.Fail}, {id: q, " + kLog + "}], errors: [{id: er, " + kLog + "}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  StepContext context{.now = world.now, .ids = world.ids};
  World again = reworked(world, change_task_run_state(*world.flow, world.stored, world.sorted(), world.row("p").id, State::success, context));
  EXPECT_EQ(again.order(), "s p q z");
  EXPECT_EQ(again.state(), "CRfrRs");
  EXPECT_EQ(again.state("s"), "CRfRs");
  EXPECT_EQ(again.state("p"), "CSRfs");
  EXPECT_EQ(again.attempts("p"), "CRfs");
}

TEST(ChangeState, ToFailedFailsWhatIsAround) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, " + kLog + "}, {id: q, " + kLog + "}]}\n- {id: z, " + kLog + "}\nerrors: [{id: er, " + kLog + "}]\n");
  world.begin();
  StepContext context{.now = world.now, .ids = world.ids};
  World again = reworked(world, change_task_run_state(*world.flow, world.stored, world.sorted(), world.row("p").id, State::failed, context));
  EXPECT_EQ(again.order(), "s p q z er");
  EXPECT_EQ(again.state(), "CRsrRf");
  EXPECT_EQ(again.state("s"), "CRsRf");
}

TEST(Replay, FromATaskOfFinallyRunsThatAndWhatComesAfter) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: p, " + kLog + "}], finally: [{id: x, " + kLog + "}, {id: y, " + kLog + "}]}\n- {id: z, " + kLog + "}\nfinally: [{id: fi, " + kLog + "}, {id: fi2, " + kLog + "}]\nafterExecution: [{id: ae, " + kLog + "}]\n");
  world.begin();
  EXPECT_EQ(world.order(), "s p x y z fi fi2 ae");
  World last = reworked(world, do_replay(world, world.row("fi").id));
  EXPECT_EQ(last.order(), "s p x y z fi fi2 ae");
  EXPECT_EQ(last.state("fi"), "CSRsrSRs");
  EXPECT_EQ(last.state("fi2"), "CSRs");
  EXPECT_EQ(last.log_text(), "INFO fi x\nINFO fi2 x\nINFO ae x\n");
  EXPECT_EQ(last.state(), "CRsrRs");
  World inner = reworked(world, do_replay(world, world.row("x").id));
  EXPECT_EQ(inner.log_text(), "INFO x x\nINFO y x\nINFO z x\nINFO fi x\nINFO fi2 x\nINFO ae x\n");
  EXPECT_EQ(inner.state("s"), "CRsRs");
  World after = reworked(world, do_replay(world, world.row("ae").id));
  EXPECT_EQ(after.log_text(), "INFO ae x\n");
  EXPECT_EQ(after.state(), "CRsrRs");
}

TEST(Replay, OfASkippedTaskAsksItsConditionAgain) {
  World world("tasks: [{id: a, " + kLog + ", runIf: \"false\"}, {id: b, " + kLog + "}]\n");
  world.begin();
  World again = reworked(world, do_replay(world, world.row("a").id));
  EXPECT_EQ(again.state("a"), "Czrz");
  EXPECT_EQ(again.log_text(), "INFO b x\n");
}

TEST(Replay, FromATaskOfErrorsStillEndsInFailure) {
  World world("tasks:\n- {id: p, type: io.kestra.plugin.core.execution.Fail}\nerrors: [{id: er, " + kLog + "}]\nfinally: [{id: fi, " + kLog + "}]\n");
  world.begin();
  World again = reworked(world, do_replay(world, world.row("er").id));
  EXPECT_EQ(again.order(), "p er fi");
  EXPECT_EQ(again.log_text(), "INFO er x\nINFO fi x\n");
  EXPECT_EQ(again.state(), "CRfrRf");
}

TEST(Replay, KeepsWhatAFlowableBeforeTheTaskHasDone) {
  World world("tasks:\n- {id: s, type: io.kestra.plugin.core.flow.Sequential, allowFailure: true, tasks: [{id: p, type: io.kestra.plugin.core.execution.Fail}], errors: [{id: er, " + kLog + "}], finally: [{id: fi, " + kLog + "}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  World again = reworked(world, do_replay(world, world.row("z").id));
  EXPECT_EQ(again.order(), "s p er fi z");
  EXPECT_EQ(again.log_text(), "INFO z x\n");
  EXPECT_EQ(again.state(), "CRwrRw");
}

// Siblings that have not ended belong to nobody once their flowable has: they must not look for it.
TEST(Replay, FromAnyTaskRunBesideAnExitEndsAgain) {
  World world("tasks:\n- {id: e, type: io.kestra.plugin.core.flow.EachParallel, value: [1, 2, 3], tasks: [{id: a, " + kLog + "}, {id: x, type: io.kestra.plugin.core.execution.Exit, state: FAILED}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  ASSERT_EQ(world.state(), "CRf");
  for (const TaskRun& from : world.sorted()) {
    World copy = reworked(world, do_replay(world, from.id));
    EXPECT_TRUE(copy.stored.state.is_terminal()) << from.task_id.str() << " " << from.value.value_or("");
    EXPECT_EQ(copy.rows.size(), copy.sorted().size());
  }
}

TEST(Replay, FromASiblingOfWhatFailedRunsItToItsEnd) {
  World world("tasks:\n- {id: p, type: io.kestra.plugin.core.flow.Parallel, tasks: [{id: a, type: io.kestra.plugin.core.execution.Fail}, {id: b, type: test.Job}]}\n- {id: z, " + kLog + "}\n");
  world.begin();
  world.end_job("b");
  world.run_to_end();
  ASSERT_EQ(world.state(), "CRf");
  World copy = reworked(world, do_replay(world, world.row("b").id));
  ASSERT_EQ(copy.jobs.size(), 1u);
  EXPECT_TRUE(copy.state("p").ends_with("R")) << "the flowable waits for what is tried again: " << copy.state("p");
  copy.end_job("b");
  copy.run_to_end();
  EXPECT_TRUE(copy.state("b").ends_with("s")) << copy.state("b");
  EXPECT_TRUE(copy.state("p").ends_with("f")) << copy.state("p");
  EXPECT_EQ(copy.order(), "p a b");
}

}  // namespace
}  // namespace insula::execution::test
