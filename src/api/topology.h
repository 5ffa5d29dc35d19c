// What of a tenant depends on what: flows that start others, and flows whose triggers hear of others.
#pragma once
#include "api/call.h"

namespace insula::api {

struct FlowLink {
  std::size_t source = 0, target = 0;      // indices into Topology::flows
  bool is_trigger = false;                 // FLOW_TRIGGER, else FLOW_TASK
};

struct Topology {
  std::vector<std::pair<Namespace, FlowId>> flows;
  std::vector<FlowLink> links;             // one for each pair; that of a task wins

  // Links that touch `flow`, or only those that lead to it; with `all` also those of every flow that is reached.
  std::vector<FlowLink> around(std::size_t flow, bool destination_only, bool all) const;
};

// Of the flows that the caller may see. Compiles those that name others: not on an I/O thread.
Result<Topology> topology_of(const Call& call, store::TenantReader& reader);

}  // namespace insula::api
