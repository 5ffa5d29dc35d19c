#include "api/zip.h"

#include <archive.h>
#include <archive_entry.h>

namespace insula::api {
namespace {

using Reading = std::unique_ptr<archive, decltype([](archive* a) { archive_read_free(a); })>;
using Writing = std::unique_ptr<archive, decltype([](archive* a) { archive_write_free(a); })>;
using Entry = std::unique_ptr<archive_entry, decltype([](archive_entry* e) { archive_entry_free(e); })>;

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t count) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

std::string reason(archive* of) {
  const char* text = archive_error_string(of);
  return text != nullptr ? text : "unknown reason";
}

std::unexpected<Error> unreadable(archive* of) { return fail(ErrorKind::invalid, "zip-invalid", fmt::format("Illegal argument: the zip file cannot be read: {}", reason(of))); }
std::unexpected<Error> too_large(std::string what) { return fail(ErrorKind::too_large, "zip-too-large", std::move(what)); }

Result<std::string> read_entry(archive* from, std::size_t bytes_max) {
  std::string content;
  char buffer[64 << 10];
  for (;;) {
    const la_ssize_t count = archive_read_data(from, buffer, sizeof buffer);
    if (count < 0) return unreadable(from);
    if (count == 0) return content;
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > bytes_max) return too_large(fmt::format("a file in the zip has more than {} bytes", bytes_max));
  }
}

}  // namespace

Result<std::string> write_zip(const std::vector<ZipEntry>& entries) {
  std::string out;
  const Writing zip(archive_write_new());
  archive_write_set_format_zip(zip.get());
  archive_write_set_bytes_in_last_block(zip.get(), 1);
  if (archive_write_open(zip.get(), &out, nullptr, append, nullptr) != ARCHIVE_OK) return fail(ErrorKind::internal, "zip-failed", "the zip file could not be made", reason(zip.get()));
  for (const ZipEntry& entry : entries) {
    const Entry header(archive_entry_new());
    archive_entry_set_pathname(header.get(), entry.name.c_str());
    archive_entry_set_size(header.get(), static_cast<la_int64_t>(entry.content.size()));
    archive_entry_set_filetype(header.get(), AE_IFREG);
    archive_entry_set_perm(header.get(), 0644);
    const bool is_written = archive_write_header(zip.get(), header.get()) == ARCHIVE_OK &&
                            std::cmp_equal(archive_write_data(zip.get(), entry.content.data(), entry.content.size()), entry.content.size());
    if (!is_written) return fail(ErrorKind::internal, "zip-failed", "the zip file could not be made", reason(zip.get()));
  }
  if (archive_write_close(zip.get()) != ARCHIVE_OK) return fail(ErrorKind::internal, "zip-failed", "the zip file could not be made", reason(zip.get()));
  return out;
}

Result<std::vector<ZipEntry>> read_zip(const std::filesystem::path& file, std::span<const std::string_view> endings, ZipLimits limits) {
  const Reading zip(archive_read_new());
  archive_read_support_format_zip(zip.get());
  if (archive_read_open_filename(zip.get(), file.c_str(), 64 << 10) != ARCHIVE_OK) return unreadable(zip.get());
  std::vector<ZipEntry> entries;
  std::size_t bytes = 0, seen = 0;
  for (archive_entry* header = nullptr;;) {
    const int status = archive_read_next_header(zip.get(), &header);
    if (status == ARCHIVE_EOF) return entries;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return unreadable(zip.get());
    if (++seen > limits.entries_max) return too_large(fmt::format("the zip holds more than {} entries", limits.entries_max));
    const char* name = archive_entry_pathname(header);
    if (name == nullptr || archive_entry_filetype(header) != AE_IFREG) continue;
    if (std::ranges::none_of(endings, [&](std::string_view ending) { return std::string_view(name).ends_with(ending); })) continue;
    Result<std::string> content = read_entry(zip.get(), limits.entry_bytes_max);
    if (!content) return fail(std::move(content.error()));
    bytes += content->size();
    if (bytes > limits.bytes_max) return too_large(fmt::format("the zip holds more than {} bytes", limits.bytes_max));
    entries.push_back({name, std::move(*content)});
  }
}

}  // namespace insula::api
