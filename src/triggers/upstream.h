// Which flows a Flow trigger may hear of, read from its text alone: for pictures of what depends on what.
#pragma once
#include "flow/flow.h"

namespace insula::triggers {

// False only when no execution of that flow can ever make it fire. What the text does not tell (expressions, states, labels, dates) may hold.
bool may_follow(const flow::Trigger& trigger, const Namespace& ns, const FlowId& flow);

}  // namespace insula::triggers
