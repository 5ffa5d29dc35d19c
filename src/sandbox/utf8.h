// Part of the door of `sandbox`: bytes of unknown origin as text.
#pragma once
#include <string>
#include <string_view>

namespace insula::sandbox {

// Every byte that is no part of a valid UTF-8 sequence becomes U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace insula::sandbox
