// The jq programs that most flows use — paths, pipes, select, map, new lists and maps — on our own values: nothing is copied or converted, and the steps of the rendering bound it.
#pragma once
#include <optional>

#include "expression/data_text.h"

namespace insula::expression {

// Nothing when the program is of another kind. An unexpected text when it fails, as jq would.
std::optional<Read<std::vector<Value>>> run_jq_path(Evaluator& evaluator, std::string_view program, const Value& input);

}  // namespace insula::expression
