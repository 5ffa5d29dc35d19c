// A file part of an upload on disk, owned by the request that brought it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace insula::http {

// Removed from disk with the object, unless taken. An empty object (no path) owns nothing.
class SpooledFile {
 public:
  SpooledFile() = default;
  SpooledFile(SpooledFile&& other) noexcept;
  SpooledFile& operator=(SpooledFile&& other) noexcept;
  ~SpooledFile();

  // A new file, readable by this user only, with a name no client can choose. Errors: unavailable, spool-failed.
  static Result<SpooledFile> create(const std::filesystem::path& folder);
  Result<void> append(std::string_view bytes);
  void finish();  // closes the file; append is not allowed any more

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  // The whole content; too_large when it is more than bytes_max.
  Result<std::string> read(std::uint64_t bytes_max) const;
  // The file is now the caller's: to be renamed (same file system) or removed.
  std::filesystem::path take();

 private:
  void discard();
  std::filesystem::path path_;
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
};

}  // namespace insula::http
