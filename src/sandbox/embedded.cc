// The programs inside the server: their bytes, and a sealed file in memory to run each from.
#include "sandbox/embedded.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

// INSULA_LAUNCHER_FILE and INSULA_JQ_WORKER_FILE are the built programs (CMakeLists.txt).
// clang-format off
#define INSULA_EMBED(name, file)                                                                     \
  __asm__(".section .rodata\n.balign 16\n.global insula_" name "_begin\ninsula_" name "_begin:\n"   \
          ".incbin \"" file "\"\n.global insula_" name "_end\ninsula_" name "_end:\n.previous\n")
// clang-format on
INSULA_EMBED("launcher", INSULA_LAUNCHER_FILE);
INSULA_EMBED("jq_worker", INSULA_JQ_WORKER_FILE);
extern "C" const char insula_launcher_begin[];   // NOLINT
extern "C" const char insula_launcher_end[];     // NOLINT
extern "C" const char insula_jq_worker_begin[];  // NOLINT
extern "C" const char insula_jq_worker_end[];    // NOLINT

namespace insula::sandbox {
namespace {

int make_file(const char* name, const char* bytes, const char* end) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -errno;
  while (bytes < end) {
    const ssize_t count = ::write(fd, bytes, static_cast<std::size_t>(end - bytes));
    if (count < 0 && errno != EINTR) {
      const int error = errno;
      ::close(fd);
      return -error;
    }
    if (count > 0) bytes += count;
  }
  ::fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  return fd;
}

Result<std::string> path_of(int fd) {
  if (fd < 0) return fail(ErrorKind::unavailable, "process-failed", "No process can be started: its program has no place in memory.", std::strerror(-fd));
  return fmt::format("/proc/self/fd/{}", fd);
}

}  // namespace

// The files stay for the life of the process.
Result<std::string> launcher_path() {
  static const int fd = make_file("insula-launcher", insula_launcher_begin, insula_launcher_end);
  return path_of(fd);
}

Result<std::string> jq_worker_path() {
  static const int fd = make_file("insula-jq", insula_jq_worker_begin, insula_jq_worker_end);
  return path_of(fd);
}

}  // namespace insula::sandbox
