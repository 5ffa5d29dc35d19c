// Triggers: what is written in the flow, and the state kept beside it (features.md §4.5).
#pragma once
#include "api/call.h"

namespace insula::api {

JsonObject trigger_json(const TenantId& tenant, const store::TriggerRow& row);

struct TriggerName { Namespace ns; FlowId flow; TriggerId id; };
TriggerName trigger_name(const JsonObject& object);
Error unknown_trigger(const TriggerName& name);

}  // namespace insula::api
