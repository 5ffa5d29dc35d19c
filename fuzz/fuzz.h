// What the fuzzers share.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace insula::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

// Not `assert`: it must hold in every build.
inline void expect(bool holds, const char*) {
  if (!holds) std::abort();
}

}  // namespace insula::fuzz
