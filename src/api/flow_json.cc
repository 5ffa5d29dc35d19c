#include "api/flow_json.h"

namespace insula::api {
namespace {

JsonObject task_json(const flow::Flow& flow, const flow::Task& task) {
  JsonObject json{{"id", task.id.str()}, {"type", task.written_type}};
  JsonArray children;
  for (const flow::Branch& branch : task.branches)
    for (const flow::TaskIndex child : branch.tasks) children.push_back(task_json(flow, flow.task(child)));
  if (!children.empty()) json["tasks"] = std::move(children);
  if (const auto inputs = flow.resume_inputs.find(task.index); inputs != flow.resume_inputs.end()) {
    JsonArray list;
    for (const flow::Input& input : inputs->second) {
      JsonObject one = input.properties;
      one["id"] = input.id;
      one["type"] = input.type;
      one["required"] = input.required;
      list.push_back(std::move(one));
    }
    json["inputs"] = std::move(list);
  }
  return json;
}

JsonArray tasks_json(const flow::Flow& flow, const flow::Branch& branch) {
  JsonArray list;
  for (const flow::TaskIndex index : branch.tasks) list.push_back(task_json(flow, flow.task(index)));
  return list;
}

}  // namespace

JsonArray labels_json(const std::vector<flow::Label>& labels) {
  JsonArray list;
  for (const flow::Label& label : labels) list.push_back(JsonObject{{"key", label.key}, {"value", label.value}});
  return list;
}

JsonObject flow_json(const store::FlowRow& row, const flow::Flow* flow, FlowShape shape) {
  JsonObject json{{"id", row.id.str()}, {"namespace", row.ns.str()}, {"revision", row.revision}};
  if (shape.updated) json["updated"] = format_instant(row.updated);
  if (flow != nullptr && flow->tree.is_object()) {
    for (const auto& [key, value] : flow->tree.get_object())
      if (!json.contains(key)) json[key] = value;
  } else {
    if (!row.description.empty()) json["description"] = row.description;
    if (!row.labels.empty()) json["labels"] = labels_json(row.labels);
    json["exception"] = "The stored source of this flow cannot be read by this version: save it again to see what is wrong.";
  }
  json["disabled"] = row.disabled;
  json["deleted"] = row.deleted;
  if (shape.source) json["source"] = row.source;
  return json;
}

JsonObject flow_json(const Call& call, const store::FlowRow& row, FlowShape shape) {
  const auto flow = call.engine().compiled(call.scope(), row);
  return flow_json(row, flow ? flow->get() : nullptr, shape);
}

JsonObject flow_for_execution(const flow::Flow& flow) {
  JsonObject json{{"id", flow.id.str()}, {"namespace", flow.ns.str()}, {"revision", flow.revision}};
  for (const char* key : {"description", "inputs", "labels"})
    if (const Json* value = find(flow.tree, key); value != nullptr) json[key] = *value;
  json["disabled"] = flow.disabled;
  json["deleted"] = flow.deleted;
  json["tasks"] = tasks_json(flow, flow.main);
  json["errors"] = tasks_json(flow, flow.errors);
  json["afterExecution"] = tasks_json(flow, flow.after_execution);
  JsonArray triggers;
  for (const flow::Trigger& trigger : flow.triggers) triggers.push_back(JsonObject{{"id", trigger.id.str()}, {"type", trigger.written_type}});
  json["triggers"] = std::move(triggers);
  json["sla"] = flow.sla.is_array() ? flow.sla : Json(JsonArray{});
  json["finally"] = tasks_json(flow, flow.finally);
  return json;
}

Result<std::string> flow_source(const http::Request& request) {
  const std::string type = http::media_type(request.headers.get("Content-Type"));
  static constexpr std::array yaml_types = {"", "application/x-yaml", "application/yaml", "text/yaml", "text/x-yaml"};
  if (std::ranges::find(yaml_types, type) != yaml_types.end()) return request.body;
  if (type != "application/json")
    return fail(ErrorKind::invalid, "flow-media-type", fmt::format("Unprocessable Entity: a flow is sent as application/x-yaml or application/json, not as {}", type));
  Result<Json> json = parse_json(request.body);
  if (!json) return fail(ErrorKind::invalid, json.error().code, fmt::format("Unprocessable Entity: Invalid JSON: {}", json.error().message));
  return flow::write_yaml(*json);
}

JsonArray violations_json(const std::vector<Violation>& violations, bool with_places) {
  JsonArray list;
  for (const Violation& violation : violations) {
    JsonObject one{{"path", violation.path}, {"message", violation.message}};
    if (with_places && violation.line > 0) one["line"] = violation.line, one["column"] = violation.column;
    if (!violation.suggestion.empty()) one["suggestion"] = violation.suggestion;
    list.push_back(std::move(one));
  }
  return list;
}

http::Response refused_flow_response(const Call& call, const Error& error, std::string_view source) {
  JsonObject body = problem_body(problem_message(error), call.target().raw, error.violations);
  flow::ReadFlow read = flow::read_flow(source, *call.engine().ports().catalog, {call.engine().settings().plugin_defaults});
  std::vector<Violation> violations = !read.report.violations.empty() ? std::move(read.report.violations) : std::move(read.duplicate_keys);
  if (violations.empty()) {
    // Right by itself: what is wrong is its name, in this place.
    const auto document = flow::read_yaml(source);
    for (const Violation& refused : error.violations) {
      const std::string path = refused.path.starts_with("flow.") ? refused.path.substr(5) : refused.path;
      const auto at = document ? document->positions.find(path) : flow::Positions::const_iterator();
      const bool is_known = document && at != document->positions.end();
      violations.push_back({path, refused.message, is_known ? at->second.line : 0, is_known ? at->second.column : 0, refused.suggestion});
    }
  }
  // JSON is written as YAML before it is read, so that its places are none that the caller knows.
  body["violations"] = violations_json(violations, http::media_type(call.request().headers.get("Content-Type")) != "application/json");
  http::Response response = http::Response::json(status_of(error.kind), write_json(body));
  response.headers.set("X-Error-Code", error.code);
  return response;
}

FlowName name_in_source(std::string_view source) {
  const Result<flow::YamlDocument> document = flow::read_yaml(source);
  if (!document || !document->value.is_object()) return {};
  const JsonObject& object = document->value.get_object();
  return {Namespace(text_or(object, "namespace")), FlowId(text_or(object, "id"))};
}

}  // namespace insula::api
