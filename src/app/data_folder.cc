#include "app/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>

namespace insula::app {

Result<DataFolder> DataFolder::open(const std::filesystem::path& path) {
  std::error_code error;
  const bool fresh = std::filesystem::create_directories(path, error);
  if (error) return fail(ErrorKind::unavailable, "data-folder", fmt::format("the data folder {} cannot be made: {}", path.string(), error.message()));
  if (fresh) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  const std::string lock_path = (path / "lock").string();
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return fail(ErrorKind::unavailable, "data-folder", fmt::format("{} cannot be opened: {}", lock_path, std::strerror(errno)));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return fail(ErrorKind::conflict, "data-locked", fmt::format("the data folder {} is in use by another insula process; stop it, or give another folder with --data", path.string()));
  }
  return DataFolder(std::filesystem::absolute(path), lock);
}

DataFolder::~DataFolder() {
  if (lock_ >= 0) ::close(lock_);  // the lock goes with the descriptor, however the process ends
}

}  // namespace insula::app
