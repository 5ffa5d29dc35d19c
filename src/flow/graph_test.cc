// Each graph_cases/*.yaml is drawn; beside it stands its graph, which is what 1.3 draws. INSULA_REWRITE_GOLDEN=1 writes those files anew.
#include "flow/graph.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "flow/flow.h"
#include "flow/test_catalog.h"

namespace insula::flow {
namespace {

namespace fs = std::filesystem;
using Kind = PropertyInfo::Kind;

std::string core(std::string_view name) { return fmt::format("io.kestra.plugin.core.flow.{}", name); }

std::vector<TaskPart> parts_of_items(const JsonObject& written) {
  static const TypeInfo split{.type = core("ForEachItem$ForEachItemSplit"), .runs = Runs::job};
  static const TypeInfo items{.type = core("ForEachItem$ForEachItemExecutable"), .runs = Runs::subflow};
  static const TypeInfo merge{.type = core("ForEachItem$ForEachItemMergeOutputs"), .runs = Runs::job};
  std::vector<TaskPart> parts;
  for (const auto& [info, suffix] : {std::pair{&split, "_split"}, {&items, "_items"}, {&merge, "_merge"}})
    parts.push_back({info, {{"id", text_or(written, "id") + suffix}, {"type", info->type}}});
  return parts;
}

// That of the other tests, and the flowables it lacks.
const Catalog& catalog() {
  static const Catalog filled = [] {
    Catalog list = test_catalog();
    const PropertyInfo tasks{.name = "tasks", .kind = Kind::task_list};
    for (const char* name : {"Parallel", "AllowFailure", "ForEach", "EachSequential", "EachParallel", "LoopUntil"}) {
      TypeInfo info{.type = core(name), .runs = Runs::flowable, .properties = {tasks}};
      for (const char* own : {"values", "value", "concurrencyLimit", "condition"}) info.properties.push_back({.name = own});
      list.add(std::move(info));
    }
    TypeInfo items{.type = core("ForEachItem"), .runs = Runs::flowable, .parts = parts_of_items};
    for (const char* own : {"items", "namespace", "flowId", "batch"}) items.properties.push_back({.name = own});
    list.add(std::move(items));
    return list;
  }();
  return filled;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::shared_ptr<const Flow> flow_of(std::string_view source) {
  const ReadFlow read = read_flow(source, catalog());
  EXPECT_TRUE(read.flow != nullptr) << read.report.constraints;
  return read.flow;
}

// A mark says nothing.
std::string shown(std::string_view uid) {
  const std::size_t dash = uid.rfind('-');
  const bool is_end = dash != std::string_view::npos && uid.size() - dash == 23;
  return std::string(is_end ? uid.substr(0, dash) : uid);
}

std::string shown(const std::vector<std::string>& uids) {
  std::vector<std::string> list;
  for (const std::string& uid : uids) list.push_back(shown(uid));
  std::ranges::sort(list);
  return join(list, " ");
}

std::string lines(std::vector<std::string> list) {
  std::ranges::sort(list);
  return join(list, "\n") + "\n";
}

std::string_view word(Relation relation) { return relation == Relation::none ? "-" : to_string(relation); }

std::string describe(const FlowGraph& graph) {
  constexpr std::array<std::string_view, 7> kinds = {"root", "end", "finally", "after", "task", "subflow", "trigger"};
  std::vector<std::string> nodes, edges, clusters;
  for (const GraphNode& node : graph.nodes)
    nodes.push_back(fmt::format("{} {} {} {}", kinds[static_cast<std::size_t>(node.kind)], shown(node.uid), word(node.relation), word(node.branch)));
  for (const GraphEdge& edge : graph.edges) edges.push_back(fmt::format("{} -> {} {} {}", shown(edge.source), shown(edge.target), word(edge.relation), edge.value.value_or("-")));
  for (const GraphCluster& cluster : graph.clusters)
    clusters.push_back(fmt::format("{} {} {} of {} from {} to {} in ({}): {}", cluster.uid, word(cluster.relation), word(cluster.branch), cluster.task ? graph.nodes[*cluster.task].uid : "-",
                                   shown(cluster.start), shown(cluster.end), join(cluster.parents, " "), shown(cluster.nodes)));
  return lines(nodes) + "---\n" + lines(edges) + "---\n" + lines(clusters);
}

TEST(Graph, IsDrawnAsTheGoldenFilesSay) {
  const bool rewrite = std::getenv("INSULA_REWRITE_GOLDEN") != nullptr;
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(INSULA_GRAPH_CASES)) {
    if (entry.path().extension() != ".yaml") continue;
    ++seen;
    const auto graph = graph_of({.flow = flow_of(read_file(entry.path()))});
    ASSERT_TRUE(graph) << entry.path();
    fs::path expected = entry.path();
    expected.replace_extension(".expected");
    if (rewrite) std::ofstream(expected, std::ios::binary) << describe(*graph);
    else EXPECT_EQ(describe(*graph), read_file(expected)) << entry.path();
  }
  EXPECT_GE(seen, 13);
}

// ---- graphs of executions

constexpr std::string_view kLoops = R"(
id: loops
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b]
    tasks:
      - {id: one, type: io.kestra.plugin.core.log.Log, message: m}
      - id: inner
        type: io.kestra.plugin.core.flow.ForEach
        values: [x, y]
        tasks:
          - {id: two, type: io.kestra.plugin.core.log.Log, message: m}
  - {id: last, type: io.kestra.plugin.core.log.Log, message: m}
)";

std::vector<std::string> task_uids(const FlowGraph& graph) {
  std::vector<std::string> uids;
  for (const GraphNode& node : graph.nodes)
    if (node.task != nullptr) uids.push_back(node.uid);
  return uids;
}

TEST(Graph, OfAnExecutionHasANodeForEachRunOfATask) {
  const std::vector<GraphRun> runs = {{"1", TaskId("each"), "", {}},     {"2", TaskId("one"), "1", "a"},  {"3", TaskId("inner"), "1", "a"}, {"4", TaskId("two"), "3", "x"},
                                      {"5", TaskId("two"), "3", "y"},    {"6", TaskId("one"), "1", "b"},  {"7", TaskId("inner"), "1", "b"}};
  const auto graph = graph_of({.flow = flow_of(kLoops), .runs = runs});
  ASSERT_TRUE(graph);
  // The second inner loop has not come to its task: it is drawn all the same.
  EXPECT_EQ(task_uids(*graph), (std::vector<std::string>{"root.each", "root.each.one_a", "root.each.one_b", "root.each.inner_a", "root.each.inner.two_a_x", "root.each.inner.two_a_y", "root.each.inner_b",
                                                         "root.each.inner.two_b", "root.last"}));
  const auto two = std::ranges::find(graph->nodes, "root.each.inner.two_a_y", &GraphNode::uid);
  EXPECT_EQ(two->run, 4U);
  EXPECT_EQ(two->values, (std::vector<std::string>{"a", "y"}));
}

TEST(Graph, HasNoTwoNodesOrClustersOfOneName) {
  const std::vector<GraphRun> runs = {{"1", TaskId("each"), "", {}}, {"3", TaskId("inner"), "1", "a"}, {"7", TaskId("inner"), "1", "b"}};
  const auto graph = graph_of({.flow = flow_of(kLoops), .runs = runs});
  ASSERT_TRUE(graph);
  std::set<std::string> names;
  for (const GraphNode& node : graph->nodes) EXPECT_TRUE(names.insert(node.uid).second) << node.uid;
  for (const GraphCluster& cluster : graph->clusters) EXPECT_TRUE(names.insert(cluster.uid).second) << cluster.uid;
  for (const GraphEdge& edge : graph->edges) EXPECT_TRUE(names.contains(edge.source) && names.contains(edge.target)) << edge.source << edge.target;
}

TEST(Graph, IsTheSameEachTimeItIsDrawn) {
  const auto first = graph_of({.flow = flow_of(kLoops)}), second = graph_of({.flow = flow_of(kLoops)});
  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->nodes.size(), second->nodes.size());
  for (std::size_t i = 0; i < first->nodes.size(); ++i) EXPECT_EQ(first->nodes[i].uid, second->nodes[i].uid);
}

// ---- subflows

constexpr std::string_view kParent = R"(
id: parent
namespace: company.team
tasks:
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, flowId: loops}
  - {id: last, type: io.kestra.plugin.core.log.Log, message: m}
)";

TEST(Graph, ShowsWhatIsInASubflowWhenItIsExpanded) {
  const std::vector<std::string> expanded = {"root.sub"};
  const auto graph = graph_of({.flow = flow_of(kParent), .expanded = expanded, .subflow = [](const Task&, std::optional<std::size_t>) -> Result<std::shared_ptr<const Flow>> { return flow_of(kLoops); }});
  ASSERT_TRUE(graph);
  EXPECT_EQ(task_uids(*graph), (std::vector<std::string>{"root.sub", "root.sub.each", "root.sub.each.one", "root.sub.each.inner", "root.sub.each.inner.two", "root.sub.last", "root.last"}));
  EXPECT_EQ(graph->clusters.front().kind, GraphCluster::Kind::subflow);
}

TEST(Graph, OfASubflowThatIsNotThereIsAnError) {
  const std::vector<std::string> expanded = {"root.sub"};
  const auto graph = graph_of({.flow = flow_of(kParent), .expanded = expanded, .subflow = [](const Task&, std::optional<std::size_t>) -> Result<std::shared_ptr<const Flow>> {
                                 return fail(ErrorKind::not_found, "not-found", "no such flow");
                               }});
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().message, "no such flow");
}

}  // namespace
}  // namespace insula::flow
