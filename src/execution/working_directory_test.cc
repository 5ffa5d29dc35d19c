// WorkingDirectory: when its folder is filled, used, emptied and dropped.
#include "execution/rework.h"
#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

const std::string kDirectory = "type: io.kestra.plugin.core.flow.WorkingDirectory";
const std::string kReturn = "type: io.kestra.plugin.core.debug.Return, format: x";

std::size_t ended_sessions(const World& world) {
  return static_cast<std::size_t>(std::ranges::count_if(world.commands, [](const Command& command) { return std::holds_alternative<EndSession>(command); }));
}

TEST(WorkingDirectory, ChildrenRunOneAfterAnotherInItsFolder) {
  World world("tasks:\n- {id: w, " + kDirectory + ", tasks: [{id: a, type: test.Job}, {id: off, " + kReturn + ", disabled: true}, {id: b, type: test.Job}]}\n- {id: z, " + kReturn + "}\n");
  world.begin();
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_EQ(*world.jobs[0].session, world.row("w").id);
  EXPECT_FALSE(world.jobs[0].session_begun);
  world.end_job("a");
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_EQ(*world.jobs[0].session, world.row("w").id);
  EXPECT_TRUE(world.jobs[0].session_begun);
  EXPECT_EQ(ended_sessions(world), 0u);
  world.end_job("b");
  EXPECT_EQ(ended_sessions(world), 1u);
  EXPECT_EQ(world.order(), "w a b z");
  EXPECT_EQ(world.state("w"), "CRs");
  EXPECT_EQ(world.state(), "CRs");
}

TEST(WorkingDirectory, WithoutFilesAndJobsNothingIsHandedOut) {
  World world("tasks:\n- {id: w, " + kDirectory + ", tasks: [{id: a, " + kReturn + "}]}\n");
  world.begin();
  EXPECT_TRUE(world.jobs.empty());
  EXPECT_EQ(world.state(), "CRs");
}

TEST(WorkingDirectory, FilesGoInBeforeTheChildrenAndOutAfterThem) {
  World world("tasks:\n- {id: w, " + kDirectory + ", inputFiles: {a.txt: x}, outputFiles: [\"*.txt\"], tasks: [{id: a, " + kReturn + "}]}\n- {id: z, type: io.kestra.plugin.core.debug.Return, format: \"{{ outputs.w.outputFiles.f }}\"}\n");
  world.restore_always = true;
  world.begin();
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_EQ(world.jobs[0].part, SubmitJob::Part::open_folder);
  EXPECT_EQ(world.state("w"), "C");
  const SubmitJob opened = world.jobs[0];
  world.end_job(opened);
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_EQ(world.jobs[0].part, SubmitJob::Part::close_folder);
  // A second answer of the first job is late.
  EXPECT_TRUE(world.apply(JobEnded{opened.task_run_id, opened.attempt}).refused);
  world.end_job("w", State::success, {{"outputFiles", {{"f", "kestra:///f"}}}});
  EXPECT_EQ(world.state("w"), "CRs");
  EXPECT_EQ(text_or(world.row("z").outputs, "value"), "kestra:///f");
}

TEST(WorkingDirectory, ThatCannotBeFilledFailsWithoutAnAttempt) {
  World world("tasks:\n- {id: w, " + kDirectory + ", inputFiles: {a.txt: x}, tasks: [{id: a, " + kReturn + "}]}\n");
  world.begin();
  world.end_job("w", State::failed);
  EXPECT_EQ(world.state("w"), "Cf");
  EXPECT_EQ(world.attempts("w"), "");
  EXPECT_EQ(world.state("a"), "");
  EXPECT_EQ(world.state(), "CRf");
  EXPECT_EQ(ended_sessions(world), 1u);
}

TEST(WorkingDirectory, AFailureSkipsTheRestAndRunsErrorsOutsideOfTheFolder) {
  World world("tasks:\n- {id: w, " + kDirectory + ", outputFiles: [\"*\"], tasks: [{id: a, type: test.Job}, {id: b, " + kReturn + "}], errors: [{id: er, type: test.Job}], finally: [{id: fi, " + kReturn + "}]}\n");
  world.begin();
  world.end_job("a", State::failed);
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_EQ(world.jobs[0].part, SubmitJob::Part::close_folder);
  world.end_job("w", State::success, {{"outputFiles", {{"f", "u"}}}});
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_FALSE(world.jobs[0].session);
  world.run_to_end();
  EXPECT_EQ(world.order(), "w a er fi");
  EXPECT_EQ(world.state("w"), "CRf");
  EXPECT_EQ(write_json(world.outputs("w")), R"({"outputFiles":{"f":"u"}})");
}

TEST(WorkingDirectory, ThatCannotBeEmptiedFails) {
  World world("tasks:\n- {id: w, " + kDirectory + ", outputFiles: [\"*\"], tasks: [{id: a, " + kReturn + "}]}\n");
  world.begin();
  world.end_job("w", State::failed);
  EXPECT_EQ(world.state("w"), "CRf");
}

TEST(WorkingDirectory, AKillEndsItsFolderInEveryPhase) {
  const std::string body = "tasks:\n- {id: w, " + kDirectory + ", inputFiles: {a: x}, outputFiles: [\"*\"], tasks: [{id: a, type: test.Job}]}\n";
  for (const int phase : {0, 1, 2}) {
    World world(body);
    world.begin();
    if (phase > 0) world.end_job("w");
    if (phase > 1) world.end_job("a");
    world.apply(Kill{});
    EXPECT_EQ(world.state().back(), 'K') << phase;
    EXPECT_EQ(ended_sessions(world), 1u) << phase;
    EXPECT_EQ(std::ranges::count_if(world.commands, [](const Command& command) { return std::holds_alternative<CancelJob>(command); }), 1) << phase;
  }
}

TEST(WorkingDirectory, AChildIsTriedAgainInTheSameFolder) {
  World world("tasks:\n- {id: w, " + kDirectory + ", tasks: [{id: a, type: test.Job, retry: {type: constant, interval: PT1S, maxAttempts: 2}}]}\n");
  world.begin();
  const TaskRunId session = *world.jobs[0].session;
  world.end_job("a", State::failed);
  world.advance(std::chrono::seconds(1));
  ASSERT_EQ(world.jobs.size(), 1u);
  EXPECT_EQ(*world.jobs[0].session, session);
  EXPECT_TRUE(world.jobs[0].session_begun);
  world.end_job("a");
  EXPECT_EQ(world.state("w"), "CRs");
}

TEST(WorkingDirectory, ARestartRunsAllItsTasksAgain) {
  World world("tasks:\n- {id: w, " + kDirectory + ", inputFiles: {a: x}, tasks: [{id: a, type: test.Job}, {id: b, type: test.Job}]}\n");
  world.begin();
  world.end_job("w");
  world.end_job("a");
  world.end_job("b", State::failed);
  ASSERT_EQ(world.state(), "CRf");
  StepContext context{.now = world.now, .ids = world.ids};
  auto reworked = execution::restart(*world.flow, world.stored, world.sorted(), context);
  ASSERT_TRUE(reworked) << reworked.error().message;
  EXPECT_EQ(reworked->removed.size(), 2u);
  ASSERT_EQ(reworked->task_runs.size(), 1u);
  World again(world.flow, reworked->header, reworked->task_runs, 7);
  ASSERT_EQ(again.jobs.size(), 1u);
  EXPECT_EQ(again.jobs[0].part, SubmitJob::Part::open_folder);
  EXPECT_FALSE(again.jobs[0].session_begun);
  again.run_to_end();
  EXPECT_EQ(again.order(), "w a b");
  EXPECT_EQ(again.state("w"), "CRfrRs");
}

TEST(WorkingDirectory, AReplayOfOneOfItsTasksRunsAllOfThem) {
  World world("tasks:\n- {id: y, " + kReturn + "}\n- {id: w, " + kDirectory + ", tasks: [{id: a, type: test.Job}, {id: b, type: test.Job}]}\n");
  world.begin();
  world.run_to_end();
  StepContext context{.now = world.now, .ids = world.ids};
  auto reworked = execution::replay(*world.flow, world.stored, world.sorted(), world.row("b").id, ExecutionId("again"), context);
  ASSERT_TRUE(reworked) << reworked.error().message;
  World again(world.flow, reworked->header, reworked->task_runs, 7);
  again.run_to_end();
  EXPECT_EQ(again.order(), "y w a b");
  EXPECT_EQ(again.state().back(), 's');
}

TEST(WorkingDirectory, ItsChildrenSeeTheIterationThatItStandsIn) {
  World world("tasks:\n- id: each\n  type: io.kestra.plugin.core.flow.ForEach\n  values: [x, y]\n  tasks:\n  - {id: w, " + kDirectory + ", tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: \"{{ taskrun.value }} {{ taskrun.iteration }} {{ parent ?? 'none' }}\"}, {id: b, type: io.kestra.plugin.core.debug.Return, format: \"{{ outputs.a[taskrun.value].value }}\"}]}\n- {id: z, type: io.kestra.plugin.core.debug.Return, format: \"{{ outputs.b }}\"}\n");
  world.begin();
  world.run_to_end();
  EXPECT_EQ(text_or(world.row("z").outputs, "value"), R"({"x":{"value":"x 0 none"},"y":{"value":"y 1 none"}})");
  EXPECT_FALSE(world.row("a").value);
}

TEST(WorkingDirectory, OnlyTasksOfAWorkerAreItsChildren) {
  const auto told = [](const std::string& body) { return flow::read_flow("id: f\nnamespace: a.b\n" + body, catalog()).report.constraints; };
  EXPECT_NE(told("tasks:\n- {id: w, " + kDirectory + ", tasks: [{id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: a, " + kReturn + "}]}]}\n").find("Only runnable tasks"), std::string::npos);
  EXPECT_NE(told("tasks:\n- {id: w, " + kDirectory + "}\n").find("The 'tasks' property cannot be empty"), std::string::npos);
}

}  // namespace
}  // namespace insula::execution::test
