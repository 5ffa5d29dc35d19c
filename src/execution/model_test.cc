#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

Instant at(int seconds) { return *parse_instant("2026-11-24T16:45:30.000001Z") + std::chrono::seconds(seconds); }

TEST(StateHistory, PacksAndUnpacks) {
  StateHistory history(State::created, at(0));
  history.move_to(State::submitted, at(1));
  history.move_to(State::retried, at(2));
  EXPECT_EQ(letters(history), "CSY");
  const StateHistory back = StateHistory::unpack(history.pack());
  EXPECT_EQ(back.pack(), history.pack());
  EXPECT_EQ(back.end(), at(2));
  EXPECT_TRUE(StateHistory::unpack("").entries().empty());
  EXPECT_EQ(parse_state("CANCELED"), State::cancelled);
  EXPECT_FALSE(parse_state("running"));
}

TEST(Model, ATaskRunOfAWorkerShowsAsTheOriginalDoes) {
  Header header;
  header.id = ExecutionId("e");
  header.ns = Namespace("io.rec");
  header.flow_id = FlowId("rec-flow");
  header.flow_revision = 4;
  header.original_id = header.id;
  header.original_created = at(0);
  header.state = StateHistory(State::created, at(0));
  header.labels = {{"team", "a"}};
  TaskRun row;
  row.id = TaskRunId("t");
  row.task_id = TaskId("ret");
  row.parent_id = TaskRunId("p");
  row.value = "a";
  row.iteration = 0;
  row.state = StateHistory({{State::created, at(0)}, {State::submitted, at(0)}, {State::running, at(0)}, {State::success, at(1)}});
  row.attempts.push_back({StateHistory({{State::created, at(0)}, {State::running, at(0)}, {State::success, at(1)}}), "w", {}});
  EXPECT_EQ(write_json(to_json(row, header)),
            R"({"id":"t","executionId":"e","namespace":"io.rec","flowId":"rec-flow","taskId":"ret","parentTaskRunId":"p","value":"a","attempts":[{"state":{"current":"SUCCESS","histories":[)"
            R"({"state":"CREATED","date":"2026-11-24T16:45:30.000001Z"},{"state":"RUNNING","date":"2026-11-24T16:45:30.000001Z"},{"state":"SUCCESS","date":"2026-11-24T16:45:31.000001Z"}],)"
            R"("duration":"PT1S","endDate":"2026-11-24T16:45:31.000001Z","startDate":"2026-11-24T16:45:30.000001Z"},"workerId":"w"}],"outputs":{},"state":{"current":"SUCCESS","histories":[)"
            R"({"state":"CREATED","date":"2026-11-24T16:45:30.000001Z"},{"state":"SUBMITTED","date":"2026-11-24T16:45:30.000001Z"},{"state":"RUNNING","date":"2026-11-24T16:45:30.000001Z"},)"
            R"({"state":"SUCCESS","date":"2026-11-24T16:45:31.000001Z"}],"duration":"PT1S","endDate":"2026-11-24T16:45:31.000001Z","startDate":"2026-11-24T16:45:30.000001Z"},"iteration":0})");
  EXPECT_EQ(write_json(to_json(header, {})),
            R"({"id":"e","namespace":"io.rec","flowId":"rec-flow","flowRevision":4,"labels":[{"key":"team","value":"a"}],"state":{"current":"CREATED","histories":[{"state":"CREATED","date":"2026-11-24T16:45:30.000001Z"}],)"
            R"("startDate":"2026-11-24T16:45:30.000001Z"},"originalId":"e","deleted":false,"metadata":{"attemptNumber":1,"originalCreatedDate":"2026-11-24T16:45:30.000001Z"}})");
}

TEST(Types, EveryExampleIsAValidFlow) {
  flow::Catalog with_jobs;
  register_types(with_jobs);
  // Stand for the types of `tasks` that the example of WorkingDirectory names.
  flow::TypeInfo shell{.type = "io.kestra.plugin.scripts.shell.Commands"};
  for (const char* name : {"taskRunner", "commands"}) shell.properties.emplace_back().name = name;
  with_jobs.add(std::move(shell));
  with_jobs.add({.type = "io.kestra.plugin.core.runner.Process", .category = flow::TypeCategory::task_runner});
  for (const flow::TypeInfo* info : with_jobs.all()) {
    if (info->example.empty()) continue;
    const flow::ReadFlow read = flow::read_flow(info->example, with_jobs);
    EXPECT_TRUE(read.report.violations.empty()) << info->type << ": " << (read.report.violations.empty() ? "" : read.report.violations[0].message);
    EXPECT_FALSE(info->title.empty()) << info->type;
    EXPECT_FALSE(info->doc.empty()) << info->type;
  }
}

TEST(Types, OldNamesAreKnown) {
  EXPECT_NE(catalog().find("io.kestra.core.tasks.log.Log"), nullptr);
  EXPECT_NE(catalog().find("io.kestra.core.tasks.flows.Flow"), nullptr);
  EXPECT_EQ(catalog().find("io.kestra.core.tasks.debugs.Return")->type, "io.kestra.plugin.core.debug.Return");
}

TEST(Types, DagTellsMissingAndCyclicDependencies) {
  const auto violations = [](std::string_view depends_a, std::string_view depends_b) {
    const flow::ReadFlow read = flow::read_flow(fmt::format("id: f\nnamespace: a.b\ntasks:\n- id: d\n  type: io.kestra.plugin.core.flow.Dag\n  tasks:\n  - {{task: {{id: a, type: test.Job}}, dependsOn: [{}]}}\n  - {{task: {{id: b, type: test.Job}}, dependsOn: [{}]}}\n", depends_a, depends_b), catalog());
    return read.report.constraints;
  };
  EXPECT_EQ(violations("", "a"), "");
  EXPECT_NE(violations("", "q").find("Not existing task id in dependency: q"), std::string::npos);
  EXPECT_NE(violations("b", "a").find("Cyclic dependency detected: a, b"), std::string::npos);
}

}  // namespace
}  // namespace insula::execution::test
