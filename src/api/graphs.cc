// The graphs behind pictures of a flow: of a stored one, of a text in the editor, of an execution with its task runs.
#include "api/execution_json.h"
#include "api/flow_json.h"
#include "api/graph_json.h"
#include "api/routes.h"
#include "api/trigger_json.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;
using FlowPtr = std::shared_ptr<const flow::Flow>;

constexpr std::size_t kExpandedMax = 100;      // subflows that one request opens
constexpr std::size_t kNodesMax = 20'000;

Result<std::vector<std::string>> expanded_subflows(const Call& call) {
  std::vector<std::string> uids;
  for (const std::string& given : call.target().all("subflows"))
    for (const std::string& uid : split(given, ','))
      if (!uid.empty()) uids.push_back(uid);
  if (uids.size() > kExpandedMax) return illegal_argument("subflows-too-many", fmt::format("at most {} subflows are opened at once", kExpandedMax));
  return uids;
}

struct StartedFlow {
  Namespace ns;
  FlowId id;
  std::optional<int> revision;
};

// What the task starts, as far as the text says it: an expression is known only to the execution that renders it.
Result<StartedFlow> named_flow(const flow::Task& task) {
  StartedFlow name{Namespace(text_or(task.properties, "namespace")), FlowId(text_or(task.properties, "flowId")), {}};
  if (name.ns.str().contains("{{") || name.id.str().contains("{{"))
    return illegal_argument("subflow-dynamic", fmt::format("Can't expand subflow task '{}' because namespace and/or flowId contains dynamic values. This can only be viewed on an execution.", task.id));
  if (const Json* written = find(task.properties, "revision"); written != nullptr && written->is_int64()) name.revision = static_cast<int>(written->as_int64());
  return name;
}

// What a run of the task has started.
Result<StartedFlow> started_flow(store::TenantReader& reader, const flow::Task& task, const execution::TaskRun* run) {
  const std::string child = run == nullptr ? "" : text_or(run->outputs, "executionId");
  if (child.empty()) return named_flow(task);
  const auto header = reader.execution(ExecutionId(child));
  if (!header) return fail(header.error());
  if (!*header) return named_flow(task);
  return StartedFlow{(*header)->ns, (*header)->flow_id, (*header)->flow_revision};
}

Result<FlowPtr> subflow_of(const Call& call, store::TenantReader& reader, const flow::Task& task, const execution::TaskRun* run) {
  const auto name = started_flow(reader, task, run);
  if (!name) return fail(name.error());
  const auto unknown = [&] { return not_found(fmt::format("Unable to find subflow {}.{} for task {}", name->ns, name->id, task.id)); };
  if (!call.allows(name->ns)) return unknown();
  auto row = name->revision ? reader.flow_revision(name->ns, name->id, *name->revision) : reader.flow(name->ns, name->id);
  if (!row) return fail(std::move(row.error()));
  if (!*row || ((*row)->deleted && !name->revision)) return unknown();
  return call.engine().compiled(call.scope(), **row);
}

Result<flow::FlowGraph> draw(const Call& call, store::TenantReader& reader, flow::GraphRequest request, const std::vector<std::string>& expanded,
                             const std::vector<execution::TaskRun>& task_runs = {}) {
  request.expanded = expanded;
  request.subflow = [&](const flow::Task& task, std::optional<std::size_t> run) { return subflow_of(call, reader, task, run ? &task_runs[*run] : nullptr); };
  Result<flow::FlowGraph> graph = flow::graph_of(request);
  if (graph && graph->nodes.size() > kNodesMax) return fail(ErrorKind::too_large, "graph-too-large", fmt::format("The graph has more than {} nodes.", kNodesMax));
  return graph;
}

Result<std::map<std::string, JsonObject>> trigger_states(const Call& call, store::TenantReader& reader, const flow::Flow& flow) {
  std::map<std::string, JsonObject> states;
  for (const flow::Trigger& trigger : flow.triggers) {
    const auto row = reader.trigger(flow.ns, flow.id, trigger.id);
    if (!row) return fail(row.error());
    if (*row) states.emplace(trigger.id.str(), trigger_json(call.tenant(), **row));
  }
  return states;
}

void graph_of_flow(const CallPtr& call) {
  const auto revision = call->revision();
  if (!revision) return call->reply_error(revision.error());
  auto expanded = expanded_subflows(*call);
  if (!expanded) return call->reply_error(expanded.error());
  read_json(call, [revision = *revision, expanded = std::move(*expanded)](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto row = revision ? reader.flow_revision(c.ns(), c.flow_id(), *revision) : reader.flow(c.ns(), c.flow_id());
    if (!row) return fail(row.error());
    if (!*row || ((*row)->deleted && !revision)) return not_found();
    const auto flow = c.engine().compiled(c.scope(), **row);
    if (!flow) return fail(flow.error());
    const auto graph = draw(c, reader, {.flow = *flow}, expanded);
    if (!graph) return fail(graph.error());
    auto states = trigger_states(c, reader, **flow);
    if (!states) return fail(states.error());
    return graph_json(*graph, {.triggers = std::move(*states)});
  });
}

void graph_of_source(const CallPtr& call) {
  auto source = flow_source(call->request());
  if (!source) return call->reply_error(source.error());
  auto expanded = expanded_subflows(*call);
  if (!expanded) return call->reply_error(expanded.error());
  read_json(call, [source = std::move(*source), expanded = std::move(*expanded)](Call& c, store::TenantReader& reader) -> Result<Json> {
    const flow::ReadFlow read = flow::read_flow(source, *c.engine().ports().catalog, {c.engine().settings().plugin_defaults});
    if (!read.flow) return fail(flow::refusal(read));
    const auto graph = draw(c, reader, {.flow = read.flow}, expanded);
    if (!graph) return fail(graph.error());
    return graph_json(*graph, {});
  });
}

std::vector<flow::GraphRun> graph_runs(const std::vector<execution::TaskRun>& task_runs) {
  std::vector<flow::GraphRun> runs;
  for (const execution::TaskRun& run : task_runs) runs.push_back({run.id.str(), run.task_id, run.parent_id ? run.parent_id->str() : "", run.value});
  return runs;
}

void graph_of_execution(const CallPtr& call) {
  auto expanded = expanded_subflows(*call);
  if (!expanded) return call->reply_error(expanded.error());
  read_json(call, [expanded = std::move(*expanded)](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto header = visible_execution(c, reader);
    if (!header) return fail(header.error());
    const auto row = reader.flow_revision(header->ns, header->flow_id, header->flow_revision);
    if (!row) return fail(row.error());
    if (!*row) return not_found(fmt::format("The flow of execution {} does not exist", header->id));
    const auto flow = c.engine().compiled(c.scope(), **row);
    if (!flow) return fail(flow.error());
    const auto task_runs = reader.task_runs(header->id, 0, kTaskRunsWhole);
    if (!task_runs) return fail(task_runs.error());
    const std::vector<flow::GraphRun> runs = graph_runs(*task_runs);
    const auto graph = draw(c, reader, {.flow = *flow, .runs = runs}, expanded, *task_runs);
    if (!graph) return fail(graph.error());
    JsonObject json = graph_json(*graph, {.whole = false, .task_run = [&](std::size_t run) { return execution::to_json((*task_runs)[run], *header); }});
    if (std::cmp_greater(header->task_runs, task_runs->size())) json["taskRunsTruncated"] = true;
    return json;
  });
}

}  // namespace

void add_graph_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/flows/graph", needs(Resource::flow, Action::view), graph_of_source, "The graph of a flow that is sent as YAML; nothing is saved.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/{namespace}/{flow}/graph", needs(Resource::flow, Action::view, "namespace"), graph_of_flow, "The graph of a flow: tasks, triggers, what follows what.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}/graph", needs(Resource::execution, Action::view), graph_of_execution, "The graph of an execution with its task runs.");
}

}  // namespace insula::api
