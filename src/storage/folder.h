// Descriptors of files and folders below one root, opened part by part so that a symlink anywhere on the way is refused. Private to this folder.
#pragma once
#include <sys/stat.h>

#include "base/base.h"

namespace insula::storage {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// `errno` as the error of an operation on `path` (as users see it, without tenant).
std::unexpected<Error> io_failure(std::string_view path, int error);

// Opens a folder below `at`, made when `make` (each new one fsynced into its parent). Symlinks and files on the way: not_found.
Result<Descriptor> open_folder(int at, std::span<const std::string> parts, bool make, std::string_view shown_path);

struct Entry {
  std::string name;
  bool is_folder = false;
  struct stat status {};
};
// Files and folders in it, sorted as paths sort (a folder counts as `name/`); symlinks, sockets, devices are left out unless `all`.
Result<std::vector<Entry>> entries_of(int folder, bool all = false);

// Removes everything in the folder at any depth, never following a symlink; adds the number of files to `count`.
Result<void> empty_folder(int folder, std::uint64_t& count, int depth = 0);

}  // namespace insula::storage
