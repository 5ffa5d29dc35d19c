#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tasks/ports.h"

namespace insula::tasks {

FileArea::FileArea(storage::Storage& storage, Owner owner, std::vector<std::string> readable) : storage_(&storage), owner_(std::move(owner)), readable_(std::move(readable)) {
  readable_.push_back(storage::execution_prefix(owner_.ns, owner_.flow, owner_.execution));
}

std::string FileArea::path(std::string_view name) const { return storage::task_file_path(owner_.ns, owner_.flow, owner_.execution, owner_.task, owner_.task_run, name); }
std::string FileArea::uri(std::string_view name) const { return storage::uri_of(path(name)); }

Result<std::string> FileArea::put(std::string_view name, std::string_view bytes) {
  if (const Result<void> done = storage_->put(owner_.tenant, path(name), bytes); !done) return fail(done.error());
  return uri(name);
}

Result<std::string> FileArea::put_file(std::string_view name, const std::filesystem::path& local) {
  if (const Result<void> done = storage_->put_file(owner_.tenant, path(name), local); !done) return fail(done.error());
  return uri(name);
}

Result<std::unique_ptr<storage::Writer>> FileArea::create(std::string_view name) { return storage_->create(owner_.tenant, path(name)); }

std::string FileArea::cache_path(std::string_view value) const { return storage::cache_file_path(owner_.ns, owner_.flow, owner_.task, value); }

Result<std::optional<storage::FileInfo>> FileArea::cache_info(std::string_view value) {
  Result<storage::FileInfo> info = storage_->info(owner_.tenant, cache_path(value));
  if (info) return std::optional(std::move(*info));
  if (info.error().kind == ErrorKind::not_found) return std::optional<storage::FileInfo>();
  return fail(info.error());
}

Result<std::unique_ptr<storage::Reader>> FileArea::open_cache(std::string_view value) { return storage_->open(owner_.tenant, cache_path(value)); }
Result<std::unique_ptr<storage::Writer>> FileArea::write_cache(std::string_view value) { return storage_->create(owner_.tenant, cache_path(value)); }
Result<void> FileArea::remove_cache(std::string_view value) {
  const Result<bool> removed = storage_->remove(owner_.tenant, cache_path(value));
  return removed ? Result<void>() : fail(removed.error());
}

Result<std::optional<std::string>> FileArea::read_state(std::string_view path, std::uint64_t bytes_max) {
  Result<std::string> text = storage_->read(owner_.tenant, path, bytes_max);
  if (text) return std::optional(std::move(*text));
  if (text.error().kind == ErrorKind::not_found) return std::optional<std::string>();
  return fail(text.error());
}

Result<void> FileArea::write_state(std::string_view path, std::string_view bytes) { return storage_->put(owner_.tenant, path, bytes); }
Result<bool> FileArea::remove_state(std::string_view path) { return storage_->remove(owner_.tenant, path); }

Result<std::string> FileArea::readable_path(std::string_view uri) const {
  Result<std::string> path = storage::path_of(uri);
  if (!path) return path;
  for (const std::string& prefix : readable_) {
    if (prefix.size() > 1 && prefix.ends_with('/') && path->starts_with(prefix)) return path;
  }
  return fail(ErrorKind::forbidden, "file-foreign", fmt::format("Unable to read the file '{}' as it didn't belong to the current execution", uri));
}

Result<std::string> FileArea::read(std::string_view uri, std::uint64_t bytes_max) {
  const Result<std::string> path = readable_path(uri);
  if (!path) return fail(path.error());
  return storage_->read(owner_.tenant, *path, bytes_max);
}

Result<std::unique_ptr<storage::Reader>> FileArea::open(std::string_view uri) {
  const Result<std::string> path = readable_path(uri);
  if (!path) return fail(path.error());
  return storage_->open(owner_.tenant, *path);
}

Result<void> FileArea::copy_to(std::string_view uri, const std::filesystem::path& local) {
  const Result<std::unique_ptr<storage::Reader>> reader = open(uri);
  if (!reader) return fail(reader.error());
  const auto refused = [&] { return fail(ErrorKind::unavailable, "file-copy-failed", fmt::format("The file '{}' cannot be copied to '{}': {}.", uri, local.filename().string(), std::strerror(errno))); };
  const int file = ::open(local.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return refused();
  std::vector<char> buffer(256u << 10);
  for (;;) {
    const Result<std::size_t> count = (*reader)->read(buffer);
    std::string_view rest(buffer.data(), count.value_or(0));
    while (!rest.empty()) {
      const ssize_t written = ::write(file, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        const std::unexpected<Error> error = refused();
        ::close(file);
        return error;
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (count && *count != 0) continue;
    ::close(file);
    return count ? Result<void>() : fail(count.error());
  }
}

}  // namespace insula::tasks
