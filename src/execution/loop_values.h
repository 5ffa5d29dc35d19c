// The values of a loop, from its `values` (ForEach) or `value` (EachSequential, EachParallel): sharp edge 33.
#pragma once
#include "execution/frontier.h"

namespace insula::execution {

// At most kLoopValuesMax, without duplicates, in order; each as text. Errors in 1.3's words.
expression::Rendered<std::vector<std::string>> loop_values(Frontier& frontier, Node& node);

inline constexpr std::size_t kLoopValuesMax = 1'000'000;

}  // namespace insula::execution
