#include <gtest/gtest.h>

#include "api/test_bench.h"
#include "execution/execution.h"

namespace insula::api {
namespace {

constexpr std::string_view kChild = "id: child\nnamespace: company.other\ntasks:\n  - {id: in_child, type: io.kestra.plugin.core.log.Log, message: m}\n";
constexpr std::string_view kFlow = R"(id: parent
namespace: company.team
tasks:
  - id: choose
    type: io.kestra.plugin.core.flow.If
    condition: "{{ true }}"
    then:
      - {id: asked, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: choose, type: STRING}]}
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: company.other, flowId: child}
  - {id: dynamic, type: io.kestra.plugin.core.flow.Subflow, namespace: company.other, flowId: "{{ 'child' }}"}
)";

class Graphs : public testing::Test {
 protected:
  Graphs() : bench_({}, 1, catalog()), ada_(bench_.add_user("ada", true)) {
    bench_.grant(ada_.id, bench_.add_tenant("acme"));
    EXPECT_EQ(save(kChild).status, 200);
    EXPECT_EQ(save(kFlow).status, 200);
  }

  static std::shared_ptr<flow::Catalog> catalog() {
    auto filled = std::make_shared<flow::Catalog>();
    execution::register_types(*filled);
    return filled;
  }
  Answer ask(std::string_view method, std::string_view path, std::string_view body = {}) {
    return bench_.call(method, fmt::format("/api/v1/acme{}", path), std::string(body), {{"Authorization", basic("ada@example.com")}, {"Content-Type", "application/x-yaml"}});
  }
  Answer save(std::string_view source) { return ask("POST", "/flows", source); }

  static const JsonObject& node(const Json& graph, std::string_view uid) {
    for (const Json& one : graph.at("nodes").as_array())
      if (text_or(one.as_object(), "uid") == uid) return one.as_object();
    static const JsonObject none;
    return none;
  }

  TestBench bench_;
  store::UserRow ada_;
};

TEST_F(Graphs, OfAFlowShowTasksAsTheyWereWritten) {
  const Answer answer = ask("GET", "/flows/company.team/parent/graph");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json graph = answer.json();
  EXPECT_EQ(node(graph, "root.choose").at("type"), "io.kestra.core.models.hierarchies.GraphTask");
  EXPECT_EQ(node(graph, "root.choose").at("task").at("condition"), "{{ true }}");   // and not the input of the same id
  EXPECT_EQ(node(graph, "root.choose").at("relationType"), "CHOICE");
  EXPECT_EQ(node(graph, "root.sub").at("type"), "io.kestra.core.models.hierarchies.SubflowGraphTask");
  EXPECT_EQ(graph.at("clusters").at(0).at("cluster").at("taskNode"), Json(node(graph, "root.choose")));
  EXPECT_TRUE(graph.at("edges").at(0).at("relation").as_object().empty());
}

TEST_F(Graphs, OfATextNeedNoSavedFlow) {
  const Answer answer = ask("POST", "/flows/graph", kChild);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(node(answer.json(), "root.in_child").at("relationType"), "SEQUENTIAL");
  EXPECT_EQ(ask("POST", "/flows/graph", "id: x\nnamespace: y\n").status, 422);
  EXPECT_EQ(ask("GET", "/flows/company.team/none/graph").status, 404);
}

TEST_F(Graphs, OpenSubflowsThatTheTextNames) {
  const Answer answer = ask("GET", "/flows/company.team/parent/graph?subflows=root.sub");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_FALSE(node(answer.json(), "root.sub.in_child").empty());
  EXPECT_EQ(ask("GET", "/flows/company.team/parent/graph?subflows=root.dynamic").status, 422);
}

TEST_F(Graphs, OpenNoSubflowInANamespaceThatTheCallerMayNotSee) {
  const store::UserRow bob = bench_.add_user("bob");
  const JsonObject binding{{"type", "USER"}, {"externalId", bob.id.str()}, {"roleId", "VIEWER"}, {"namespaceId", "company.team"}};
  const Answer bound = bench_.call("POST", "/api/v1/acme/bindings", write_json(binding), {{"Authorization", basic("ada@example.com")}});
  ASSERT_EQ(bound.status, 200) << bound.body;
  const auto as_bob = [&](std::string_view query) { return bench_.call("GET", fmt::format("/api/v1/acme/flows/company.team/parent/graph{}", query), {}, {{"Authorization", basic("bob@example.com")}}); };
  EXPECT_EQ(as_bob("").status, 200);
  EXPECT_EQ(as_bob("?subflows=root.sub").status, 404);
}

TEST_F(Graphs, OfAnExecutionShowItsTaskRunsAndNotWhatIsWritten) {
  const Answer started = ask("POST", "/executions/company.other/child?wait=true");
  ASSERT_EQ(started.status, 200) << started.body;
  const Answer answer = ask("GET", fmt::format("/executions/{}/graph", text_or(started.json().as_object(), "id")));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json graph = answer.json();
  EXPECT_EQ(node(graph, "root.in_child").at("task"), Json(JsonObject{{"id", "in_child"}, {"type", "io.kestra.plugin.core.log.Log"}}));
  EXPECT_EQ(node(graph, "root.in_child").at("taskRun").at("state").at("current"), "SUCCESS");
  EXPECT_EQ(node(graph, "root.in_child").at("values"), Json(JsonArray{}));
}

TEST_F(Graphs, OfAnExecutionOpenTheSubflowThatItStarted) {
  EXPECT_EQ(save("id: starter\nnamespace: company.team\ntasks:\n  - {id: dynamic, type: io.kestra.plugin.core.flow.Subflow, namespace: company.other, flowId: \"{{ 'child' }}\"}\n").status, 200);
  const Answer started = ask("POST", "/executions/company.team/starter?wait=true");
  ASSERT_EQ(started.status, 200) << started.body;
  const Answer answer = ask("GET", fmt::format("/executions/{}/graph?subflows=root.dynamic", text_or(started.json().as_object(), "id")));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_FALSE(node(answer.json(), "root.dynamic.in_child").empty());
}

}  // namespace
}  // namespace insula::api
