// What those see of flows who may run them but not read them: FlowForExecution, namespaces.
#include "api/execution_json.h"
#include "api/flow_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

Result<Json> shown_flow(const Call& call, const std::optional<store::FlowRow>& row) {
  if (!row) return not_found();
  const auto flow = call.engine().compiled(call.scope(), *row);
  if (!flow) return fail(flow.error());
  return flow_for_execution(**flow);
}

void flow_of_execution(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto header = visible_execution(c, reader);
    if (!header) return fail(header.error());
    const auto row = reader.flow_revision(header->ns, header->flow_id, header->flow_revision);
    if (!row) return fail(row.error());
    return shown_flow(c, *row);
  });
}

void flow_to_run(const CallPtr& call) {
  const auto revision = call->revision();
  if (!revision) return call->reply_error(revision.error());
  read_json(call, [revision = *revision](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto row = revision ? reader.flow_revision(c.ns(), c.flow_id(), *revision) : reader.flow(c.ns(), c.flow_id());
    if (!row) return fail(row.error());
    if (*row && (*row)->deleted && !revision) return not_found();
    return shown_flow(c, *row);
  });
}

void namespaces_to_run(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto names = reader.namespaces("");
    if (!names) return fail(names.error());
    JsonArray list;
    for (const std::string& name : *names)
      if (c.allows(Namespace(name))) list.emplace_back(name);
    return list;
  });
}

void flows_to_run(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto rows = reader.flows_of_namespace(c.ns());
    if (!rows) return fail(rows.error());
    JsonArray list;
    for (const store::FlowRow& row : *rows)
      if (const auto flow = c.engine().compiled(c.scope(), row)) list.push_back(flow_for_execution(**flow));
    return list;
  });
}

}  // namespace

void add_execution_flow_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}/flow", needs(Resource::execution, Action::view), flow_of_execution, "The flow of an execution, without the bodies of its tasks.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/flows/{namespace}/{flow}", may_run("namespace"), flow_to_run, "A flow to be run, without the bodies of its tasks.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/namespaces", may_run(), namespaces_to_run, "Namespaces that have flows the caller may run.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/namespaces/{namespace}/flows", may_run("namespace"), flows_to_run, "The flows of a namespace that the caller may run.");
}

}  // namespace insula::api
