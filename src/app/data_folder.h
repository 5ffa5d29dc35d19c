// The data folder: one process holds its lock for life. Others talk to it through `admin.sock` in the same folder.
#pragma once
#include <filesystem>

#include "base/base.h"

namespace insula::app {

class DataFolder {
 public:
  // Creates the folder (0700) when missing and takes the lock. Error kind conflict, code `data-locked`, when another process has it.
  static Result<DataFolder> open(const std::filesystem::path& path);
  DataFolder(DataFolder&& other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path socket() const { return path_ / "admin.sock"; }

 private:
  DataFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace insula::app
