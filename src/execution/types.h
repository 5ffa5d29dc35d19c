// The task types whose rules live here: flowables, inline tasks, subflow.
#pragma once
#include "flow/flow.h"

namespace insula::execution {

// The part of a ForEachItem that starts an execution for each batch.
inline constexpr std::string_view kForEachItemExecutable = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemExecutable";

// core.flow.* and inline tasks (core.log.Log, core.debug.*, core.output.OutputValues, core.execution.{Fail,Labels,Resume}, core.flow.Sleep…) with aliases, properties, docs and checks.
void register_types(flow::Catalog& catalog);

}  // namespace insula::execution
