// Flows as JSON.
#pragma once
#include "api/call.h"

namespace insula::api {

struct FlowShape {
  bool source = false;
  bool updated = true;    // 1.3 leaves it out of the answer to a creation
};
// `flow` may be null when the stored source cannot be read any more: then what the row knows, and `exception`.
JsonObject flow_json(const store::FlowRow& row, const flow::Flow* flow, FlowShape shape);
// Compiles through the cache of the engine: not on an I/O thread.
JsonObject flow_json(const Call& call, const store::FlowRow& row, FlowShape shape);
JsonArray labels_json(const std::vector<flow::Label>& labels);

// FlowForExecution: tasks and triggers reduced to what a form of inputs and a Gantt chart need.
JsonObject flow_for_execution(const flow::Flow& flow);

// The text of a flow in a body: YAML as it is; JSON written as YAML. Error in other media types.
Result<std::string> flow_source(const http::Request& request);
// `namespace` and `id` of a text that may have any other fault; empty when they cannot be read.
struct FlowName { Namespace ns; FlowId id; };
FlowName name_in_source(std::string_view source);

// `[{path, message, line, column, suggestion?}]`: each with the place in the text that it is about, from 1. Without places where the text is not what was sent.
JsonArray violations_json(const std::vector<Violation>& violations, bool with_places = true);
// What a flow is refused with, as 1.3 answers it; besides, `violations` with their places in the source that was sent. Reads the source again: not on an engine thread.
http::Response refused_flow_response(const Call& call, const Error& error, std::string_view source);

}  // namespace insula::api
