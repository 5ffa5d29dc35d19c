#include "api/graph_json.h"

namespace insula::api {
namespace {

using Kind = flow::GraphNode::Kind;
using Written = std::unordered_map<const flow::Task*, const JsonObject*>;

std::string_view class_of(Kind kind) {
  switch (kind) {
    case Kind::root: return "GraphClusterRoot";
    case Kind::end: return "GraphClusterEnd";
    case Kind::finally: return "GraphClusterFinally";
    case Kind::after_execution: return "GraphClusterAfterExecution";
    case Kind::task: return "GraphTask";
    case Kind::subflow: return "SubflowGraphTask";
    case Kind::trigger: return "GraphTrigger";
  }
  return "GraphTask";
}

std::string java(std::string_view name) { return fmt::format("io.kestra.core.models.hierarchies.{}", name); }

void put(JsonObject& json, std::string_view key, flow::Relation relation) {
  if (relation != flow::Relation::none) json[key] = flow::to_string(relation);
}

// The written form of every task in one walk. Only an object with id and type of a task is one: inputs have both, too.
void find_written(const flow::Flow& flow, const Json& tree, Written& written) {
  if (const auto* list = tree.if_array())
    for (const Json& item : *list) find_written(flow, item, written);
  const auto* object = tree.if_object();
  if (object == nullptr) return;
  if (object->contains("id") && object->contains("type"))
    if (const flow::Task* task = flow.find(TaskId(text_or(*object, "id"))); task != nullptr && task->written_type == text_or(*object, "type")) written.try_emplace(task, object);
  for (const auto& [key, value] : *object)
    if (value.is_structured()) find_written(flow, value, written);
}

Written written_tasks(const flow::FlowGraph& graph) {
  Written written;
  for (const auto& flow : graph.flows)
    for (const char* list : {"tasks", "errors", "finally", "afterExecution"})
      if (const Json* tasks = find(flow->tree, list)) find_written(*flow, *tasks, written);
  return written;
}

JsonObject task_json(const flow::Task& task, const GraphShape& shape, const Written& written) {
  if (shape.whole)
    if (const auto found = written.find(&task); found != written.end()) return *found->second;
  JsonObject json{{"id", task.id.str()}, {"type", task.written_type}};
  if (shape.whole)   // a part of another task, which nobody wrote
    for (const auto& [key, value] : task.properties) json[key] = value;
  return json;
}

JsonObject node_json(const flow::GraphNode& node, const GraphShape& shape, const Written& written) {
  JsonObject json{{"uid", node.uid}, {"type", java(class_of(node.kind))}};
  put(json, "branchType", node.branch);
  if (node.task != nullptr) json["task"] = task_json(*node.task, shape, written);
  if (node.trigger != nullptr) {
    if (shape.whole) json["triggerDeclaration"] = node.trigger->tree;
    else json["triggerDeclaration"] = JsonObject{{"id", node.trigger->id.str()}, {"type", node.trigger->written_type}};
    if (const auto state = shape.triggers.find(node.trigger->id.str()); state != shape.triggers.end() && node.uid.starts_with("root.Triggers.")) json["trigger"] = state->second;
  }
  if (node.run) {
    json["taskRun"] = shape.task_run(*node.run);
    JsonArray values;
    for (const std::string& value : node.values) values.emplace_back(value);
    json["values"] = std::move(values);
  }
  put(json, "relationType", node.relation);
  return json;
}

JsonObject edge_json(const flow::GraphEdge& edge) {
  JsonObject relation;
  put(relation, "relationType", edge.relation);
  if (edge.value) relation["value"] = *edge.value;
  return {{"source", edge.source}, {"target", edge.target}, {"relation", std::move(relation)}};
}

JsonArray texts(const std::vector<std::string>& list) {
  JsonArray array;
  for (const std::string& text : list) array.emplace_back(text);
  return array;
}

JsonObject cluster_json(const flow::GraphCluster& cluster, const std::vector<JsonObject>& nodes) {
  JsonObject inner{{"uid", cluster.uid}, {"type", java(cluster.kind == flow::GraphCluster::Kind::subflow ? "SubflowGraphCluster" : "GraphCluster")}};
  put(inner, "branchType", cluster.branch);
  put(inner, "relationType", cluster.relation);
  if (cluster.task) inner["taskNode"] = nodes[*cluster.task];
  inner["finally"] = JsonObject{{"uid", cluster.finally}, {"type", java(class_of(Kind::finally))}};
  return {{"cluster", std::move(inner)}, {"nodes", texts(cluster.nodes)}, {"parents", texts(cluster.parents)}, {"start", cluster.start}, {"end", cluster.end}};
}

}  // namespace

JsonObject graph_json(const flow::FlowGraph& graph, const GraphShape& shape) {
  const Written written = shape.whole ? written_tasks(graph) : Written{};
  std::vector<JsonObject> nodes;
  for (const flow::GraphNode& node : graph.nodes) nodes.push_back(node_json(node, shape, written));
  JsonArray edges, clusters;
  for (const flow::GraphEdge& edge : graph.edges) edges.push_back(edge_json(edge));
  for (const flow::GraphCluster& cluster : graph.clusters) clusters.push_back(cluster_json(cluster, nodes));
  return {{"nodes", JsonArray(nodes.begin(), nodes.end())}, {"edges", std::move(edges)}, {"clusters", std::move(clusters)}};
}

}  // namespace insula::api
