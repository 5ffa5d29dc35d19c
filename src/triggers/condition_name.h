// Private to this folder.
#pragma once
#include <string>
#include <string_view>

namespace insula::triggers {

// The type of a condition without its package and without the old suffix: `ExecutionFlow`.
std::string condition_name(std::string_view type);

}  // namespace insula::triggers
