#include "tasks/folder_cache.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tasks/script.h"

namespace insula::tasks {
namespace {

using Reading = std::unique_ptr<archive, decltype([](archive* a) { archive_read_free(a); })>;
using Writing = std::unique_ptr<archive, decltype([](archive* a) { archive_write_free(a); })>;
using Entry = std::unique_ptr<archive_entry, decltype([](archive_entry* e) { archive_entry_free(e); })>;

struct File {
  int descriptor;
  explicit File(int opened) : descriptor(opened) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { if (descriptor >= 0) ::close(descriptor); }
};

std::unexpected<Error> broken(std::string_view what, archive* of) {
  const char* text = archive_error_string(of);
  return fail(ErrorKind::unavailable, "folder-cache-failed", fmt::format("{}: {}.", what, text != nullptr ? text : "unknown reason"));
}

// The zip as it comes from storage.
struct Source {
  std::unique_ptr<storage::Reader> reader;
  std::vector<char> buffer = std::vector<char>(64u << 10);
};
la_ssize_t read_source(archive* zip, void* of, const void** bytes) {
  auto& source = *static_cast<Source*>(of);
  const Result<std::size_t> count = source.reader->read(source.buffer);
  if (!count) {
    archive_set_error(zip, EIO, "%s", count.error().message.c_str());
    return -1;
  }
  *bytes = source.buffer.data();
  return static_cast<la_ssize_t>(*count);
}
// And as it goes there.
la_ssize_t write_target(archive* zip, void* to, const void* bytes, std::size_t count) {
  const Result<void> written = static_cast<storage::Writer*>(to)->append({static_cast<const char*>(bytes), count});
  if (written) return static_cast<la_ssize_t>(count);
  archive_set_error(zip, EIO, "%s", written.error().message.c_str());
  return -1;
}

Result<std::string> value_of(JobContext& context) { return context.render("{{ taskrun.value ?? '' }}"); }

Result<void> extract(JobContext& context, archive* zip, archive_entry* header) {
  const char* name = archive_entry_pathname(header);
  if (name == nullptr || archive_entry_filetype(header) != AE_IFREG) return {};
  const Result<std::filesystem::path> path = place_of_file(context, name);
  if (!path) return fail(path.error());
  const File file(::open(path->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, archive_entry_perm(header) & 0700));
  if (file.descriptor < 0 || archive_read_data_into_fd(zip, file.descriptor) != ARCHIVE_OK) return broken(fmt::format("The cached file '{}' cannot be written", name), zip);
  // As old as it was, so that it does not count as changed.
  const timespec at{archive_entry_mtime(header), 0};
  const timespec times[2] = {at, at};
  ::futimens(file.descriptor, times);
  return {};
}

Result<void> add(archive* zip, const std::filesystem::path& root, const std::string& name, std::uint64_t& bytes_left) {
  const File file(::open((root / name).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info{};
  if (file.descriptor < 0 || ::fstat(file.descriptor, &info) != 0 || !S_ISREG(info.st_mode)) return {};   // gone, or not to be read: as 1.3, left out
  if (std::cmp_greater(info.st_size, bytes_left)) return fail(ErrorKind::too_large, "folder-cache-too-large", "the files are too large");
  bytes_left -= static_cast<std::uint64_t>(info.st_size);
  const Entry header(archive_entry_new());
  archive_entry_set_pathname(header.get(), name.c_str());
  archive_entry_set_size(header.get(), info.st_size);
  archive_entry_set_filetype(header.get(), AE_IFREG);
  archive_entry_set_perm(header.get(), info.st_mode & 0777);
  archive_entry_set_mtime(header.get(), info.st_mtime, 0);
  if (archive_write_header(zip, header.get()) != ARCHIVE_OK) return broken("The cache cannot be written", zip);
  std::vector<char> buffer(64u << 10);
  for (off_t left = info.st_size; left > 0;) {
    const ssize_t count = ::read(file.descriptor, buffer.data(), std::min<std::size_t>(buffer.size(), static_cast<std::size_t>(left)));
    if (count <= 0) break;   // it became shorter: the rest of the entry is filled up
    if (archive_write_data(zip, buffer.data(), static_cast<std::size_t>(count)) < 0) return broken("The cache cannot be written", zip);
    left -= count;
  }
  return {};
}

bool any_newer(const std::filesystem::path& root, const std::vector<std::string>& names, Instant than) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    struct stat info{};
    if (::lstat((root / name).c_str(), &info) != 0) return false;
    return Instant(std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(info.st_mtim.tv_nsec))) > than;
  });
}

}  // namespace

Result<void> restore_cache(JobContext& context) {
  const Result<Json> cache = context.json("cache");
  if (!cache) return fail(cache.error());
  if (!cache->is_object()) return {};
  const Result<std::string> value = value_of(context);
  if (!value) return fail(value.error());
  const auto info = context.files().cache_info(*value);
  if (!info) return fail(info.error());
  if (!*info) return {};
  std::optional<Duration> ttl;
  if (const Json* written = find(cache->get_object(), "ttl"); written != nullptr && !written->is_null()) {
    ttl = written->is_int64() ? std::optional<Duration>(std::chrono::seconds(written->get_int64())) : parse_duration(to_text(*written));
    if (!ttl) return fail(ErrorKind::invalid, "task-property-invalid", fmt::format("The property `cache.ttl` must be an ISO-8601 duration such as PT1H, got '{}'.", to_text(*written)));
  }
  if (ttl && (*info)->modified + *ttl < context.environment().now) {
    context.log(flow::LogLevel::debug, "The cache is older than its ttl: it is not used");
    return context.files().remove_cache(*value);
  }
  Result<std::unique_ptr<storage::Reader>> reader = context.files().open_cache(*value);
  if (!reader) return fail(reader.error());
  context.log(flow::LogLevel::debug, "Cache exist, downloading it");
  Source source{std::move(*reader)};
  const Reading zip(archive_read_new());
  archive_read_support_format_zip_streamable(zip.get());
  if (archive_read_open(zip.get(), &source, nullptr, read_source, nullptr) != ARCHIVE_OK) return broken("The cache cannot be read", zip.get());
  for (archive_entry* header = nullptr;;) {
    const int status = archive_read_next_header(zip.get(), &header);
    if (status == ARCHIVE_EOF) return {};
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return broken("The cache cannot be read", zip.get());
    if (context.cancel().is_cancelled()) return {};
    if (const Result<void> done = extract(context, zip.get(), header); !done) return done;
  }
}

Result<void> save_cache(JobContext& context) {
  const Result<Json> cache = context.json("cache");
  if (!cache) return fail(cache.error());
  if (!cache->is_object()) return {};
  std::vector<std::string> patterns;
  if (const Json* written = find(cache->get_object(), "patterns"); written != nullptr && written->is_array()) {
    for (const Json& pattern : written->get_array()) patterns.push_back(to_text(pattern));
  }
  const Result<std::vector<std::string>> names = matching_files(context, patterns, context.limits().cached_files_max);
  if (!names) {
    context.log(flow::LogLevel::warn, fmt::format("Nothing is cached: {}", names.error().message));
    return {};
  }
  const Result<std::string> value = value_of(context);
  if (!value) return fail(value.error());
  const auto info = context.files().cache_info(*value);
  if (!info) return fail(info.error());
  if (names->empty() || (*info && !any_newer(context.folder(), *names, (*info)->modified))) {
    context.log(flow::LogLevel::debug, "Cache files didn't change, skip updating it");
    return {};
  }
  Result<std::unique_ptr<storage::Writer>> writer = context.files().write_cache(*value);
  if (!writer) return fail(writer.error());
  const Writing zip(archive_write_new());
  archive_write_set_format_zip(zip.get());
  archive_write_set_bytes_in_last_block(zip.get(), 1);
  if (archive_write_open(zip.get(), writer->get(), nullptr, write_target, nullptr) != ARCHIVE_OK) return broken("The cache cannot be written", zip.get());
  std::uint64_t bytes_left = context.limits().cached_bytes_max;
  for (const std::string& name : *names) {
    const Result<void> added = add(zip.get(), context.folder(), name, bytes_left);
    if (!added && added.error().kind == ErrorKind::too_large) {
      context.log(flow::LogLevel::warn, fmt::format("Nothing is cached: the files have more than {} bytes together", context.limits().cached_bytes_max));
      return {};
    }
    if (!added) return added;
  }
  if (archive_write_close(zip.get()) != ARCHIVE_OK) return broken("The cache cannot be written", zip.get());
  context.log(flow::LogLevel::debug, "Cache files changed, we update the cache");
  return (*writer)->commit();
}

}  // namespace insula::tasks
