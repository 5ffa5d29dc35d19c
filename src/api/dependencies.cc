// Which flows start or follow which: around one flow, in a namespace, in the tenant.
#include "api/routes.h"
#include "api/topology.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

std::string uid_of(const Call& call, const std::pair<Namespace, FlowId>& flow) { return fmt::format("{}_{}_{}", call.tenant(), flow.first, flow.second); }

// `nodes`: those to be shown though no link touches them.
Json topology_json(const Call& call, const Topology& topology, const std::vector<FlowLink>& links, std::set<std::size_t> nodes = {}) {
  JsonArray flows, edges;
  for (const FlowLink& link : links) {
    nodes.insert({link.source, link.target});
    edges.push_back(JsonObject{{"source", uid_of(call, topology.flows[link.source])}, {"target", uid_of(call, topology.flows[link.target])}, {"relation", link.is_trigger ? "FLOW_TRIGGER" : "FLOW_TASK"}});
  }
  for (const std::size_t node : nodes) {
    const auto& [ns, id] = topology.flows[node];
    flows.push_back(JsonObject{{"uid", uid_of(call, topology.flows[node])}, {"namespace", ns.str()}, {"id", id.str()}});
  }
  return JsonObject{{"nodes", std::move(flows)}, {"edges", std::move(edges)}};
}

void dependencies_of_flow(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto topology = topology_of(c, reader);
    if (!topology) return fail(topology.error());
    const auto flow = std::ranges::find(topology->flows, std::pair(c.ns(), c.flow_id()));
    if (flow == topology->flows.end()) return topology_json(c, *topology, {});   // as 1.3 answers
    return topology_json(c, *topology, topology->around(static_cast<std::size_t>(flow - topology->flows.begin()), c.flag("destinationOnly", false), c.flag("expandAll", false)));
  });
}

void dependencies_of_namespace(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto topology = topology_of(c, reader);
    if (!topology) return fail(topology.error());
    const Namespace wanted = c.ns();
    const bool destination_only = c.flag("destinationOnly", false);
    const auto is_in = [&](std::size_t flow) { return topology->flows[flow].first == wanted; };
    std::vector<FlowLink> links;
    std::ranges::copy_if(topology->links, std::back_inserter(links), [&](const FlowLink& link) { return is_in(link.target) || (is_in(link.source) && !destination_only); });
    std::set<std::size_t> members;
    for (std::size_t i = 0; i < topology->flows.size(); ++i)
      if (is_in(i)) members.insert(i);
    return topology_json(c, *topology, links, std::move(members));
  });
}

void dependencies_of_tenant(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto topology = topology_of(c, reader);
    if (!topology) return fail(topology.error());
    return topology_json(c, *topology, topology->links);
  });
}

}  // namespace

void add_dependency_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/dependencies", needs(Resource::flow, Action::list), dependencies_of_tenant, "Which flows start or follow which, in the whole tenant.");
  routes.emplace_back(get, "/api/v1/{tenant}/namespaces/{namespace}/dependencies", needs(Resource::flow, Action::list, "namespace"), dependencies_of_namespace, "The same around the flows of one namespace.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/{namespace}/{flow}/dependencies", needs(Resource::flow, Action::view, "namespace"), dependencies_of_flow, "Which flows start or follow this one, and which it starts or follows.");
}

}  // namespace insula::api
