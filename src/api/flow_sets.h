// Several flows at once: named in a body, or found by a query; and saving one that may exist already.
#pragma once
#include "api/flow_json.h"

namespace insula::api {

using Flows = std::vector<store::FlowRow>;

// Reads the flows that the request is about on a reader thread, then `work` goes on. By ids: body `[{id, namespace}, …]`; one that is missing
// answers 404 and nothing is done. By query: those that match and that the caller reaches, at most kPageSizeMax.
void with_flows_by_ids(const CallPtr& call, std::function<void(const CallPtr&, Flows)> work);
void with_flows_by_query(const CallPtr& call, std::function<void(const CallPtr&, Flows)> work);

// Creates the flow of a source, or saves a new revision when its id exists.
void save_flow(const CallPtr& call, const std::string& source, std::function<void(Result<engine::SavedFlow>)> done);

}  // namespace insula::api
