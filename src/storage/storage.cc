#include "storage/storage.h"

namespace insula::storage {

Result<void> Storage::put(const TenantUid& tenant, std::string_view path, std::string_view bytes) {
  Result<std::unique_ptr<Writer>> writer = create(tenant, path);
  if (!writer) return fail(writer.error());
  if (Result<void> appended = (*writer)->append(bytes); !appended) return appended;
  return (*writer)->commit();
}

Result<std::string> Storage::read(const TenantUid& tenant, std::string_view path, std::uint64_t bytes_max) {
  Result<std::unique_ptr<Reader>> reader = open(tenant, path);
  if (!reader) return fail(reader.error());
  const std::uint64_t size = (*reader)->size();
  if (size > bytes_max) {
    return fail(ErrorKind::too_large, "storage-too-large", fmt::format("The file '{}' has {} bytes; at most {} can be read at once.", uri_of(path), size, bytes_max));
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const Result<std::size_t> count = (*reader)->read(std::span(bytes).subspan(filled));
    if (!count) return fail(count.error());
    if (*count == 0) break;
    filled += *count;
  }
  bytes.resize(filled);
  return bytes;
}

Result<bool> Storage::exists(const TenantUid& tenant, std::string_view path) {
  const Result<FileInfo> found = info(tenant, path);
  if (found) return true;
  if (found.error().kind == ErrorKind::not_found) return false;
  return fail(found.error());
}

Result<std::uint64_t> Storage::size(const TenantUid& tenant, std::string_view path) {
  const Result<FileInfo> found = info(tenant, path);
  if (!found) return fail(found.error());
  return found->size;
}

}  // namespace insula::storage
