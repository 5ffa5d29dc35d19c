// The door of `storage`: the files of a tenant. Every call names the tenant by uid; no path can leave that tenant's own folder or prefix (I4).
// Storage URIs shown to users are `kestra:///…` without the tenant (layout.h).
//
// Threads: all calls may come from any thread; they block on the disk or network, so never call them on an actor or I/O thread.
// A file appears whole or not at all: written beside its place, fsynced, then renamed. "Written" means durable (I1).
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/base.h"
#include "storage/layout.h"

namespace insula::storage {

struct FileInfo {
  std::string path;              // relative to the tenant, as given to the calls
  std::uint64_t size = 0;        // bytes
  Instant modified;
};

// A file being written. Nothing is visible before commit(); destroyed without it, nothing stays.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual Result<void> append(std::string_view bytes) = 0;
  virtual Result<void> commit() = 0;      // replaces a file of that name
  virtual std::uint64_t size() const = 0; // bytes appended so far
};

// A file being read from its start; keeps its content even when the file is replaced or deleted meanwhile.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual std::uint64_t size() const = 0;
  virtual Result<std::size_t> read(std::span<char> buffer) = 0;   // 0 = end
  virtual Result<void> seek(std::uint64_t offset) = 0;
  virtual int descriptor() const { return -1; }                  // for sendfile; -1 when the driver has none. Owned by the Reader
};

// Errors of all calls: `storage-path-invalid` (invalid), `storage-file-unknown` (not_found), `storage-too-large` (too_large), `storage-failed` (unavailable; disk full, I/O error).
class Storage {
 public:
  virtual ~Storage() = default;

  Result<void> put(const TenantUid& tenant, std::string_view path, std::string_view bytes);
  // Takes over a local file: renamed when it is on the same file system, else copied; gone from `local` afterwards. A symlink is refused.
  virtual Result<void> put_file(const TenantUid& tenant, std::string_view path, const std::filesystem::path& local) = 0;
  virtual Result<std::unique_ptr<Writer>> create(const TenantUid& tenant, std::string_view path) = 0;

  // The whole file; too_large when it has more than bytes_max.
  Result<std::string> read(const TenantUid& tenant, std::string_view path, std::uint64_t bytes_max);
  virtual Result<std::unique_ptr<Reader>> open(const TenantUid& tenant, std::string_view path) = 0;
  virtual Result<FileInfo> info(const TenantUid& tenant, std::string_view path) = 0;   // of a file; a folder is not_found
  Result<bool> exists(const TenantUid& tenant, std::string_view path);
  Result<std::uint64_t> size(const TenantUid& tenant, std::string_view path);
  // Files under the folder `prefix` (with or without `/` at its end; "" = all), at any depth, by path; at most count_max of them.
  virtual Result<std::vector<FileInfo>> list(const TenantUid& tenant, std::string_view prefix, std::size_t count_max) = 0;

  virtual Result<bool> remove(const TenantUid& tenant, std::string_view path) = 0;     // false: there was none. Emptied parent folders go too
  // Removes the folder and all in it; the number of files. Not atomic: repeat after an error.
  virtual Result<std::uint64_t> remove_prefix(const TenantUid& tenant, std::string_view prefix) = 0;
  virtual Result<void> move(const TenantUid& tenant, std::string_view from, std::string_view to) = 0;   // replaces `to`

  virtual Result<std::uint64_t> erase_tenant(const TenantUid& tenant) = 0;             // every file of it; the number
  // Removes what nobody committed and is older than `before`: half-written files, abandoned uploads. The number removed. Call about once an hour.
  virtual Result<std::uint64_t> sweep(Instant before) = 0;
};

// Files under `<tenants>/<uid>/files/`, half-written ones under `<tenants>/<uid>/uploads/`. Folders are made when first written to.
std::unique_ptr<Storage> open_local_storage(std::filesystem::path tenants);

}  // namespace insula::storage
