// Zip archives in memory (libarchive), for exports and imports of flows.
#pragma once
#include <filesystem>

#include "base/base.h"

namespace insula::api {

struct ZipEntry {
  std::string name;
  std::string content;
};
Result<std::string> write_zip(const std::vector<ZipEntry>& entries);

struct ZipLimits {
  std::size_t entries_max = 10'000;
  std::size_t entry_bytes_max = 4u << 20;
  std::size_t bytes_max = 128u << 20;      // unpacked, all together: an archive bomb stops here
};
// The regular files whose name has one of the endings; nothing is written to disk, so names may be anything. Errors: `zip-invalid`, `zip-too-large`.
Result<std::vector<ZipEntry>> read_zip(const std::filesystem::path& file, std::span<const std::string_view> endings, ZipLimits limits = {});

}  // namespace insula::api
