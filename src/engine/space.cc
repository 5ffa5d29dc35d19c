#include "engine/space.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace insula::engine {

namespace {

constexpr std::string_view kBallast = "ballast";

std::uint64_t free_bytes_of(const std::filesystem::path& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace

Space::Space(std::filesystem::path folder, std::uint64_t ballast_bytes, const Clock& clock, FreeBytes free_bytes)
    : folder_(std::move(folder)), ballast_bytes_(ballast_bytes), clock_(clock), free_bytes_(free_bytes ? std::move(free_bytes) : free_bytes_of) {}

void Space::open() {
  if (folder_.empty() || ballast_bytes_ == 0) return;
  const std::lock_guard lock(mutex_);
  if (!take_ballast()) {
    full_ = true;
    log::error("the disk of {} has no room for {} MB of ballast: nothing new is started until there is", folder_.string(), ballast_bytes_ >> 20);
  }
}

bool Space::take_ballast() {
  const std::filesystem::path path = folder_ / kBallast;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return false;
  const bool taken = ::posix_fallocate(file, 0, static_cast<off_t>(ballast_bytes_)) == 0 && ::ftruncate(file, static_cast<off_t>(ballast_bytes_)) == 0;
  ::close(file);
  if (!taken) give_up_ballast(folder_);
  return taken;
}

void Space::give_up_ballast(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove(folder / kBallast, ignored);
}

void Space::report_full() {
  if (folder_.empty()) return;
  const std::lock_guard lock(mutex_);
  looked_ = clock_.monotonic();
  if (full_.exchange(true)) return;
  give_up_ballast(folder_);
  log::error("the disk of {} is full: {} MB of ballast are given up so that deletes work; nothing new is started until there is space", folder_.string(), ballast_bytes_ >> 20);
}

bool Space::is_full() {
  if (!full_.load(std::memory_order_relaxed)) return false;
  const std::lock_guard lock(mutex_);
  const auto now = clock_.monotonic();
  if (!full_ || now - looked_ < std::chrono::seconds(1)) return full_;
  looked_ = now;
  if (free_bytes_(folder_) < 2 * ballast_bytes_) return true;
  if (ballast_bytes_ > 0 && !take_ballast()) return true;
  full_ = false;
  log::info("the disk of {} has space again: work goes on", folder_.string());
  return false;
}

Error Space::refusal() {
  return {ErrorKind::unavailable, "disk-full", "The disk of the server is full: nothing new is started until there is space. Deleting executions and logs, and killing, still work.", {}, {}};
}

}  // namespace insula::engine
