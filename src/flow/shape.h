// The properties of all that is written in a flow and is of no type of the catalog: the flow itself, its outputs, retries, service levels, and what
// every task and trigger may have. Checks and the editor's schema are made from the same lists. Private to this folder.
#pragma once
#include "flow/model.h"

namespace insula::flow {

std::span<const PropertyInfo> flow_properties();
std::span<const PropertyInfo> output_properties();
std::span<const PropertyInfo> sla_properties(bool is_assertion);
std::span<const PropertyInfo> check_item_properties();
std::span<const PropertyInfo> listener_properties();
std::span<const PropertyInfo> retry_properties(Retry::Type type);
std::span<const PropertyInfo> plugin_default_properties();
std::span<const PropertyInfo> common_task_properties();
std::span<const PropertyInfo> common_trigger_properties();
std::span<const PropertyInfo> common_condition_properties();
std::span<const PropertyInfo> common_task_runner_properties();
// Errors and finally of a flowable whose type does not list them itself.
std::span<const PropertyInfo> branch_properties(const TypeInfo& info);

}  // namespace insula::flow
