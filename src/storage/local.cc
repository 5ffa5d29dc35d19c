// The driver on a local folder: `<tenants>/<uid>/files/…`. Every step goes through descriptors (folder.h), never through a joined path.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "storage/folder.h"
#include "storage/storage.h"

namespace insula::storage {
namespace {

constexpr int kRaceTriesMax = 64;

struct Place {
  std::vector<std::string> folder;
  std::string name;
  std::string path;
};

Result<Place> place_of(std::string_view path) {
  if (const Result<void> checked = check_path(path); !checked) return fail(checked.error());
  Place place{.folder = split(path, '/'), .name = {}, .path = std::string(path)};
  place.name = std::move(place.folder.back());
  place.folder.pop_back();
  return place;
}

FileInfo info_of(std::string path, const struct stat& status) {
  const auto modified = std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  return {std::move(path), static_cast<std::uint64_t>(status.st_size), Instant(std::chrono::duration_cast<Duration>(modified))};
}

Result<void> write_all(int fd, std::string_view bytes, std::string_view path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_failure(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// The folders of one tenant.
struct Roots {
  Descriptor files, uploads;
};

// A file below uploads/ on its way to its place.
class LocalWriter final : public Writer {
 public:
  LocalWriter(Roots roots, Place place, std::string temporary, Descriptor file)
      : roots_(std::move(roots)), place_(std::move(place)), temporary_(std::move(temporary)), file_(std::move(file)) {}
  ~LocalWriter() override {
    if (!temporary_.empty()) ::unlinkat(roots_.uploads.get(), temporary_.c_str(), 0);
  }

  Result<void> append(std::string_view bytes) override {
    if (const Result<void> written = write_all(file_.get(), bytes, place_.path); !written) return written;
    size_ += bytes.size();
    return {};
  }

  Result<void> commit() override {
    INSULA_ASSERT(!temporary_.empty());
    if (::fsync(file_.get()) != 0) return io_failure(place_.path, errno);
    // A concurrent delete may take the emptied folder away between opening it and the rename: then it is made again.
    for (int tries = 0;; ++tries) {
      const Result<Descriptor> folder = open_folder(roots_.files.get(), place_.folder, true, place_.path);
      if (!folder) {
        if (folder.error().kind == ErrorKind::not_found && tries < kRaceTriesMax && is_plain_race()) continue;
        return fail(folder.error());
      }
      if (::renameat(roots_.uploads.get(), temporary_.c_str(), folder->get(), place_.name.c_str()) == 0) {
        temporary_.clear();
        if (::fsync(folder->get()) != 0) return io_failure(place_.path, errno);
        return {};
      }
      if (errno == EISDIR || errno == ENOTEMPTY) return in_the_way();
      if (errno != ENOENT || tries >= kRaceTriesMax) return io_failure(place_.path, errno);
    }
  }

  std::uint64_t size() const override { return size_; }
  void adopted(std::uint64_t size) { size_ = size; }

 private:
  // Not found although folders are made: either a race, or a file (or symlink) stands where a folder should be.
  bool is_plain_race() const {
    std::vector<std::string> parts;
    for (const std::string& part : place_.folder) {
      const Result<Descriptor> parent = open_folder(roots_.files.get(), parts, false, place_.path);
      struct stat status {};
      if (parent && ::fstatat(parent->get(), part.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(status.st_mode)) return false;
      parts.push_back(part);
    }
    return true;
  }
  Result<void> in_the_way() const {
    return fail(ErrorKind::invalid, "storage-path-invalid", fmt::format("The file '{}' cannot be written: a folder has this name.", uri_of(place_.path)));
  }

  Roots roots_;
  Place place_;
  std::string temporary_;
  Descriptor file_;
  std::uint64_t size_ = 0;
};

class LocalReader final : public Reader {
 public:
  LocalReader(Descriptor file, std::uint64_t size, std::string path) : file_(std::move(file)), size_(size), path_(std::move(path)) {}
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::span<char> buffer) override {
    for (;;) {
      const ssize_t count = ::read(file_.get(), buffer.data(), buffer.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return io_failure(path_, errno);
    }
  }
  Result<void> seek(std::uint64_t offset) override {
    if (::lseek(file_.get(), static_cast<off_t>(offset), SEEK_SET) < 0) return io_failure(path_, errno);
    return {};
  }
  int descriptor() const override { return file_.get(); }

 private:
  Descriptor file_;
  std::uint64_t size_;
  std::string path_;
};

class LocalStorage final : public Storage {
 public:
  explicit LocalStorage(std::filesystem::path tenants) : tenants_(std::move(tenants)) {}

  Result<std::unique_ptr<Writer>> create(const TenantUid& tenant, std::string_view path) override {
    Result<std::unique_ptr<LocalWriter>> writer = begin(tenant, path, nullptr);
    if (!writer) return fail(writer.error());
    return std::unique_ptr<Writer>(std::move(*writer));
  }

  Result<void> put_file(const TenantUid& tenant, std::string_view path, const std::filesystem::path& local) override {
    Descriptor source(::open(local.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!source || ::fstat(source.get(), &status) != 0) return not_taken(local, std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return not_taken(local, "it is not a plain file");
    // A file with a second name could be changed through that name later, so it is copied.
    if (status.st_nlink == 1) {
      Result<std::unique_ptr<LocalWriter>> adopted = adopt(tenant, path, local, status);
      if (!adopted) return fail(adopted.error());
      if (*adopted) return (*adopted)->commit();
    }
    Result<std::unique_ptr<LocalWriter>> writer = begin(tenant, path, nullptr);
    if (!writer) return fail(writer.error());
    std::vector<char> buffer(256u << 10);
    for (;;) {
      const ssize_t count = ::read(source.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return not_taken(local, std::strerror(errno));
      if (count == 0) break;
      if (const Result<void> appended = (*writer)->append({buffer.data(), static_cast<std::size_t>(count)}); !appended) return appended;
    }
    if (const Result<void> committed = (*writer)->commit(); !committed) return committed;
    ::unlink(local.c_str());
    return {};
  }

  Result<std::unique_ptr<Reader>> open(const TenantUid& tenant, std::string_view path) override {
    const Result<std::pair<Place, Descriptor>> found = folder_of(tenant, path);
    if (!found) return fail(found.error());
    const auto& [place, folder] = *found;
    // Not blocking: a FIFO that somebody put there must not hang the caller.
    Descriptor file(::openat(folder.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) return io_failure(path, errno);
    if (!S_ISREG(status.st_mode)) return io_failure(path, ENOENT);
    return std::make_unique<LocalReader>(std::move(file), static_cast<std::uint64_t>(status.st_size), std::string(path));
  }

  Result<FileInfo> info(const TenantUid& tenant, std::string_view path) override {
    const Result<std::pair<Place, Descriptor>> found = folder_of(tenant, path);
    if (!found) return fail(found.error());
    struct stat status {};
    if (::fstatat(found->second.get(), found->first.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return io_failure(path, errno);
    if (!S_ISREG(status.st_mode)) return io_failure(path, ENOENT);
    return info_of(std::string(path), status);
  }

  Result<std::vector<FileInfo>> list(const TenantUid& tenant, std::string_view prefix, std::size_t count_max) override {
    std::vector<FileInfo> files;
    const Result<Descriptor> folder = prefix_folder(tenant, prefix);
    if (!folder) {
      if (folder.error().kind == ErrorKind::not_found) return files;
      return fail(folder.error());
    }
    std::string path(prefix);
    if (!path.empty() && path.back() != '/') path += '/';
    if (const Result<void> listed = list_into(folder->get(), path, count_max, files); !listed) return fail(listed.error());
    return files;
  }

  Result<bool> remove(const TenantUid& tenant, std::string_view path) override {
    const Result<std::pair<Place, Descriptor>> found = folder_of(tenant, path);
    if (!found) {
      if (found.error().kind == ErrorKind::not_found) return false;
      return fail(found.error());
    }
    const auto& [place, folder] = *found;
    if (::unlinkat(folder.get(), place.name.c_str(), 0) != 0) {
      if (errno == ENOENT || errno == EISDIR) return false;
      return io_failure(path, errno);
    }
    ::fsync(folder.get());
    remove_emptied(tenant, place.folder);
    return true;
  }

  Result<std::uint64_t> remove_prefix(const TenantUid& tenant, std::string_view prefix) override {
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    std::uint64_t count = 0;
    const Result<Descriptor> folder = prefix_folder(tenant, prefix);
    if (!folder) {
      if (folder.error().kind == ErrorKind::not_found) return count;
      return fail(folder.error());
    }
    if (const Result<void> emptied = empty_folder(folder->get(), count); !emptied) return fail(emptied.error());
    ::fsync(folder->get());
    if (!prefix.empty()) remove_emptied(tenant, split(prefix, '/'));
    return count;
  }

  Result<void> move(const TenantUid& tenant, std::string_view from, std::string_view to) override {
    const Result<std::pair<Place, Descriptor>> source = folder_of(tenant, from);
    if (!source) return fail(source.error());
    const Result<Place> target = place_of(to);
    if (!target) return fail(target.error());
    if (const Result<FileInfo> found = info(tenant, from); !found) return fail(found.error());
    const Result<Roots> roots = open_roots(tenant, true);
    if (!roots) return fail(roots.error());
    const Result<Descriptor> folder = open_folder(roots->files.get(), target->folder, true, to);
    if (!folder) return fail(folder.error());
    if (::renameat(source->second.get(), source->first.name.c_str(), folder->get(), target->name.c_str()) != 0) return io_failure(to, errno);
    if (::fsync(folder->get()) != 0) return io_failure(to, errno);
    ::fsync(source->second.get());
    remove_emptied(tenant, source->first.folder);
    return {};
  }

  Result<std::uint64_t> erase_tenant(const TenantUid& tenant) override {
    std::uint64_t count = 0;
    const Result<Descriptor> folder = tenant_folder(tenant, false);
    if (!folder) {
      if (folder.error().kind == ErrorKind::not_found) return count;
      return fail(folder.error());
    }
    for (const std::string name : {"uploads", "files"}) {
      const std::array<std::string, 1> parts{name};
      const Result<Descriptor> inner = open_folder(folder->get(), parts, false, name);
      if (!inner) continue;
      std::uint64_t ignored = 0;
      if (const Result<void> emptied = empty_folder(inner->get(), name == "files" ? count : ignored); !emptied) return fail(emptied.error());
      if (::unlinkat(folder->get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) return io_failure(name, errno);
    }
    ::fsync(folder->get());
    return count;
  }

  Result<std::uint64_t> sweep(Instant before) override {
    std::uint64_t count = 0;
    const Descriptor root(::open(tenants_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return count;
    const Result<std::vector<Entry>> tenants = entries_of(root.get());
    if (!tenants) return fail(tenants.error());
    for (const Entry& tenant : *tenants) {
      const std::array<std::string, 2> parts{tenant.name, "uploads"};
      const Result<Descriptor> uploads = tenant.is_folder ? open_folder(root.get(), parts, false, "uploads") : Result<Descriptor>(Descriptor());
      if (!uploads || !*uploads) continue;
      const Result<std::vector<Entry>> files = entries_of(uploads->get());
      if (!files) return fail(files.error());
      for (const Entry& file : *files) {
        if (file.is_folder || info_of({}, file.status).modified >= before) continue;
        if (::unlinkat(uploads->get(), file.name.c_str(), 0) == 0) ++count;
      }
    }
    return count;
  }

 private:
  static std::unexpected<Error> not_taken(const std::filesystem::path& local, std::string_view why) {
    return fail(ErrorKind::invalid, "storage-path-invalid", fmt::format("The file '{}' cannot be stored: {}.", local.filename().string(), why));
  }

  Result<Descriptor> tenant_folder(const TenantUid& tenant, bool make) const {
    // The uid is ours, but it decides whose files are touched: one plain part or nothing.
    if (!check_path(tenant.str()) || tenant.str().contains('/')) return fail(ErrorKind::invalid, "storage-path-invalid", "The tenant has no valid internal id.");
    const Descriptor root(::open(tenants_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return io_failure("", make && errno == ENOENT ? EIO : errno);
    const std::array<std::string, 1> parts{tenant.str()};
    return open_folder(root.get(), parts, make, "");
  }

  Result<Roots> open_roots(const TenantUid& tenant, bool make) const {
    const Result<Descriptor> folder = tenant_folder(tenant, make);
    if (!folder) return fail(folder.error());
    const std::array<std::string, 1> files_name{"files"}, uploads_name{"uploads"};
    Result<Descriptor> files = open_folder(folder->get(), files_name, make, "");
    if (!files) return fail(files.error());
    if (!make) return Roots{std::move(*files), Descriptor()};
    Result<Descriptor> uploads = open_folder(folder->get(), uploads_name, true, "");
    if (!uploads) return fail(uploads.error());
    return Roots{std::move(*files), std::move(*uploads)};
  }

  Result<std::pair<Place, Descriptor>> folder_of(const TenantUid& tenant, std::string_view path) const {
    Result<Place> place = place_of(path);
    if (!place) return fail(place.error());
    const Result<Roots> roots = open_roots(tenant, false);
    if (!roots) return roots.error().kind == ErrorKind::not_found ? io_failure(path, ENOENT) : fail(roots.error());
    Result<Descriptor> folder = open_folder(roots->files.get(), place->folder, false, path);
    if (!folder) return fail(folder.error());
    return std::pair(std::move(*place), std::move(*folder));
  }

  Result<Descriptor> prefix_folder(const TenantUid& tenant, std::string_view prefix) const {
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    std::vector<std::string> parts;
    if (!prefix.empty()) {
      if (const Result<void> checked = check_path(prefix); !checked) return fail(checked.error());
      parts = split(prefix, '/');
    }
    const Result<Roots> roots = open_roots(tenant, false);
    if (!roots) return fail(roots.error());
    return open_folder(roots->files.get(), parts, false, prefix);
  }

  static std::string temporary_name() { return hex_encode(random_bytes(16)); }

  // A writer over a new temporary file; with `taken`, over that name in uploads/ whose content is already there.
  Result<std::unique_ptr<LocalWriter>> begin(const TenantUid& tenant, std::string_view path, const struct stat* taken, std::string name = temporary_name()) const {
    Result<Place> place = place_of(path);
    if (!place) return fail(place.error());
    Result<Roots> roots = open_roots(tenant, true);
    if (!roots) return fail(roots.error());
    const int flags = taken != nullptr ? O_RDONLY : O_WRONLY | O_CREAT | O_EXCL;
    Descriptor file(::openat(roots->uploads.get(), name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (!file) return io_failure(path, errno);
    return std::make_unique<LocalWriter>(std::move(*roots), std::move(*place), std::move(name), std::move(file));
  }

  // Moves the local file into uploads/; nullptr when it is on another file system. What arrived must be what was looked at.
  Result<std::unique_ptr<LocalWriter>> adopt(const TenantUid& tenant, std::string_view path, const std::filesystem::path& local, const struct stat& status) const {
    const Result<Roots> roots = open_roots(tenant, true);
    if (!roots) return fail(roots.error());
    if (const Result<Place> place = place_of(path); !place) return fail(place.error());
    const std::string name = temporary_name();
    if (::renameat(AT_FDCWD, local.c_str(), roots->uploads.get(), name.c_str()) != 0) {
      if (errno == EXDEV || errno == EACCES || errno == EPERM) return nullptr;
      return not_taken(local, std::strerror(errno));
    }
    struct stat arrived {};
    const bool is_same = ::fstatat(roots->uploads.get(), name.c_str(), &arrived, AT_SYMLINK_NOFOLLOW) == 0 && arrived.st_ino == status.st_ino && arrived.st_dev == status.st_dev;
    if (!is_same || ::fchmodat(roots->uploads.get(), name.c_str(), 0600, 0) != 0) {
      ::unlinkat(roots->uploads.get(), name.c_str(), 0);
      return not_taken(local, "it was replaced while it was taken");
    }
    Result<std::unique_ptr<LocalWriter>> writer = begin(tenant, path, &arrived, name);
    if (writer) (*writer)->adopted(static_cast<std::uint64_t>(arrived.st_size));
    else ::unlinkat(roots->uploads.get(), name.c_str(), 0);
    return writer;
  }

  static Result<void> list_into(int folder, const std::string& path, std::size_t count_max, std::vector<FileInfo>& files) {
    const Result<std::vector<Entry>> entries = entries_of(folder);
    if (!entries) return fail(entries.error());
    for (const Entry& entry : *entries) {
      if (files.size() >= count_max) return {};
      if (!entry.is_folder) {
        files.push_back(info_of(path + entry.name, entry.status));
        continue;
      }
      const std::array<std::string, 1> parts{entry.name};
      const Result<Descriptor> inner = open_folder(folder, parts, false, path);
      if (!inner) continue;  // removed meanwhile
      if (const Result<void> listed = list_into(inner->get(), path + entry.name + "/", count_max, files); !listed) return listed;
    }
    return {};
  }

  // Upwards as long as the folders are empty; never the root.
  void remove_emptied(const TenantUid& tenant, std::vector<std::string> folder) const {
    const Result<Roots> roots = open_roots(tenant, false);
    if (!roots) return;
    while (!folder.empty()) {
      const std::string name = std::move(folder.back());
      folder.pop_back();
      const Result<Descriptor> parent = open_folder(roots->files.get(), folder, false, "");
      if (!parent || ::unlinkat(parent->get(), name.c_str(), AT_REMOVEDIR) != 0) return;
    }
  }

  std::filesystem::path tenants_;
};

}  // namespace

std::unique_ptr<Storage> open_local_storage(std::filesystem::path tenants) {
  std::error_code ignored;
  std::filesystem::create_directories(tenants, ignored);
  return std::make_unique<LocalStorage>(std::move(tenants));
}

}  // namespace insula::storage
