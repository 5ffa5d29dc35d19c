// The launcher program inside the server: its bytes, and a sealed file in memory to run it from.
#include "sandbox/embedded.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

// INSULA_LAUNCHER_FILE is the built launcher (CMakeLists.txt).
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".global insula_launcher_begin\n"
    "insula_launcher_begin:\n"
    ".incbin \"" INSULA_LAUNCHER_FILE "\"\n"
    ".global insula_launcher_end\n"
    "insula_launcher_end:\n"
    ".previous\n");
extern "C" const char insula_launcher_begin[];  // NOLINT
extern "C" const char insula_launcher_end[];    // NOLINT

namespace insula::sandbox {
namespace {

int make_file() {
  const int fd = ::memfd_create("insula-launcher", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -errno;
  const char* bytes = insula_launcher_begin;
  while (bytes < insula_launcher_end) {
    const ssize_t count = ::write(fd, bytes, static_cast<std::size_t>(insula_launcher_end - bytes));
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

}  // namespace

Result<std::string> launcher_path() {
  static const int fd = make_file();  // for the life of the process
  if (fd < 0) return fail(ErrorKind::unavailable, "process-failed", "No process can be started: the launcher has no place in memory.", std::strerror(-fd));
  return fmt::format("/proc/self/fd/{}", fd);
}

}  // namespace insula::sandbox
