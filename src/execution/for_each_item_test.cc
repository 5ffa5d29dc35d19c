// ForEachItem: its three parts, one execution per batch, how their ends count.
#include "execution/rework.h"
#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

std::string each(std::string_view more = {}, std::string_view inputs = "{items: \"{{ taskrun.items }}\", n: \"{{ taskrun.iteration }}\"}") {
  return fmt::format("tasks:\n- {{id: my_each, type: io.kestra.plugin.core.flow.ForEachItem, items: \"kestra:///file\", namespace: a.b, flowId: sub, inputs: {}{}}}\n- {{id: z, type: io.kestra.plugin.core.debug.Return, format: x}}\n",
                     inputs, more);
}

// A world in which the file is split into `batches`.
struct Split : World {
  explicit Split(const std::string& body, int batches = 3, bool always = false) : World(body) {
    answers = [batches](const expression::Lookup& lookup) -> expression::Answer {
      EXPECT_EQ(lookup.name, "read");
      EXPECT_EQ(text_or(lookup.arguments, "path"), "kestra:///splits.txt");
      std::string text;
      for (int i = 0; i < batches; ++i) text += fmt::format("{}kestra:///{}.txt", i == 0 ? "" : "\n", i);
      return Json(text);
    };
    restore_always = always;
    begin();
    end_job("my_each_split", State::success, {{"splits", "kestra:///splits.txt"}});
  }
};

TEST(ForEachItem, StartsAnExecutionForEachBatchAndMergesWhenAllHaveEnded) {
  for (const bool always : {false, true}) {
    Split world(each(), 3, always);
    ASSERT_EQ(world.subflows.size(), 3u);
    EXPECT_EQ(write_json(world.subflows[2].inputs), R"({"items":"kestra:///2.txt","n":"2"})");
    EXPECT_EQ(world.subflows[2].trigger.type, "io.kestra.plugin.core.flow.ForEachItem$ForEachItemExecutable");
    EXPECT_EQ(world.subflows[2].trigger.variables.at("taskRunIteration").to_number<int>(), 2);
    world.end_child(State::success);
    EXPECT_EQ(write_json(world.outputs("my_each_items").at("iterations")), R"({"CREATED":0,"RUNNING":2,"SUCCESS":1})");
    world.end_child(State::success);
    EXPECT_EQ(world.state("my_each_items"), "CR");
    world.end_child(State::success);
    EXPECT_EQ(world.state("my_each_items"), "CRs");
    EXPECT_EQ(world.attempts("my_each_items"), "Cs");
    EXPECT_EQ(write_json(world.outputs("my_each_items").at("iterations")), R"({"CREATED":0,"RUNNING":0,"SUCCESS":3})");
    EXPECT_EQ(world.outputs("my_each_items").at("numberOfBatches").to_number<int>(), 3);
    world.end_job("my_each_merge");
    EXPECT_EQ(world.order(), "my_each my_each_split my_each_items my_each_merge z");
    EXPECT_EQ(world.state("my_each"), "CRs");
    EXPECT_EQ(world.state(), "CRs");
  }
}

TEST(ForEachItem, WithoutWaitingIsDoneWhenAllAreStarted) {
  Split world(each(", wait: false"));
  EXPECT_TRUE(world.children.empty());
  EXPECT_EQ(write_json(world.outputs("my_each_items").at("iterations")), R"({"SUCCESS":3,"RUNNING":0})");
  EXPECT_EQ(world.state("my_each_items"), "CRs");
}

TEST(ForEachItem, AFailureOfOneFailsItOnceAllHaveEnded) {
  Split world(each());
  world.end_child(State::failed);
  EXPECT_EQ(world.state("my_each_items"), "CR");
  world.end_child(State::warning);
  world.end_child(State::success);
  EXPECT_EQ(world.state("my_each_items"), "CRf");
  EXPECT_EQ(world.state("my_each"), "CRf");
  EXPECT_EQ(world.state("my_each_merge"), "");
  EXPECT_EQ(world.state(), "CRf");
}

TEST(ForEachItem, AllowFailureIsThatOfTheWholeTask) {
  Split world(each(", allowFailure: true"), 1);
  world.end_child(State::failed);
  EXPECT_EQ(world.state("my_each_items"), "CRf");
  EXPECT_EQ(world.state("my_each"), "CRw");
  EXPECT_EQ(world.state("z"), "CSRs");
}

TEST(ForEachItem, WithoutTransmitFailedAllEndsAreGood) {
  Split world(each(", transmitFailed: false"), 2);
  world.end_child(State::failed);
  world.end_child(State::success);
  EXPECT_EQ(world.state("my_each_items"), "CRs");
  EXPECT_EQ(write_json(world.outputs("my_each_items").at("iterations")), R"({"CREATED":0,"RUNNING":0,"SUCCESS":1,"FAILED":1})");
}

TEST(ForEachItem, AnEmptyFileStartsNothing) {
  Split world(each(), 0);
  EXPECT_TRUE(world.subflows.empty());
  EXPECT_EQ(world.state("my_each_items"), "Cs");
  EXPECT_EQ(world.attempts("my_each_items"), "");
  world.end_job("my_each_merge");
  EXPECT_EQ(world.state(), "CRs");
}

TEST(ForEachItem, AnInputThatCannotBeRenderedFailsIt) {
  Split world(each("", "{a: \"{{ nope.x }}\"}"));
  EXPECT_TRUE(world.subflows.empty());
  EXPECT_EQ(world.state("my_each_items"), "Cf");
  EXPECT_EQ(world.log_text(), "ERROR my_each Unable to find `nope` used in the expression `{{ nope.x }}` at line 1\n");
}

TEST(ForEachItem, OnlyTheBatchIsSeenAsTaskRunByItsInputs) {
  Split world(each(", labels: {by: \"{{ taskrun.startDate }}\"}", "{a: \"{{ taskrun.startDate }}\"}"));
  EXPECT_EQ(world.state("my_each_items"), "Cf");
}

TEST(ForEachItem, AKillStopsWhatItHasStarted) {
  Split world(each());
  world.end_child(State::success);
  world.apply(Kill{});
  EXPECT_EQ(world.killed_children.size(), 2u);
  EXPECT_EQ(world.state("my_each_items"), "CRK");
  EXPECT_EQ(world.state(), "CRkK");
}

TEST(ForEachItem, StandsInALoop) {
  World world("tasks:\n- {id: l, type: io.kestra.plugin.core.flow.ForEach, values: [p, q], tasks: [{id: e, type: io.kestra.plugin.core.flow.ForEachItem, items: x, namespace: a.b, flowId: sub, inputs: {a: \"{{ taskrun.items }}\"}}]}\n");
  world.answers = [](const expression::Lookup& lookup) -> expression::Answer { return Json(text_or(lookup.arguments, "path") + "-1"); };
  world.begin();
  world.end_job("e_split", State::success, {{"splits", "kestra:///p"}});
  world.end_child(State::success);
  world.end_job("e_merge");
  world.restore_always = true;
  world.end_job("e_split", State::success, {{"splits", "kestra:///q"}});
  ASSERT_EQ(world.subflows.size(), 2u);
  EXPECT_EQ(text_or(world.subflows[0].inputs, "a"), "kestra:///p-1");
  EXPECT_EQ(text_or(world.subflows[1].inputs, "a"), "kestra:///q-1");
  world.run_to_end();
  EXPECT_EQ(world.state(), "CRs");
}

TEST(ForEachItem, WhatWasNotStartedBeforeACrashIsStartedAfterIt) {
  Split world(each());
  TaskRun& row = world.rows.at(world.row("my_each_items").id);
  row.progress = JsonObject{{"total", 3}, {"started", 1}, {"ended", JsonObject{}}};
  world.subflows.clear();
  world.children.resize(1);
  world.restore();
  world.proceed();
  ASSERT_EQ(world.subflows.size(), 2u);
  EXPECT_EQ(text_or(world.subflows[0].inputs, "n"), "1");
  world.run_to_end();
  EXPECT_EQ(world.state(), "CRs");
}

}  // namespace
}  // namespace insula::execution::test
