// What the server and the launcher say to each other over the control socket (descriptor 3 of the launcher). Private to this folder; the launcher
// is a program of its own without the C++ library, so this is plain C.
#pragma once
#include <cstdint>

namespace insula::sandbox {

inline constexpr int kControlDescriptor = 3;

// Server → launcher, one byte each. End of file means the same as kKill: the server is gone.
inline constexpr char kTerminate = 'T';   // SIGTERM to the process group of the main process
inline constexpr char kKill = 'K';        // SIGKILL to every descendant until none is left, then end

// Launcher → server.
struct Report {
  enum What : std::int32_t { started = 1, not_started = 2, ended = 3 } what;
  std::int32_t value;                     // started: pid; not_started: errno; ended: wait status of the main process
};

}  // namespace insula::sandbox
