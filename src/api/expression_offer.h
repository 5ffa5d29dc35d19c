// What an editor offers where an expression is written: from the text of a flow as far as it can be read, finished or not.
#pragma once
#include "flow/flow.h"

namespace insula::api {

// `{taskOutputs, executionContext, inputs, variables, secrets, kvPairs, namespaceFiles, filters, functions, appContext}`, each a list of texts.
// `task`: only outputs of tasks that come before it; empty: of all.
JsonObject offered_expressions(std::string_view source, std::string_view task, const flow::Catalog& catalog);

}  // namespace insula::api
