#include <gtest/gtest.h>

#include "api/test_bench.h"
#include "api/topology.h"
#include "execution/execution.h"
#include "triggers/triggers.h"

namespace insula::api {
namespace {

std::string flow(std::string_view ns, std::string_view id, std::string_view more = {}) {
  return fmt::format("id: {}\nnamespace: {}\ntasks:\n  - {{id: log, type: io.kestra.plugin.core.log.Log, message: m}}\n{}", id, ns, more);
}
std::string starts(std::string_view ns, std::string_view id) { return fmt::format("  - {{id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: {}, flowId: {}}}\n", ns, id); }
std::string follows(std::string_view ns, std::string_view id) {
  return fmt::format("triggers:\n  - {{id: after, type: io.kestra.plugin.core.trigger.Flow, preconditions: {{id: p, flows: [{{namespace: {}, flowId: {}}}]}}}}\n", ns, id);
}

// first → second → third, each in its own way; other.fourth follows third.
class Dependencies : public testing::Test {
 protected:
  Dependencies() : bench_({}, 1, catalog()), ada_(bench_.add_user("ada", true)) {
    bench_.grant(ada_.id, bench_.add_tenant("acme"));
    for (const std::string& source : {flow("team", "alone"), flow("team", "first", starts("team", "second")), flow("team", "second"), flow("team", "third", follows("team", "second")), flow("other", "fourth", follows("team", "third"))})
      EXPECT_EQ(bench_.call("POST", "/api/v1/acme/flows", source, {{"Authorization", basic("ada@example.com")}, {"Content-Type", "application/x-yaml"}}).status, 200);
  }

  static std::shared_ptr<flow::Catalog> catalog() {
    auto filled = std::make_shared<flow::Catalog>();
    execution::register_types(*filled);
    triggers::register_types(*filled);
    return filled;
  }
  // `acme_team_first -> acme_team_second FLOW_TASK`, in order; then the nodes.
  std::vector<std::string> ask(std::string_view path, std::string_view who = "ada") {
    const Answer answer = bench_.call("GET", fmt::format("/api/v1/acme{}", path), {}, {{"Authorization", basic(fmt::format("{}@example.com", who))}});
    if (answer.status != 200) return {fmt::format("{}", answer.status)};
    const Json graph = answer.json();
    std::vector<std::string> lines;
    for (const Json& edge : graph.at("edges").as_array()) lines.push_back(fmt::format("{} -> {} {}", text_or(edge.as_object(), "source"), text_or(edge.as_object(), "target"), text_or(edge.as_object(), "relation")));
    std::ranges::sort(lines);
    for (const Json& node : graph.at("nodes").as_array()) lines.push_back(text_or(node.as_object(), "uid"));
    return lines;
  }

  TestBench bench_;
  store::UserRow ada_;
};
using Lines = std::vector<std::string>;

TEST_F(Dependencies, OfAFlowAreThoseItTouches) {
  EXPECT_EQ(ask("/flows/team/second/dependencies"), (Lines{"acme_team_first -> acme_team_second FLOW_TASK", "acme_team_second -> acme_team_third FLOW_TRIGGER", "acme_team_first", "acme_team_second", "acme_team_third"}));
  EXPECT_EQ(ask("/flows/team/second/dependencies?destinationOnly=true"), (Lines{"acme_team_first -> acme_team_second FLOW_TASK", "acme_team_first", "acme_team_second"}));
  EXPECT_EQ(ask("/flows/team/first/dependencies?expandAll=true").size(), 3U + 4U);
  EXPECT_EQ(ask("/flows/team/alone/dependencies"), Lines{});
  EXPECT_EQ(ask("/flows/team/none/dependencies"), Lines{});
}

TEST_F(Dependencies, OfANamespaceNameAllItsFlows) {
  EXPECT_EQ(ask("/namespaces/other/dependencies"), (Lines{"acme_team_third -> acme_other_fourth FLOW_TRIGGER", "acme_other_fourth", "acme_team_third"}));
  EXPECT_EQ(ask("/namespaces/team/dependencies?destinationOnly=true").size(), 2U + 4U);
}

TEST_F(Dependencies, OfATenantAreAllLinks) { EXPECT_EQ(ask("/dependencies").size(), 3U + 4U); }

TEST_F(Dependencies, AreToldOfFlowsThatTheCallerMaySee) {
  const store::UserRow bob = bench_.add_user("bob");
  const JsonObject binding{{"type", "USER"}, {"externalId", bob.id.str()}, {"roleId", "VIEWER"}, {"namespaceId", "team"}};
  ASSERT_EQ(bench_.call("POST", "/api/v1/acme/bindings", write_json(binding), {{"Authorization", basic("ada@example.com")}}).status, 200);
  EXPECT_EQ(ask("/flows/team/third/dependencies", "bob"), (Lines{"acme_team_second -> acme_team_third FLOW_TRIGGER", "acme_team_second", "acme_team_third"}));
  EXPECT_EQ(ask("/dependencies", "bob").size(), 2U + 3U);
  EXPECT_EQ(ask("/namespaces/other/dependencies", "bob"), Lines{"403"});
}

TEST(Topology, OfACircleEnds) {
  const Topology topology{{{Namespace("n"), FlowId("a")}, {Namespace("n"), FlowId("b")}}, {{0, 1, false}, {1, 0, true}}};
  EXPECT_EQ(topology.around(0, false, true).size(), 2U);
}

}  // namespace
}  // namespace insula::api
