// What the server and a jq worker say to each other over one socket. Private to this folder; plain C, like protocol.h.
#pragma once
#include <cstdint>

namespace insula::sandbox {

// Server → worker, followed by the bytes of program and input.
struct JqRequest {
  std::uint32_t program_bytes;
  std::uint32_t input_bytes;              // JSON text
  std::uint64_t steps_max;                // calls of `debug`
};

// Worker → server, followed by `bytes` bytes. Results come one by one; anything else ends the answer.
struct JqAnswer {
  enum What : std::uint32_t { result = 1, end = 2, failed = 3, does_not_parse = 4, too_long = 5 } what;
  std::uint32_t bytes;
};

// What one request may take in a worker. The server also watches the clock (jq.cc).
inline constexpr std::uint64_t kJqMemoryBytesMax = 256u << 20;
inline constexpr std::uint64_t kJqSecondsMax = 3;

}  // namespace insula::sandbox
