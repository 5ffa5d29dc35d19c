// The worker's parts of ForEachItem, core.state, core.trigger.Toggle and the HTTP trigger.
#include "tasks/test_bench.h"
#include "tasks/test_server.h"

namespace insula::tasks {
namespace {

const std::string kSplit = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemSplit";
const std::string kMerge = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemMergeOutputs";
const std::string kState = "io.kestra.plugin.core.state.";

class ItemTest : public TaskTest {
 protected:
  // The pieces, `|` between.
  std::string pieces(std::string_view content, std::string_view batch, std::string_view name = "in.txt") {
    run(kSplit, fmt::format(R"({{"items":"{}","batch":{}}})", stored(name, content), batch));
    EXPECT_EQ(result.error, "");
    if (result.outputs.empty()) return "-";
    std::string text;
    last = file(text_or(result.outputs, "splits"));
    for (std::size_t begin = 0; begin < last.size();) {
      const std::size_t end = std::min(last.find('\n', begin), last.size());
      text += file(last.substr(begin, end - begin)) + "|";
      begin = end + 1;
    }
    return text;
  }
  std::string last;
};

TEST_F(ItemTest, AFileIsSplitByRowsBytesPartitionsOrAPattern) {
  EXPECT_EQ(pieces("a\nb\nc", "null"), "a\n|b\n|c\n|");
  EXPECT_EQ(pieces("a\nb\nc\n", R"({"rows":2})"), "a\nb\n|c\n|");
  EXPECT_EQ(pieces("a\nb\nc\n", R"({"rows":"2","separator":";"})"), "a;b;|c;|");
  EXPECT_EQ(pieces("aaa\nbb\nc\ndddd\ne", R"({"bytes":"6"})"), "aaa\nbb\n|c\ndddd\n|e\n|");
  EXPECT_EQ(pieces("aaa\nbb\nc\ndddd\ne", R"({"partitions":3})"), "aaa\ndddd\n|bb\ne\n|c\n|");
  EXPECT_EQ(pieces("x\ny", R"({"partitions":3})"), "x\n|y\n|");
  EXPECT_EQ(pieces("xa\nyb\nxc\nzz\n", R"x({"regexPattern":"^(.)"})x"), "xa\nxc\n|yb\n|zz\n|");
  EXPECT_EQ(pieces("xa\nyb\nxc\nxa", R"x({"regexPattern":"^x(.)"})x"), "xa\nxa\n|xc\n|");
  EXPECT_EQ(pieces("xa\nyb\n", R"({"regexPattern":"x"})"), "");
  EXPECT_EQ(pieces("x\n\ny\r\nz\rw", "{}"), "x\n|\n|y\n|z\n|w\n|");
  EXPECT_EQ(pieces("", "{}"), "");
}

TEST_F(ItemTest, PiecesKeepTheExtension) {
  pieces("a", "{}", "data.csv");
  EXPECT_TRUE(last.ends_with(".csv")) << last;
  pieces("a", "{}", "data");
  EXPECT_TRUE(last.ends_with(".tmp")) << last;
}

TEST_F(ItemTest, WhatCannotBeSplitIsAnError) {
  EXPECT_EQ(error_of(kSplit, R"({"items":"abc"})"), "Unable to split the items from abc, this is not an internal storage URI!");
  const std::string uri = stored("in.txt", "a");
  EXPECT_EQ(error_of(kSplit, fmt::format(R"({{"items":"{}","batch":{{"rows":"x"}}}})", uri)), "`rows` must be a whole number above 0, got 'x'.");
  EXPECT_TRUE(error_of(kSplit, fmt::format(R"({{"items":"{}","batch":{{"regexPattern":"("}}}})", uri)).starts_with("`regexPattern` is no regular expression"));
}

TEST_F(ItemTest, OutputsOfTheBatchesBecomeOneFile) {
  platform.batches = {{{"v", "a\nb"}}, {{"v", 2}}};
  variables = std::make_unique<expression::ObjectVariables>(roots);
  flow::Task task = task_of(kMerge, {});
  task.id = TaskId("each_merge");
  result = run_job(setup(task));
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(platform.asked_items, "each_items");
  EXPECT_EQ(file(text_or(result.outputs, "subflowOutputs")), "{v:\"a\\nb\"}\n{v:2}\n");
  platform.batches.clear();
  result = run_job(setup(task));
  EXPECT_TRUE(result.outputs.empty());
}

TEST_F(ItemTest, AStateIsKeptMergedAndDeleted) {
  EXPECT_EQ(write_json(run(kState + "Get", "{}").outputs), R"({"count":0,"data":{}})");
  EXPECT_EQ(write_json(run(kState + "Set", R"({"data":{"a":1,"c":"{{ 1 + 1 }}"}})").outputs), R"({"count":2,"key":"f_states_tasks-states_default"})");
  EXPECT_EQ(write_json(run(kState + "Set", R"({"data":{"d":{"x":"y"}}})").outputs), R"({"count":3,"key":"f_states_tasks-states_default"})");
  EXPECT_EQ(write_json(run(kState + "Get", "{}").outputs), R"({"count":3,"data":{"a":1,"c":"2","d":{"x":"y"}}})");
  EXPECT_EQ(write_json(run(kState + "Get", R"({"name":"other"})").outputs), R"({"count":0,"data":{}})");
  EXPECT_EQ(write_json(run(kState + "Delete", "{}").outputs), R"({"deleted":true})");
  EXPECT_EQ(write_json(run(kState + "Delete", "{}").outputs), R"({"deleted":false})");
  EXPECT_EQ(error_of(kState + "Get", R"({"errorOnMissing":true})"), "State f_states_tasks-states_default not found");
  EXPECT_EQ(error_of(kState + "Delete", R"({"errorOnMissing":true})"), "Unable to find the state file 'default'");
  EXPECT_TRUE(error_of(kState + "Set", R"({"name":"../x"})").starts_with("`name` may hold"));
}

TEST_F(ItemTest, AStateBelongsToFlowNamespaceOrIteration) {
  EXPECT_EQ(text_or(run(kState + "Set", R"({"namespace":true,"name":"foo","data":{"x":1}})").outputs, "key"), "states_tasks-states_foo");
  owner.flow = FlowId("g");
  EXPECT_EQ(write_json(run(kState + "Get", R"({"namespace":true,"name":"foo"})").outputs), R"({"count":1,"data":{"x":1}})");
  EXPECT_EQ(write_json(run(kState + "Get", R"({"name":"foo"})").outputs), R"({"count":0,"data":{}})");
  roots["taskrun"] = JsonObject{{"value", "a"}};
  EXPECT_EQ(text_or(run(kState + "Set", R"({"data":{"x":1}})").outputs, "key"), "g_states_tasks-states_default_897859f6655555855a890e51483ab5e6");
  roots["taskrun"] = JsonObject{{"value", "b"}};
  EXPECT_EQ(text_or(run(kState + "Set", R"({"taskrunValue":false,"data":{"x":1}})").outputs, "key"), "g_states_tasks-states_default");
  EXPECT_EQ(text_or(run(kState + "Set", R"({"data":{"x":1}})").outputs, "key"), "g_states_tasks-states_default_eed1d3b157a9987ae9944e541e132efa");
}

TEST_F(ItemTest, ATriggerIsToggled) {
  run("io.kestra.plugin.core.trigger.Toggle", R"({"trigger":"daily"})");
  EXPECT_EQ(platform.toggled, "io.t f daily off");
  run("io.kestra.plugin.core.trigger.Toggle", R"({"trigger":"daily","namespace":"a.b","flowId":"g","enabled":"{{ true }}"})");
  EXPECT_EQ(platform.toggled, "a.b g daily on");
  EXPECT_EQ(error_of("io.kestra.plugin.core.trigger.Toggle", R"({"trigger":"none"})"), "Trigger not found");
}

TEST_F(ItemTest, AnHttpTriggerStartsWhenItsConditionHolds) {
  TestServer server([](const SeenRequest&) { return "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"ready\":true}"; });
  const auto outputs = [&](std::string_view more) { return run("io.kestra.plugin.core.http.Trigger", fmt::format(R"({{"uri":"{}"{}}})", server.url("/x"), more)).outputs; };
  EXPECT_EQ(text_or(outputs(""), "body"), "{\"ready\":true}");
  EXPECT_EQ(write_json(outputs(R"(,"responseCondition":"{{ json(response.body).ready }}")").at("code")), "200");
  EXPECT_TRUE(outputs(R"(,"responseCondition":"{{ response.statusCode == 201 }}")").empty());
}

}  // namespace
}  // namespace insula::tasks
