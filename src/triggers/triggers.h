// The door of `triggers`: what may start an execution and when its conditions hold. The catalog entries of triggers and conditions, the evaluation
// of conditions, the listeners of other executions (Flow triggers) and their windows. Pure: who fires, and what is written, is decided by `engine`.
#pragma once
#include "triggers/condition.h"
#include "triggers/listener.h"
#include "triggers/window.h"

namespace insula::triggers {

inline constexpr std::string_view kSchedule = "io.kestra.plugin.core.trigger.Schedule";
inline constexpr std::string_view kWebhook = "io.kestra.plugin.core.trigger.Webhook";
inline constexpr std::string_view kFlow = "io.kestra.plugin.core.trigger.Flow";

// The trigger and condition types of this build, with their properties, documentation and checks.
void register_types(flow::Catalog& catalog);

// `inputs` and `labels` of the trigger, rendered. Labels of the system are left out.
Result<flow::GivenInputs> inputs_of(const flow::Trigger& trigger, const expression::Variables& variables, const expression::Environment& environment);
Result<std::vector<flow::Label>> labels_of(const flow::Trigger& trigger, const expression::Variables& variables, const expression::Environment& environment);

}  // namespace insula::triggers
