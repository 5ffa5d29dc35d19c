// The graph of a flow as pictures of it need it: tasks and triggers as nodes, what follows what as edges, each flowable as a cluster with a
// beginning and an end of its own (features.md §5.9). With task runs it is the graph of an execution: a node for each run of a task.
#pragma once
#include "flow/model.h"

namespace insula::flow {

enum class Relation { none, sequential, parallel, choice, dynamic, error, finally, after_execution };
std::string_view to_string(Relation relation);   // "SEQUENTIAL"; none: ""

// What a graph needs of a task run.
struct GraphRun {
  std::string id;
  TaskId task;
  std::string parent;                  // task run of the enclosing flowable; empty = top level
  std::optional<std::string> value;    // of a loop
};

struct GraphNode {
  enum class Kind { root, end, finally, after_execution, task, subflow, trigger };
  Kind kind = Kind::task;
  std::string uid;                     // `root.<cluster>.<task>`
  Relation relation = Relation::none;  // of tasks: of the list it stands in, of a flowable: between its children
  Relation branch = Relation::none;    // error, finally or after_execution: it stands first-hand in such a list
  const Task* task = nullptr;
  const Trigger* trigger = nullptr;
  std::optional<std::size_t> run = {};        // index into the given task runs
  std::vector<std::string> values = {};       // of the loops around the run and of itself, from the outside in
};

struct GraphEdge {
  std::string source, target;          // uids
  Relation relation = Relation::none;
  std::optional<std::string> value = {};      // the case of a choice, or the value of a loop
};

struct GraphCluster {
  enum class Kind { flowable, subflow, triggers };
  Kind kind = Kind::flowable;
  std::string uid;                     // `cluster_` and the uid of its task
  Relation relation = Relation::none, branch = Relation::none;
  std::optional<std::size_t> task = {};       // the node of its flowable; none for triggers
  std::string start, end, finally;     // uids of its own nodes; there is a node `finally` only if it has such tasks
  std::vector<std::string> nodes = {};        // direct members, and of direct inner clusters their uid, start and end
  std::vector<std::string> parents = {};      // clusters around it, from the outside in
};

struct FlowGraph {
  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;
  std::vector<GraphCluster> clusters;  // an outer one before its inner ones
  std::vector<std::shared_ptr<const Flow>> flows;   // what nodes point into
};

struct GraphRequest {
  std::shared_ptr<const Flow> flow;
  std::span<const GraphRun> runs = {};             // of an execution
  std::span<const std::string> expanded = {};      // uids of subflow tasks that are shown with what is in them
  // The flow that a subflow task starts. An error ends the drawing. Not called without `expanded`.
  std::function<Result<std::shared_ptr<const Flow>>(const Task& task, std::optional<std::size_t> run)> subflow = {};
};

// Uids are the same for the same request. The graph is as large as the flow and the runs are.
Result<FlowGraph> graph_of(const GraphRequest& request);

}  // namespace insula::flow
