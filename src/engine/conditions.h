// Conditions of triggers (features.md §4.6) and the inputs that a trigger gives its executions.
#pragma once
#include "expression/expression.h"
#include "flow/flow.h"

namespace insula::engine {

// Whether every element of `conditions` holds for these variables; no `conditions` = true. An Error when one cannot be evaluated.
Result<bool> conditions_hold(const JsonObject& trigger_properties, const JsonObject& variables, const expression::Environment& environment);
// `inputs` of the trigger, rendered.
Result<flow::GivenInputs> trigger_inputs(const flow::Trigger& trigger, const JsonObject& variables, const expression::Environment& environment);

}  // namespace insula::engine
