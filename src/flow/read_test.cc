#include "flow/read.h"

#include <gtest/gtest.h>

#include "flow/test_catalog.h"

namespace insula::flow {
namespace {

constexpr std::string_view kHead = "id: f\nnamespace: io.t\n";
constexpr std::string_view kTasks = "tasks:\n  - id: t\n    type: io.kestra.plugin.core.debug.Return\n    format: x\n";

std::string flow_with(std::string_view more) { return fmt::format("{}{}{}", kHead, kTasks, more); }

std::shared_ptr<const Flow> read(std::string_view source, const ReadOptions& options = {}) {
  const ReadFlow result = read_flow(source, test_catalog(), options);
  EXPECT_TRUE(result.flow) << result.report.constraints;
  return result.flow;
}

std::string constraints(std::string_view source) { return read_flow(source, test_catalog()).report.constraints; }

TEST(Read, TellsEverythingAtOnceWithItsPlace) {
  const ReadFlow result = read_flow("id: f\nnamespace: io.t\nnope: 1\ntasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Log\n    mesage: x\n", test_catalog());
  ASSERT_EQ(result.report.violations.size(), 3u);
  EXPECT_EQ(result.report.violations[0].path, "nope");
  EXPECT_EQ(result.report.violations[0].line, 3);
  EXPECT_EQ(result.report.violations[1].path, "tasks[0].mesage");
  EXPECT_EQ(result.report.violations[1].line, 7);
  EXPECT_EQ(result.report.violations[1].suggestion, "message");
  EXPECT_EQ(result.report.violations[2].message, "must not be null");
}

TEST(Read, SpeaksAsThePublishedOriginal) {
  EXPECT_EQ(constraints("id: bad id!\nnamespace: io.rec\ntasks: []\n"), "Validation error: id: must match \"^[a-zA-Z0-9][a-zA-Z0-9._-]*\"\ntasks: must not be empty\n");
  EXPECT_EQ(constraints("id: v2\nnamespace: io.rec\ntasks:\n  - id: a\n    type: io.kestra.nope\n"), "Validation error: Invalid type: io.kestra.nope");
  EXPECT_EQ(constraints("id: v3\nnamespace: io.rec\ntasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Log\n  - id: a\n    type: io.kestra.plugin.core.log.Log\n    message: x\n"),
            "Validation error: a.message: must not be null\n Invalid Flow: Duplicate task id with name [a]\n");
  EXPECT_EQ(constraints("id: pause\nnamespace: io.t\n" + std::string(kTasks)),
            "Validation error:  Invalid Flow: Flow id is a reserved keyword: pause. List of reserved keywords: pause, resume, force-run, change-status, kill, executions, search, source, "
            "disable, enable\n");
}

TEST(Read, RefusesCreationInTheShapeOfTheRecordedAnswers) {
  const Error empty = refusal(read_flow("id: nt\nnamespace: io.rec\n", test_catalog()));
  EXPECT_EQ(empty.message, "Invalid entity: tasks: must not be empty\n");
  ASSERT_EQ(empty.violations.size(), 1u);
  EXPECT_EQ(empty.violations[0].path, "tasks");

  const Error type = refusal(read_flow("id: ut\nnamespace: io.rec\ntasks:\n  - id: a\n    type: io.kestra.nope\n", test_catalog()));
  EXPECT_EQ(type.message, "Invalid entity: Invalid type: io.kestra.nope");
  ASSERT_EQ(type.violations.size(), 2u);
  EXPECT_EQ(type.violations[0].path, "io.kestra.core.models.flows.FlowWithSource[\"tasks\"]->java.util.ArrayList[0]");

  const Error property = refusal(read_flow("id: up\nnamespace: io.rec\ntasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Log\n    message: x\n    nope: 1\n", test_catalog()));
  EXPECT_TRUE(property.message.starts_with("Invalid entity: Unrecognized field \"nope\" (class io.kestra.plugin.core.log.Log), not marked as ignorable (18 known properties: ")) << property.message;
  EXPECT_EQ(property.violations[0].path, "io.kestra.core.models.flows.FlowWithSource[\"tasks\"]->java.util.ArrayList[0]->io.kestra.plugin.core.log.Log[\"nope\"]");

  const Error twice = refusal(read_flow(flow_with("id: g\n"), test_catalog()));
  EXPECT_EQ(twice.message, "Invalid entity: Illegal genericflow source: YAML parsing error: Duplicate field 'id' (at line 7)");
}

TEST(Read, LetsDuplicateKeysPassButNamesThem) {
  const ReadFlow result = read_flow(flow_with("description: a\ndescription: b\n"), test_catalog());
  EXPECT_TRUE(result.flow);
  ASSERT_EQ(result.duplicate_keys.size(), 1u);
  EXPECT_EQ(result.flow->description, "b");
}

TEST(Read, ChecksOneElementWithoutItsPrefix) {
  const auto task = [](std::string_view source) { return check_element(source, TypeCategory::task, test_catalog()).constraints; };
  EXPECT_EQ(task("{\"id\": \"a\", \"type\": \"io.kestra.plugin.core.log.Log\", \"message\": \"x\"}"), "");
  EXPECT_EQ(task("id: a\ntype: io.kestra.plugin.core.log.Log"), "message: must not be null\n");
  EXPECT_EQ(task("type: io.kestra.plugin.core.log.Log\nmessage: a"), "id: must not be null\nid: must not be blank\n");
  EXPECT_EQ(task("id: a\ntype: io.kestra.plugin.core.log.Log\nmessage: a\nretry: {type: constant, interval: PT10S, maxDuration: PT1S}"),
            "retry.intervalLessThanMaxDuration: 'interval' must be less than 'maxDuration'\n");
  EXPECT_EQ(task("id: a\ntype: io.kestra.plugin.core.flow.Sequential\ntasks:\n  - id: b\n    type: io.kestra.plugin.core.log.Log"), "b.message: must not be null\n");
  EXPECT_EQ(task("id: w\ntype: io.kestra.plugin.core.flow.WorkingDirectory"), "tasks: The 'tasks' property cannot be empty\n: The 'tasks' property cannot be empty\n");
  EXPECT_TRUE(task("id: w\ntype: io.kestra.plugin.core.flow.WorkingDirectory\ntasks:\n  - {id: p, type: io.kestra.plugin.core.flow.Pause, workerGroup: {key: a}}")
                  .contains(": Only runnable tasks are allowed as children of a WorkingDirectory task\n"));
  EXPECT_EQ(task("id: a"), "Invalid type: <null>");
  EXPECT_TRUE(task("a: [b").starts_with("Illegal task source: YAML parsing error: ")) << task("a: [b");
  EXPECT_EQ(check_element("id: a\ntype: io.kestra.plugin.core.trigger.Schedule\ncron: xx", TypeCategory::trigger, test_catalog()).constraints, ": invalid cron expression 'xx'\n");
  EXPECT_EQ(check_element("id: a\ntype: io.kestra.plugin.core.trigger.Schedule", TypeCategory::trigger, test_catalog()).constraints, "cron: must not be null\n");
}

TEST(Read, TakesFixedValuesOfOneListIntoAViolationOnlyOnce) {
  const ReadFlow result = read_flow(flow_with("labels: {system.a: b, system.c: d}\n"), test_catalog());
  EXPECT_EQ(result.report.violations.size(), 2u);
  EXPECT_EQ(result.report.constraints,
            "Validation error:  Invalid Flow: System labels can only be set by Kestra itself, offending label: system.a=b, System labels can only be set by Kestra itself, offending "
            "label: system.c=d\n");
}

TEST(Read, KeepsTheSourceButForItsRevision) {
  const auto flow = read("# mine\nid: f\nrevision: 3   # old\nnamespace: io.t\n" + std::string(kTasks));
  EXPECT_EQ(flow->source, "# mine\nid: f\nnamespace: io.t\n" + std::string(kTasks));
  EXPECT_EQ(read_flow(flow_with("revision: 3\n"), test_catalog()).report.written_revision, 3);
}

TEST(Read, CompilesAStoredSourceAgain) {
  const auto flow = compile_stored(flow_with(""), 4, test_catalog());
  ASSERT_TRUE(flow);
  EXPECT_EQ((*flow)->revision, 4);
  EXPECT_EQ((*flow)->task(0).id.str(), "t");
  const auto gone = compile_stored("id: f\nnamespace: io.t\ntasks:\n  - id: a\n    type: io.gone\n", 1, test_catalog());
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, "Invalid entity: Invalid type: io.gone");
}

TEST(Flow, FindsTasksAndTheBranchThatHoldsThem) {
  const auto flow = read(fmt::format(
      "{}tasks:\n  - id: a\n    type: io.kestra.plugin.core.flow.If\n    condition: x\n    then:\n      - {{id: b, type: io.kestra.plugin.core.debug.Return}}\n    else:\n      - {{id: c, type: "
      "io.kestra.plugin.core.debug.Return}}\nerrors:\n  - {{id: d, type: io.kestra.plugin.core.debug.Return}}\n",
      kHead));
  const Task* c = flow->find(TaskId("c"));
  ASSERT_TRUE(c);
  EXPECT_EQ(flow->branch_of(c->index).name, "else");
  EXPECT_EQ(flow->task(c->parent).id.str(), "a");
  EXPECT_EQ(flow->branch_of(flow->find(TaskId("d"))->index).name, "errors");
  EXPECT_EQ(flow->task(0).branch("then")->tasks.size(), 1u);
  EXPECT_EQ(flow->find(TaskId("zz")), nullptr);
}

TEST(PluginDefaults, LetTheTaskWinUnlessForced) {
  const ReadOptions options{.defaults = {{"io.kestra.plugin.core.log", false, {{"message", "global"}, {"level", "WARN"}}}, {"io.kestra.plugin.core.log.Log", true, {{"level", "ERROR"}}}}};
  const auto flow = read(fmt::format("{}tasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Log\n    message: own\n    level: TRACE\n  - id: b\n    type: io.kestra.core.tasks.log.Log\n", kHead), options);
  EXPECT_EQ(flow->task(0).properties, (JsonObject{{"message", "own"}, {"level", "ERROR"}}));
  EXPECT_EQ(flow->task(1).properties, (JsonObject{{"message", "global"}, {"level", "ERROR"}}));
  EXPECT_EQ(write_json(*find(flow->tree, "tasks")),
            R"([{"id":"a","type":"io.kestra.plugin.core.log.Log","message":"own","level":"TRACE"},{"id":"b","type":"io.kestra.core.tasks.log.Log"}])");
}

TEST(PluginDefaults, OfTheInnerLevelWinAndForcedOnesOfTheOuter) {
  const auto with = [](bool forced) {
    return read(fmt::format("{}tasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Log\npluginDefaults:\n  - type: io.kestra.plugin.core.log.Log\n    forced: {}\n    values: {{message: flow}}\n", kHead, forced),
                {.defaults = {{"io.kestra.plugin.core.log.Log", forced, {{"message", "global"}}}}});
  };
  EXPECT_EQ(*find(with(false)->task(0).properties, "message"), Json("flow"));
  EXPECT_EQ(*find(with(true)->task(0).properties, "message"), Json("global"));
}

TEST(PluginDefaults, MergeMapsAndReplaceLists) {
  const auto flow = read(fmt::format("{}tasks:\n  - id: a\n    type: io.kestra.plugin.core.http.Request\n    uri: x\n    headers: {{b: own, l: [3]}}\n", kHead),
                         {.defaults = {{"io.kestra.plugin.core.http", false, {{"headers", JsonObject{{"a", "default"}, {"b", "default"}, {"l", JsonArray{1, 2}}}}}}}});
  EXPECT_EQ(*find(flow->task(0).properties, "headers"), Json(JsonObject{{"a", "default"}, {"b", "own"}, {"l", JsonArray{3}}}));
}

TEST(Source, IsDisabledByOneLine) {
  EXPECT_EQ(with_disabled("id: f\n", true), "id: f\ndisabled: true\n");
  EXPECT_EQ(with_disabled("id: f", true), "id: f\ndisabled: true");
  EXPECT_EQ(with_disabled("id: f\ndisabled: false # why\nnamespace: a\n", true), "id: f\ndisabled: true # why\nnamespace: a\n");
  EXPECT_EQ(with_disabled("id: f\n\"disabled\" : no\n", true), "id: f\n\"disabled\" : true\n");
  EXPECT_EQ(with_disabled("tasks:\n  - disabled: true\n", false), "tasks:\n  - disabled: true\ndisabled: false\n");
  EXPECT_EQ(with_disabled("{\"id\": \"f\", \"disabled\": false}", true), "{\"id\": \"f\", \"disabled\": true}");
  EXPECT_EQ(with_disabled("{\"id\": \"f\"}", true), "{\"disabled\": true, \"id\": \"f\"}");
  EXPECT_EQ(with_disabled("id: f\ndisabled:\nx: y\n", true), "id: f\ndisabled: true\nx: y\n");
}

TEST(Source, LosesOnlyItsTopLevelRevision) {
  EXPECT_EQ(without_revision("id: f\nrevision: 2\ntasks:\n  - revision: 3\n"), "id: f\ntasks:\n  - revision: 3\n");
  EXPECT_EQ(without_revision("id: f\ntext: |\n  revision: 2\n"), "id: f\ntext: |\n  revision: 2\n");
  EXPECT_EQ(without_revision("{\"revision\": 2, \"id\": \"f\"}"), "{\"id\": \"f\"}");
  EXPECT_EQ(without_revision("{\"id\": \"f\", \"revision\": 2}"), "{\"id\": \"f\"}");
}

TEST(Catalog, FindsTypesByAliasAndSuggestsNearOnes) {
  const Catalog& catalog = test_catalog();
  EXPECT_EQ(catalog.find("io.kestra.core.tasks.log.Log"), catalog.find("io.kestra.plugin.core.log.Log"));
  EXPECT_EQ(catalog.find("io.kestra.plugin.core.log.log"), nullptr);
  EXPECT_EQ(catalog.nearest("io.kestra.core.log.Log"), "io.kestra.plugin.core.log.Log");
  EXPECT_EQ(catalog.nearest("io.kestra.plugin.core.log.Lgo"), "io.kestra.plugin.core.log.Log");
}

}  // namespace
}  // namespace insula::flow
