// Icons of the groups of types: our own drawings, one colour that follows the text.
#pragma once
#include <string>
#include <string_view>

namespace insula::api {

// The SVG of a group, `io.kestra.plugin.core.log`, in base64; a group without a drawing of its own has a common one.
std::string icon_base64(std::string_view group);

}  // namespace insula::api
