#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

const std::string kLog = "type: io.kestra.plugin.core.log.Log, message: x";
const std::string kReturn = "type: io.kestra.plugin.core.debug.Return";
const std::string kEach = "type: io.kestra.plugin.core.flow.ForEach";

TEST(Loop, RunsTheChildrenOfEachValueOneAfterAnother) {
  World world("tasks:\n- {id: e, " + kEach + ", values: [a, 1, a, {k: \"{{ 1 + 1 }}\"}], tasks: [{id: a, " + kReturn + ", format: \"{{ taskrun.value }} {{ taskrun.iteration }} {{ parents }}\"}, {id: b, " + kReturn +
              ", format: \"{{ outputs.a[taskrun.value].value }}\"}]}\n- {id: z, " + kReturn + ", format: \"{{ outputs.b }} {{ tasks.a['1'].state }}\"}\n");
  world.begin();
  EXPECT_EQ(world.order(), "e a[a] b[a] a[1] b[1] a[{\"k\":\"2\"}] b[{\"k\":\"2\"}] z");
  EXPECT_EQ(world.state(), "CRs");
  EXPECT_EQ(text_or(world.row("a").outputs, "value"), "{\"k\":\"2\"} 2 []");
  EXPECT_EQ(text_or(world.row("z").outputs, "value"), R"({"a":{"value":"a 0 []"},"1":{"value":"1 1 []"},"{\"k\":\"2\"}":{"value":"{\"k\":\"2\"} 2 []"}} SUCCESS)");
}

TEST(Loop, ReadsOfTheOwnIterationAreAnsweredFromMemory) {
  World world("tasks:\n- {id: e, " + kEach + ", values: [a, b, c], tasks: [{id: a, " + kReturn + ", format: \"{{ taskrun.value }}\"}, {id: b, " + kReturn + ", format: \"{{ outputs.a[taskrun.value].value }} {{ currentEachOutput(outputs.a).value }}\"}]}\n");
  world.begin();
  EXPECT_EQ(world.needs_seen, 0u);
  EXPECT_EQ(text_or(world.row("b").outputs, "value"), "c c");
}

TEST(Loop, ReadsOfOtherIterationsAreAskedFor) {
  World world("tasks:\n- {id: e, " + kEach + ", values: [a, b], tasks: [{id: a, " + kReturn + ", format: \"{{ taskrun.value }}\"}, {id: b, " + kReturn + ", format: \"{{ outputs.a['a'].value }}\"}]}\n");
  world.begin();
  EXPECT_GT(world.needs_seen, 0u);
  EXPECT_EQ(text_or(world.row("b").outputs, "value"), "a");
  EXPECT_EQ(world.state(), "CRs");
}

TEST(Loop, OutputsBelowAnIterationAreKeyedByItsValue) {
  World world("tasks:\n- {id: e, " + kEach + ", values: [1, 2], tasks: [{id: e2, " + kEach + ", values: [\"{{ taskrun.value }}a\", b], tasks: [{id: a, " + kReturn + ", format: \"{{ parent.taskrun.value }}-{{ taskrun.value }}\"}]}, {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: c, " +
              kReturn + ", format: \"{{ parent.taskrun.value }} {{ outputs.a[parent.taskrun.value]['b'].value }}\"}]}]}\n- {id: z, " + kReturn + ", format: \"{{ outputs.a }} {{ outputs.c }} {{ tasks.a }}\"}\n");
  world.begin();
  EXPECT_EQ(text_or(world.row("c").outputs, "value"), "2 2-b");
  EXPECT_EQ(text_or(world.row("z").outputs, "value"),
            R"({"1":{"1a":{"value":"1-1a"},"b":{"value":"1-b"}},"2":{"2a":{"value":"2-2a"},"b":{"value":"2-b"}}} {"1":{"value":"1 1-b"},"2":{"value":"2 2-b"}} {"1a":{"state":"SUCCESS"},"b":{"state":"SUCCESS"},"2a":{"state":"SUCCESS"}})");
}

TEST(Loop, KeepsToItsConcurrencyLimit) {
  World world("tasks:\n- {id: e, " + kEach + ", values: [1, 2, 3], concurrencyLimit: 2, tasks: [{id: a, type: test.Job}, {id: b, type: test.Job}]}\n");
  world.begin();
  EXPECT_EQ(world.order(), "e a[1] a[2]");
  world.end_job("a");
  EXPECT_EQ(world.order(), "e a[1] a[2] b[1]");
  world.end_job("b");
  EXPECT_EQ(world.order(), "e a[1] a[2] b[1] a[3]");
  world.run_to_end();
  EXPECT_EQ(world.state(), "CRs");
}

TEST(Loop, AFailedChildEndsTheLoop) {
  World world("tasks:\n- {id: e, " + kEach + ", values: [1, 2, 3], tasks: [{id: a, type: io.kestra.plugin.core.execution.Fail, condition: \"{{ taskrun.value == '2' }}\"}, {id: b, " + kLog + "}], errors: [{id: er, " + kLog + "}], finally: [{id: fi, " + kLog + "}]}\n");
  world.begin();
  EXPECT_EQ(world.order(), "e a[1] b[1] a[2] er fi");
  EXPECT_EQ(world.state("e"), "CRf");
  EXPECT_EQ(world.log_text(), "INFO b x\nERROR a Task failure\nERROR a Fail on a condition\nINFO er x\nINFO fi x\n");
}

TEST(Loop, RefusesValuesAsTheOriginalDoes) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[1, 2.5]", "Unknown value element type: class java.lang.Double"},
      {"[true]", "Unknown value element type: class java.lang.Boolean"},
      {"[[1]]", "Unknown value element type: class java.util.ArrayList"},
      {"{a: 1}", "Unknown value type: class java.util.LinkedHashMap"},
      {"[\"{{ nope }}\"]", "Unable to find `nope` used in the expression `{{ nope }}` at line 1"},
      {"\"{{ [1, null] }}\"", "Found '1' null values on Each, with values=[1, null]"},
  };
  for (const auto& [values, message] : cases) {
    World world("tasks:\n- {id: e, " + kEach + ", values: " + values + ", tasks: [{id: a, " + kLog + "}]}\n");
    world.begin();
    EXPECT_EQ(world.state("e"), "CRf") << values;
    EXPECT_EQ(world.log_text(), "ERROR e Unable to resolve state from the Flowable task: " + message + "\n");
  }
  World empty("tasks:\n- {id: e, " + kEach + ", values: [], tasks: [{id: a, " + kLog + "}]}\n");
  empty.begin();
  EXPECT_EQ(empty.state("e"), "CRs");
}

TEST(Loop, EachParallelStartsAllTasksOfAllValuesAtOnce) {
  World world("tasks:\n- {id: e, type: io.kestra.plugin.core.flow.EachParallel, value: [a, b], tasks: [{id: a, type: test.Job}, {id: b, type: test.Job}]}\n");
  world.begin();
  EXPECT_EQ(world.order(), "e a[a] b[a] a[b] b[b]");
  world.run_to_end();
  EXPECT_EQ(world.state(), "CRs");
}

// I6: rows touched and memory do not depend on how far the loop has come.
TEST(Loop, AStepTouchesAsManyRowsLateAsEarly) {
  World world("tasks:\n- {id: e, " + kEach + ", values: \"{{ range(1, 3000) }}\", tasks: [{id: a, type: test.Job}]}\n");
  world.begin();
  std::size_t early = 0, late = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t before = world.rows_written;
    world.end_job("a");
    if (i == 10) early = world.rows_written - before;
    if (i == 2990) late = world.rows_written - before;
    ASSERT_LE(world.run.open_task_runs(), 2u);
  }
  EXPECT_EQ(early, late);
  EXPECT_LE(late, 5u);
  EXPECT_LT(write_json(world.row("e").progress).size(), 100u);
  EXPECT_EQ(world.state(), "CRs");
}

TEST(Loop, TwentyThousandInlineTaskRunsComeInBoundedSteps) {
  World world("tasks:\n- {id: e, " + kEach + ", values: \"{{ range(1, 10000) }}\", concurrencyLimit: 0, tasks: [{id: a, " + kLog + "}, {id: b, " + kLog + "}]}\n");
  world.begin();
  EXPECT_EQ(world.rows.size(), 20'001u);
  EXPECT_LE(world.largest_step, 4'100u);
  EXPECT_EQ(world.state(), "CRs");
}

TEST(LoopUntil, RunsAgainUntilItsConditionHoldsAndKeepsTheLastIteration) {
  World world("tasks:\n- {id: u, type: io.kestra.plugin.core.flow.WaitFor, condition: \"{{ outputs.a.value == '3' }}\", checkFrequency: {interval: PT10S}, tasks: [{id: a, " + kReturn + ", format: \"{{ outputs.u.iterationCount }}\"}, {id: b, " + kLog + "}]}\n- {id: z, " + kLog + "}\n");
  world.restore_always = true;
  world.begin();
  EXPECT_EQ(world.state(), "CRP");
  EXPECT_EQ(world.state("u"), "CRP");
  world.run_to_end();
  EXPECT_EQ(world.order(), "u a b z");
  EXPECT_EQ(world.state("u"), "CRPRPRs");
  EXPECT_EQ(world.state(), "CRPRPRs");
  EXPECT_EQ(world.row("a").iteration, 2);
  EXPECT_EQ(write_json(world.outputs("u")), R"({"iterationCount":3})");
}

TEST(LoopUntil, GivesUpAtItsMaximum) {
  for (const bool fails : {false, true}) {
    World world(fmt::format("tasks:\n- {{id: u, type: io.kestra.plugin.core.flow.LoopUntil, condition: \"{{{{ false }}}}\", failOnMaxReached: {}, checkFrequency: {{interval: PT1S, maxIterations: 3}}, tasks: [{{id: a, {}}}]}}\n", fails, kLog));
    world.begin();
    world.run_to_end();
    EXPECT_EQ(world.state("u"), fails ? "CRPRPRf" : "CRPRPRs");
    EXPECT_EQ(world.logs.back().message, "Max iterations reached");
  }
}

TEST(Loop, GoesOnAfterARestoreInTheMiddle) {
  World world("tasks:\n- {id: e, " + kEach + ", values: [1, 2, 3, 4], concurrencyLimit: 2, tasks: [{id: a, type: test.Job}, {id: b, type: test.Job, format: \"{{ outputs.a[taskrun.value].x }}\"}]}\n");
  world.restore_always = true;
  world.begin();
  int made = 0;
  while (!world.jobs.empty()) world.end_job(SubmitJob(world.jobs.front()), State::success, {{"x", ++made}});
  EXPECT_EQ(world.state(), "CRs");
  EXPECT_EQ(world.rows.size(), 9u);
}

}  // namespace
}  // namespace insula::execution::test
