// The door of `sandbox`: run a process so that it certainly ends. Sandbox is the port; PlainProcess is a process with a complete, explicit
// environment and a certain kill of its whole tree, but with the user, files and network of the server.
// JqProcesses runs jq programs in processes that memory, time and steps are limited for.
//
// Threads: run() blocks its thread; several threads may run at once. The server never forks: a launcher of a few pages is spawned per process; it is the
// reaper of every descendant, however detached (setsid, double fork), and ends only when none is left. It also kills them when the server dies.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>

#include "base/base.h"
#include "sandbox/cancel.h"
#include "sandbox/jq.h"
#include "sandbox/utf8.h"

namespace insula::sandbox {

struct Command {
  std::vector<std::string> argv;                      // argv[0] is looked up in PATH of `env`
  std::vector<std::pair<std::string, std::string>> env;   // complete: nothing is inherited. One variable is added: INSULA_JOB, a random token
  std::filesystem::path working_folder;               // must exist
  std::string input;                                  // standard input; may be empty
};

struct Limits {
  std::optional<Duration> timeout;                    // besides the deadline of the CancelFlag
  std::size_t output_line_bytes_max = 64u << 10;      // longer lines are cut and say so
  Duration kill_grace = std::chrono::seconds(5);      // between SIGTERM and SIGKILL; also how long output of left-over background processes is awaited
};

// Called on the thread of run(), without the line end; text is made valid UTF-8.
struct Output {
  std::function<void(std::string_view line)> out;
  std::function<void(std::string_view line)> error;
};

struct Exit {
  enum class How { exited, signalled, timed_out, killed } how = How::exited;
  int code = 0;                                       // exit code; the signal's number for `signalled`
  bool operator==(const Exit&) const = default;
};

class Sandbox {
 public:
  virtual ~Sandbox() = default;
  // When it returns, no process of the tree is alive. Errors: `process-not-started` (invalid: no such program or folder, not executable),
  // `process-failed` (unavailable: out of processes, descriptors, memory).
  virtual Result<Exit> run(const Command& command, const Limits& limits, const Output& output, const CancelFlag& cancel) = 0;
};

class PlainProcess final : public Sandbox {
 public:
  Result<Exit> run(const Command& command, const Limits& limits, const Output& output, const CancelFlag& cancel) override;
};

}  // namespace insula::sandbox
