#include "storage/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "storage/layout.h"

namespace insula::storage {
namespace {

constexpr int kDepthMax = 200;

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::unexpected<Error> io_failure(std::string_view path, int error) {
  if (error == ENOENT || error == ENOTDIR || error == ELOOP || error == EISDIR) {
    return fail(ErrorKind::not_found, "storage-file-unknown", fmt::format("The file '{}' does not exist.", uri_of(path)), std::strerror(error));
  }
  if (error == ENOSPC || error == EDQUOT) {
    return fail(ErrorKind::unavailable, "storage-failed", fmt::format("The file '{}' cannot be written: the disk of the server is full.", uri_of(path)), std::strerror(error));
  }
  return fail(ErrorKind::unavailable, "storage-failed", fmt::format("The file '{}' cannot be accessed now: {}.", uri_of(path), std::strerror(error)), std::strerror(error));
}

Result<Descriptor> open_folder(int at, std::span<const std::string> parts, bool make, std::string_view shown_path) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Descriptor folder(::fcntl(at, F_DUPFD_CLOEXEC, 3));
  if (!folder) return io_failure(shown_path, errno);
  for (const std::string& part : parts) {
    int next = ::openat(folder.get(), part.c_str(), flags);
    if (next < 0 && errno == ENOENT && make) {
      if (::mkdirat(folder.get(), part.c_str(), 0700) != 0 && errno != EEXIST) return io_failure(shown_path, errno);
      if (::fsync(folder.get()) != 0) return io_failure(shown_path, errno);
      next = ::openat(folder.get(), part.c_str(), flags);
    }
    if (next < 0) return io_failure(shown_path, errno);
    folder = Descriptor(next);
  }
  return folder;
}

Result<std::vector<Entry>> entries_of(int folder, bool all) {
  // A descriptor of its own: fdopendir takes it over, and the position is not shared.
  const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return io_failure("", errno);
  DIR* stream = ::fdopendir(own);
  if (stream == nullptr) {
    ::close(own);
    return io_failure("", errno);
  }
  std::vector<Entry> entries;
  while (const dirent* item = ::readdir(stream)) {
    const std::string_view name = item->d_name;
    if (name == "." || name == "..") continue;
    Entry entry{.name = std::string(name)};
    if (::fstatat(folder, item->d_name, &entry.status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone meanwhile
    entry.is_folder = S_ISDIR(entry.status.st_mode);
    if (all || entry.is_folder || S_ISREG(entry.status.st_mode)) entries.push_back(std::move(entry));
  }
  ::closedir(stream);
  std::ranges::sort(entries, {}, [](const Entry& entry) { return entry.is_folder ? entry.name + "/" : entry.name; });
  return entries;
}

Result<void> empty_folder(int folder, std::uint64_t& count, int depth) {
  if (depth > kDepthMax) return fail(ErrorKind::unavailable, "storage-failed", fmt::format("Folders are nested deeper than {}.", kDepthMax));
  const Result<std::vector<Entry>> entries = entries_of(folder, true);
  if (!entries) return fail(entries.error());
  for (const Entry& entry : *entries) {
    if (entry.is_folder) {
      const std::array<std::string, 1> parts{entry.name};
      const Result<Descriptor> inner = open_folder(folder, parts, false, entry.name);
      if (!inner) return fail(inner.error());
      if (const Result<void> emptied = empty_folder(inner->get(), count, depth + 1); !emptied) return emptied;
    } else {
      ++count;
    }
    if (::unlinkat(folder, entry.name.c_str(), entry.is_folder ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT) return io_failure(entry.name, errno);
  }
  return {};
}

}  // namespace insula::storage
