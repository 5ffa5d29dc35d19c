// The graph of a flow or an execution as JSON, in 1.3's shape (features.md §5.9).
#pragma once
#include "api/call.h"
#include "flow/graph.h"

namespace insula::api {

struct GraphShape {
  bool whole = true;                                        // tasks and triggers as they were written; else no more than id and type
  std::function<JsonObject(std::size_t run)> task_run = {}; // of an execution: the task run of that number
  std::map<std::string, JsonObject> triggers = {};          // state of the triggers of the outermost flow, by id
};

JsonObject graph_json(const flow::FlowGraph& graph, const GraphShape& shape);

}  // namespace insula::api
