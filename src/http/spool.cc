#include "http/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace insula::http {
namespace {

auto spool_failed(std::string_view doing, const std::filesystem::path& path, int error) {
  return fail(ErrorKind::unavailable, "spool-failed", "The upload could not be stored on the server; try again later.",
              fmt::format("{} {}: {}", doing, path.string(), std::strerror(error)));
}

struct OpenFile {
  int descriptor;
  ~OpenFile() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

}  // namespace

SpooledFile::SpooledFile(SpooledFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), size_(std::exchange(other.size_, 0)), descriptor_(std::exchange(other.descriptor_, -1)) {}

SpooledFile& SpooledFile::operator=(SpooledFile&& other) noexcept {
  if (this != &other) {
    discard();
    path_ = std::exchange(other.path_, {});
    size_ = std::exchange(other.size_, 0);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

SpooledFile::~SpooledFile() { discard(); }

void SpooledFile::discard() {
  finish();
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
}

Result<SpooledFile> SpooledFile::create(const std::filesystem::path& folder) {
  SpooledFile file;
  auto path = folder / ("upload-" + hex_encode(random_bytes(16)));
  file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file.descriptor_ < 0) return spool_failed("create", path, errno);
  file.path_ = std::move(path);
  return file;
}

Result<void> SpooledFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return spool_failed("write", path_, errno);
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

void SpooledFile::finish() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<std::string> SpooledFile::read(std::uint64_t bytes_max) const {
  if (size_ > bytes_max) {
    return fail(ErrorKind::too_large, "file-too-large", fmt::format("The uploaded file has {} bytes; at most {} are accepted here.", size_, bytes_max));
  }
  std::string content(size_, '\0');
  const OpenFile file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.descriptor < 0) return spool_failed("open", path_, errno);
  for (std::size_t done = 0; done < content.size();) {
    const auto got = ::read(file.descriptor, content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return spool_failed("read", path_, got < 0 ? errno : EIO);
    done += static_cast<std::size_t>(got);
  }
  return content;
}

std::filesystem::path SpooledFile::take() {
  finish();
  size_ = 0;
  return std::exchange(path_, {});
}

}  // namespace insula::http
