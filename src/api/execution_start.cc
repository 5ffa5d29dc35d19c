// Starting an execution, and checking its inputs without starting it.
#include "api/execution_json.h"
#include "api/form.h"
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

Error unknown_flow() { return not_found("Requested Flow is not found.").error(); }

Error as_told_here(Error error) { return error.code == "flow-unknown" ? unknown_flow() : error; }

Result<std::vector<flow::Label>> request_labels(const Call& call) {
  std::vector<flow::Label> labels;
  constexpr std::size_t labels_max = 100;
  for (const std::string& text : call.target().all("labels")) {
    Result<flow::Label> label = read_label(text);
    if (!label) return fail(std::move(label.error()));
    if (label->key.starts_with("system.") && label->key != "system.correlationId")
      return illegal_argument("label-system", fmt::format("System labels can only be set by Kestra itself, offending label: {}={}", label->key, label->value));
    labels.push_back(std::move(*label));
  }
  if (labels.size() > labels_max) return illegal_argument("labels-too-many", fmt::format("at most {} labels come with one request", labels_max));
  return labels;
}

Result<engine::StartExecution> read_start(const Call& call) {
  engine::StartExecution start;
  start.ns = call.ns();
  start.flow_id = call.flow_id();
  auto revision = call.revision();
  if (!revision) return fail(std::move(revision.error()));
  start.revision = *revision;
  auto labels = request_labels(call);
  if (!labels) return fail(std::move(labels.error()));
  start.labels = std::move(*labels);
  if (const std::string_view text = call.query("scheduleDate"); !text.empty()) {
    start.schedule_date = parse_instant(text);
    if (!start.schedule_date) return illegal_argument("schedule-date-invalid", fmt::format("'{}' is not an ISO-8601 date-time with a zone, such as 2026-11-24T16:45:31Z", text));
  }
  const std::string_view kind = call.query("kind", "NORMAL");
  if (kind != "NORMAL" && kind != "TEST" && kind != "PLAYGROUND") return illegal_argument("kind-invalid", fmt::format("'{}' is not a kind of execution: NORMAL, TEST or PLAYGROUND", kind));
  if (kind != "NORMAL") start.kind = kind;
  if (!call.query("breakpoints").empty()) return illegal_argument("breakpoints-unsupported", "breakpoints are not part of this version");
  start.idempotency_key = call.request().headers.get("Idempotency-Key");
  constexpr std::size_t key_bytes_max = 255;
  if (start.idempotency_key.size() > key_bytes_max) return illegal_argument("idempotency-key-invalid", fmt::format("an Idempotency-Key has at most {} bytes", key_bytes_max));
  start.wait = call.flag("wait", false);
  return start;
}

using Go = void (*)(const CallPtr& call, engine::StartExecution start, Form form);

// Files go to storage first, which blocks, and only those that the flow asks for.
void with_form(const CallPtr& call, engine::StartExecution start, Go go) {
  if (!has_files(call->request())) {
    auto fields = read_fields(call->request());
    if (!fields) return call->reply_error(fields.error());
    return go(call, std::move(start), {std::move(*fields), {}});
  }
  start.id = call->parts().next_id<ExecutionId>(call->now());
  read_then(call, [start = std::move(start), go](const CallPtr& waiting, store::TenantReader& reader) {
    const auto row = start.revision ? reader.flow_revision(start.ns, start.flow_id, *start.revision) : reader.flow(start.ns, start.flow_id);
    if (!row) return waiting->reply_error(row.error());
    if (!*row) return waiting->reply_error(unknown_flow());
    const auto flow = waiting->engine().compiled(waiting->scope(), **row);
    if (!flow) return waiting->reply_error(flow.error());
    Result<Form> form = read_form(*waiting, {start.ns, start.flow_id, *start.id}, &(*flow)->inputs);
    if (!form) return waiting->reply_error(form.error());
    go(waiting, start, std::move(*form));
  });
}

void start(const CallPtr& call, engine::StartExecution command, Form form) {
  const std::optional<ExecutionId> id = command.id;
  command.inputs = form.inputs;
  call->engine().start_execution(call->scope(), std::move(command), [call, id, form = std::move(form)](Result<engine::Started> started) {
    if (!started || (id && started->header.id != *id)) discard(call, form);
    else keep(call, form);
    if (!started) return call->reply_error(as_told_here(std::move(started.error())));
    call->guarded([&] { reply_execution(call, std::move(started->header), {.status = 200, .with_url = true}); });
  });
}

void start_execution(const CallPtr& call) {
  auto command = read_start(*call);
  if (!command) return call->reply_error(command.error());
  with_form(call, std::move(*command), start);
}

// ---- validation

JsonObject input_json(const flow::Input& input) {
  JsonObject json{{"id", input.id}, {"type", input.type}, {"required", input.required}};
  for (const auto& [key, value] : input.properties)
    if (!json.contains(key)) json[key] = value;
  return json;
}

// What the caller sent for an input that its condition took away: forms keep it for when it comes back.
Json sent_value(const flow::GivenInputs& given, const std::string& id) {
  const auto found = given.find(id);
  if (found == given.end()) return nullptr;
  if (const auto* text = std::get_if<std::string>(&found->second)) return Json(*text);
  if (const auto* json = std::get_if<Json>(&found->second)) return *json;
  return Json(std::get<flow::GivenFile>(found->second).file_name);
}

Json checked_json(const Call& call, const std::vector<engine::CheckedInput>& checked, const flow::GivenInputs& given) {
  JsonArray inputs;
  for (const engine::CheckedInput& each : checked) {
    JsonObject one{{"input", input_json(each.input)}};
    Json value = each.enabled ? each.value : sent_value(given, each.input.id);
    if (!value.is_null()) one["value"] = std::move(value);
    one["enabled"] = each.enabled;
    one["isDefault"] = each.is_default;
    JsonArray errors;
    for (const std::string& text : each.errors) errors.push_back(JsonObject{{"message", text}, {"renderError", false}});
    one["errors"] = std::move(errors);
    inputs.push_back(std::move(one));
  }
  return JsonObject{{"id", call.flow_id().str()}, {"namespace", call.ns().str()}, {"inputs", std::move(inputs)}, {"checks", JsonArray{}}};
}

void check(const CallPtr& call, engine::StartExecution command, Form form) {
  command.inputs = form.inputs;
  call->engine().check_inputs(call->scope(), std::move(command), [call, form = std::move(form)](Result<std::vector<engine::CheckedInput>> checked) {
    discard(call, form);
    if (!checked) return call->reply_error(as_told_here(std::move(checked.error())));
    call->guarded([&] { call->reply_json(checked_json(*call, *checked, form.inputs)); });
  });
}

void validate_inputs(const CallPtr& call) {
  auto command = read_start(*call);
  if (!command) return call->reply_error(command.error());
  with_form(call, std::move(*command), check);
}

}  // namespace

void add_execution_start_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/executions/{namespace}/{flow}", may_run("namespace"), start_execution, "Starts an execution; its inputs are form parts or a JSON object.");
  routes.emplace_back(post, "/api/v1/{tenant}/executions/trigger/{namespace}/{flow}", may_run("namespace"), start_execution, "Old name of the same.");
  routes.emplace_back(post, "/api/v1/{tenant}/executions/{namespace}/{flow}/validate", may_run("namespace"), validate_inputs, "Checks inputs one by one without starting anything.");
}

}  // namespace insula::api
