// Expressions for people: rendered to be shown, and offered for completion. Nothing is started, asked or stored.
#include "api/execution_json.h"
#include "api/expression_offer.h"
#include "api/flow_json.h"
#include "api/routes.h"
#include "api/shown_variables.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

constexpr std::size_t kExpressionsMax = 500;
constexpr std::size_t kExpressionBytesMax = 100'000;
constexpr std::size_t kAnswerBytesMax = 8u << 20;
constexpr Duration kTimeMax = std::chrono::seconds(2);    // of all expressions: they hold a reader thread
constexpr expression::RenderLimits kLimits{.output_bytes_max = 256u << 10, .steps_max = 200'000};

struct RenderRequest {
  std::vector<std::string> expressions;
  std::string execution, ns, flow_id;
  std::optional<std::string> source;
};

std::unexpected<Error> body_error(std::string message) { return fail(ErrorKind::invalid, "expressions-invalid", "Unprocessable Entity: " + message); }

Result<RenderRequest> read_request(const Call& call) {
  const Result<Json> body = call.json_body();
  if (!body) return fail(body.error());
  const auto* object = body->if_object();
  if (object == nullptr) return body_error("an object with `expressions` is expected");
  const Json* list = find(*object, "expressions");
  if (list == nullptr || !list->is_array() || list->as_array().empty() || list->as_array().size() > kExpressionsMax)
    return body_error(fmt::format("`expressions` must be a list of 1 to {} texts", kExpressionsMax));
  RenderRequest request;
  for (const Json& one : list->as_array()) {
    if (!one.is_string()) return body_error("`expressions` must hold texts only");
    if (one.as_string().size() > kExpressionBytesMax) return body_error(fmt::format("an expression has at most {} bytes", kExpressionBytesMax));
    request.expressions.emplace_back(as_view(one.as_string()));
  }
  for (const auto& [name, text] : {std::pair{"executionId", &request.execution}, {"namespace", &request.ns}, {"flowId", &request.flow_id}}) {
    const Json* value = find(*object, name);
    if (value != nullptr && !value->is_null() && !value->is_string()) return body_error(fmt::format("`{}` must be a text", name));
    *text = text_or(*object, name);
  }
  if (const Json* source = find(*object, "flow"); source != nullptr && !source->is_null()) {
    if (!source->is_string()) return body_error("`flow` must be the YAML of a flow");
    request.source = std::string(as_view(source->as_string()));
  }
  if (!request.source && request.execution.empty() && request.ns.empty() != request.flow_id.empty()) return body_error("`namespace` and `flowId` belong together");
  return request;
}

expression::Environment environment_at(const Call& call, Instant now, std::uint64_t seed) {
  const engine::Settings& settings = call.engine().settings();
  return {.now = now, .seed = seed, .zone = settings.zone, .recursive = settings.recursive_rendering, .limits = kLimits, .jq = settings.jq};
}

// ---- contexts, each with its own permission

Result<ShownVariables> of_execution(const Call& call, store::TenantReader& reader, const ExecutionId& id) {
  const auto header = reader.execution(id);
  if (!header) return fail(header.error());
  if (!*header || !access::allows(call.grants(), Resource::execution, Action::view, (*header)->ns)) return not_found();
  const auto row = reader.flow_revision((*header)->ns, (*header)->flow_id, (*header)->flow_revision);
  if (!row) return fail(row.error());
  if (!*row) return not_found(fmt::format("The flow of execution {} does not exist", id));
  const auto flow = call.engine().compiled(call.scope(), **row);
  if (!flow) return fail(flow.error());
  const auto task_runs = reader.task_runs(id, 0, kTaskRunsWhole);
  if (!task_runs) return fail(task_runs.error());
  return ShownVariables::of_execution(call.engine().settings(), call.tenant(), **flow, **header, *task_runs);
}

std::unexpected<Error> may_not_view(std::string_view where) {
  return fail(ErrorKind::forbidden, "permission-missing", fmt::format("this needs the permission FLOW VIEW{}", where));
}

Result<ShownVariables> of_stored_flow(const Call& call, store::TenantReader& reader, const Namespace& ns, const FlowId& id) {
  if (!access::allows(call.grants(), Resource::flow, Action::view, ns)) return may_not_view(fmt::format(" in namespace '{}'", ns));
  const auto row = reader.flow(ns, id);
  if (!row) return fail(row.error());
  if (!*row || (*row)->deleted) return not_found();
  const auto flow = call.engine().compiled(call.scope(), **row);
  if (!flow) return fail(flow.error());
  return ShownVariables::of_flow(call.engine().settings(), call.tenant(), *flow, true, environment_at(call, call.now(), 1));
}

// The text is the caller's own: nothing stored is read for it.
Result<ShownVariables> of_source(const Call& call, const std::string& source) {
  if (!access::allows_somewhere(call.grants(), Resource::flow, Action::view)) return may_not_view("");
  const engine::Settings& settings = call.engine().settings();
  const flow::ReadFlow read = flow::read_flow(source, *call.engine().ports().catalog, {settings.plugin_defaults});
  if (read.flow) return ShownVariables::of_flow(settings, call.tenant(), read.flow, false, environment_at(call, call.now(), 1));
  const Violation& first = read.report.violations.front();
  return ShownVariables::of_broken_flow(settings, fmt::format("the flow has errors, the first in line {}: {}", first.line, first.message));
}

Result<ShownVariables> context_of(const Call& call, store::TenantReader& reader, const RenderRequest& request) {
  if (!request.execution.empty()) return of_execution(call, reader, ExecutionId(request.execution));
  if (request.source) return of_source(call, *request.source);
  if (!request.flow_id.empty()) return of_stored_flow(call, reader, Namespace(request.ns), FlowId(request.flow_id));
  return ShownVariables(call.engine().settings());
}

// ---- rendering

std::string reason_of(const ShownVariables& variables, const expression::Interruption& interruption) {
  if (const auto* error = std::get_if<Error>(&interruption)) return error->message;
  std::vector<std::string> reasons;
  for (const expression::Lookup& lookup : std::get<expression::Needs>(interruption).lookups)
    if (std::string reason = variables.reason(lookup); std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(std::move(reason));
  return join(reasons, "; ");
}

// The text, or why there is none. What another clock and other random numbers change is no value to be shown: it is made anew by every run.
std::expected<std::string, std::string> show(const Call& call, const ShownVariables& variables, const std::string& text) {
  constexpr auto another_time = std::chrono::hours(24 * 13'579 + 7) + std::chrono::seconds(13 * 60 + 17) + std::chrono::microseconds(123'457);
  const expression::Template compiled = expression::Template::compile(text);
  const auto rendered = compiled.render(variables, environment_at(call, call.now(), 1));
  if (!rendered) return std::unexpected(reason_of(variables, rendered.error()));
  if (compiled.is_literal()) return *rendered;
  const auto again = compiled.render(variables, environment_at(call, call.now() + another_time, 2));
  if (!again || *again != *rendered) return std::unexpected("its value depends on the time or on chance: each run makes its own");
  return *rendered;
}

Json rendered_json(const Call& call, const ShownVariables& variables, const std::vector<std::string>& expressions) {
  JsonObject rendered, errors;
  const Instant begin = call.now();
  std::size_t bytes = 0;
  for (const std::string& text : expressions) {
    if (rendered.contains(text)) continue;
    std::expected<std::string, std::string> shown = std::unexpected("the expressions before it took the time that one request has: send fewer at once");
    if (call.now() - begin <= kTimeMax) shown = show(call, variables, text);
    if (shown && (bytes += shown->size()) > kAnswerBytesMax) shown = std::unexpected("the values before it fill the answer: send fewer at once");
    rendered[text] = shown ? *shown : text;
    if (!shown) errors[text] = shown.error();
  }
  return JsonObject{{"rendered", std::move(rendered)}, {"errors", std::move(errors)}};
}

void render_expressions(const CallPtr& call) {
  auto request = read_request(*call);
  if (!request) return call->reply_error(request.error());
  read_json(call, [request = std::move(*request)](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto variables = context_of(c, reader, request);
    if (!variables) return fail(variables.error());
    return rendered_json(c, *variables, request.expressions);
  });
}

// What may be written in a flow; that it has errors, or is not finished, does not matter.
void offer(const CallPtr& call) {
  auto source = flow_source(call->request());
  if (!source) return call->reply_error(source.error());
  off_thread(call, [source = std::move(*source)](const CallPtr& waiting, store::Stores&) {
    waiting->reply_json(JsonObject{{"categories", offered_expressions(source, waiting->query("taskId"), *waiting->engine().ports().catalog)}});
  });
}

}  // namespace

void add_expression_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/expressions/render", needs(Resource::flow, Action::view).or_needs(Resource::execution, Action::view), render_expressions,
                      "Renders expressions to be shown, with what is known of an execution, a flow or a source; says why one has no value.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/expressions", needs(Resource::flow, Action::view), offer, "Expressions that an editor may offer in a flow that is sent as YAML.");
}

}  // namespace insula::api
