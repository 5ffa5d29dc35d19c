// One file per tenant: `tenants/<uid>/tenant.db`, and `system.db`.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <list>

#include "store/migration.h"
#include "store/over_database.h"
#include "store/sqlite_database.h"
#include "store/tables.h"

namespace insula::store {
namespace {

namespace fs = std::filesystem;

// The one connection of a file that writes; lent to one thread at a time.
class WritingConnection final : public ConnectionSource, public std::enable_shared_from_this<WritingConnection> {
 public:
  WritingConnection(SqliteConnectionOptions options, std::unique_ptr<SqliteConnection> opened) : options_(std::move(options)), connection_(std::move(opened)) {}

  Lease lease() override {
    std::unique_lock lock(mutex_);
    if (connection_ && !connection_->usable()) connection_.reset();
    if (!connection_) connection_ = std::make_unique<SqliteConnection>(options_);
    auto held = std::make_shared<std::unique_lock<std::mutex>>(std::move(lock));
    return {connection_.get(), [self = shared_from_this(), held](Connection*) { held->unlock(); }};
  }
  void reset() override {
    const std::lock_guard lock(mutex_);
    connection_.reset();
  }

 private:
  std::mutex mutex_;
  SqliteConnectionOptions options_;
  std::unique_ptr<SqliteConnection> connection_;
};

// Idle read-only connections of all files, the least recently used closed first.
class ReaderPool : public std::enable_shared_from_this<ReaderPool> {
 public:
  ReaderPool(std::size_t idle_max, bool synchronous_full) : idle_max_(idle_max), synchronous_full_(synchronous_full) {}

  Lease lease(const std::string& path, TenantMode mode) {
    std::unique_ptr<SqliteConnection> connection = take(path);
    if (!connection) {
      connection = std::make_unique<SqliteConnection>(SqliteConnectionOptions{.path = path, .synchronous_full = synchronous_full_, .mode = mode});
    }
    return {connection.release(), [self = shared_from_this(), path](Connection* back) { self->give_back(path, static_cast<SqliteConnection*>(back)); }};
  }

  // The file is going to be deleted.
  void forget(const std::string& path) {
    const std::lock_guard lock(mutex_);
    gone_.insert(path);
    std::erase_if(idle_, [&](const Idle& one) { return one.path == path; });
    rebuild();
  }

 private:
  struct Idle { std::string path; std::unique_ptr<SqliteConnection> connection; };

  std::unique_ptr<SqliteConnection> take(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto found = by_path_.find(path);
    if (found == by_path_.end()) return nullptr;
    std::unique_ptr<SqliteConnection> connection = std::move(found->second.back()->connection);
    idle_.erase(found->second.back());
    found->second.pop_back();
    if (found->second.empty()) by_path_.erase(found);
    return connection;
  }

  void give_back(const std::string& path, SqliteConnection* raw) {
    std::unique_ptr<SqliteConnection> connection(raw), evicted;
    if (!connection->usable()) return;
    const std::lock_guard lock(mutex_);
    if (gone_.contains(path)) return;
    idle_.push_front({path, std::move(connection)});
    by_path_[path].push_back(idle_.begin());
    if (idle_.size() <= idle_max_) return;
    auto& same = by_path_[idle_.back().path];
    std::erase(same, std::prev(idle_.end()));
    if (same.empty()) by_path_.erase(idle_.back().path);
    evicted = std::move(idle_.back().connection);
    idle_.pop_back();
  }

  void rebuild() {
    by_path_.clear();
    for (auto at = idle_.begin(); at != idle_.end(); ++at) by_path_[at->path].push_back(at);
  }

  std::mutex mutex_;
  std::size_t idle_max_;
  bool synchronous_full_;
  std::list<Idle> idle_;  // most recently used first
  std::unordered_map<std::string, std::vector<std::list<Idle>::iterator>> by_path_;
  std::unordered_set<std::string> gone_;
};

class PooledReaders final : public ConnectionSource {
 public:
  PooledReaders(std::shared_ptr<ReaderPool> pool, std::string path, TenantMode mode) : pool_(std::move(pool)), path_(std::move(path)), mode_(mode) {}
  Lease lease() override { return pool_->lease(path_, mode_); }

 private:
  std::shared_ptr<ReaderPool> pool_;
  std::string path_;
  TenantMode mode_;
};

[[noreturn]] void disk_failed(std::string_view doing, const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  unavailable(full ? "store-full" : "store-unavailable",
              full ? "The disk of the data folder is full. Free space, then try again." : "The data folder cannot be written. Check that it exists and belongs to this user.",
              fmt::format("{} {}: {}", doing, path, std::generic_category().message(error)));
}

void make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) disk_failed("mkdir", path, errno);
}

void sync_folder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) disk_failed("open", path, errno);
  const int failed = fsync(fd) != 0 ? errno : 0;
  close(fd);
  if (failed != 0) disk_failed("fsync", path, failed);
}

void write_new_file(const std::string& path, std::string_view bytes, bool sync) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) disk_failed("create", path, errno);
  int failed = 0;
  while (!bytes.empty() && failed == 0) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) failed = errno;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (failed == 0 && sync && fsync(fd) != 0) failed = errno;
  close(fd);
  if (failed != 0) disk_failed("write", path, failed);
}

// The uid becomes a path: it is made by us, but a path is no place for trust.
std::string checked(const TenantUid& uid) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  if (uid.empty() || uid.str().size() > 64 || !std::ranges::all_of(uid.str(), plain)) broken("The internal id of a tenant is not one.", uid.str());
  return uid.str();
}

class SqliteStores final : public Stores {
 public:
  explicit SqliteStores(const SqliteOptions& options)
      : options_(options), template_(sqlite_template()), pool_(std::make_shared<ReaderPool>(options.open_tenants_max, options.synchronous_full)) {
    make_folder(options_.folder);
    make_folder(options_.folder + "/tenants");
    const std::string path = options_.folder + "/system.db";
    if (!fs::exists(path)) write_new_file(path, {}, false);
    SqliteConnectionOptions writing{.path = path, .read_only = false, .synchronous_full = options_.synchronous_full, .mode = TenantMode::none, .hook = options_.hook};
    auto connection = std::make_unique<SqliteConnection>(writing);
    migrate_sqlite(*connection, system_migrations());
    connection->set_scope(TenantMode::none, {});
    set_orphans_aside(tenant_table::all_uids(*connection));
    system_writer_ = std::make_shared<WritingConnection>(writing, std::move(connection));
    system_readers_ = std::make_shared<PooledReaders>(pool_, path, TenantMode::none);
    system_ = make_system_store(std::make_shared<ScopedSource>(system_writer_, TenantMode::none, TenantUid()),
                                std::make_shared<ScopedSource>(system_readers_, TenantMode::none, TenantUid()));
  }

  SystemStore& system() override { return *system_; }

  std::unique_ptr<Directory> directory(const TenantScope& scope) override {
    return make_directory(std::make_shared<ScopedSource>(system_writer_, TenantMode::column, scope.uid()),
                          std::make_shared<ScopedSource>(system_readers_, TenantMode::column, scope.uid()));
  }

  Result<void> create_tenant_data(const TenantScope& scope) override {
    return guarded([&] {
      if (options_.hook) options_.hook("create tenant file");
      const std::string folder = folder_of(scope);
      make_folder(folder);
      write_new_file(folder + "/tenant.db", template_, options_.synchronous_full);
      if (options_.synchronous_full) {
        sync_folder(folder);
        sync_folder(options_.folder + "/tenants");
      }
    });
  }

  Result<void> erase_tenant_data(const TenantScope& scope) override {
    return guarded([&] {
      if (options_.hook) options_.hook("erase tenant file");
      pool_->forget(folder_of(scope) + "/tenant.db");
      std::error_code failed;
      fs::remove_all(folder_of(scope), failed);
      if (failed) disk_failed("remove", folder_of(scope), failed.value());
      if (options_.synchronous_full) sync_folder(options_.folder + "/tenants");
    });
  }

  Result<std::unique_ptr<TenantStore>> open(const TenantScope& scope) override {
    auto sources = guarded([&] {
      SqliteConnectionOptions writing{.path = existing_file(scope), .read_only = false, .synchronous_full = options_.synchronous_full, .hook = options_.hook};
      auto connection = std::make_unique<SqliteConnection>(writing);
      migrate_sqlite(*connection, tenant_migrations());
      auto readers = std::make_shared<PooledReaders>(pool_, writing.path, TenantMode::own_file);
      return std::pair(std::make_shared<WritingConnection>(writing, std::move(connection)), std::move(readers));
    });
    if (!sources) return fail(sources.error());
    return make_tenant_store(sources->first, sources->second);
  }

  Result<std::unique_ptr<TenantReader>> read(const TenantScope& scope) override {
    return guarded([&]() -> std::unique_ptr<TenantReader> {
      const std::string path = existing_file(scope);
      const Lease connection = pool_->lease(path, TenantMode::own_file);
      if (!migrated(*connection)) {
        SqliteConnection writing({.path = path, .read_only = false, .synchronous_full = options_.synchronous_full, .hook = options_.hook});
        migrate_sqlite(writing, tenant_migrations());
      }
      return make_reader(std::make_shared<PooledReaders>(pool_, path, TenantMode::own_file));
    });
  }

 private:
  std::string folder_of(const TenantScope& scope) const { return fmt::format("{}/tenants/{}", options_.folder, checked(scope.uid())); }

  std::string existing_file(const TenantScope& scope) const {
    std::string path = folder_of(scope) + "/tenant.db";
    if (!fs::exists(path)) throw StoreFailure(StoreFailure::Cause::refused, Error{ErrorKind::not_found, "store-tenant-missing", "The tenant has no data here.", path, {}});
    return path;
  }

  static bool migrated(Connection& c) {
    return query_integer(c, "select max(version) from migrations where {tenant}").value_or(0) == tenant_migrations().back().version;
  }

  // A folder that no row names: a creation that did not end, or a row lost. Nothing is deleted by itself.
  void set_orphans_aside(const std::vector<std::string>& known) {
    const std::unordered_set<std::string> names(known.begin(), known.end());
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(options_.folder + "/tenants", failed)) {
      const std::string name = entry.path().filename().string();
      if (names.contains(name)) continue;
      const std::string aside = options_.folder + "/set-aside";
      make_folder(aside);
      std::string target = fmt::format("{}/{}", aside, name);
      for (int n = 2; fs::exists(target); ++n) target = fmt::format("{}/{}.{}", aside, name, n);
      fs::rename(entry.path(), target, failed);
      if (failed) disk_failed("rename", entry.path().string(), failed.value());
      log::warn("store: the folder {} belongs to no tenant and was moved to {}", entry.path().string(), target);
    }
  }

  SqliteOptions options_;
  std::string template_;
  std::shared_ptr<ReaderPool> pool_;
  std::shared_ptr<ConnectionSource> system_writer_, system_readers_;
  std::unique_ptr<SystemStore> system_;
};

}  // namespace

Result<std::unique_ptr<Stores>> open_sqlite(const SqliteOptions& options) {
  // Counting what all connections allocate takes one lock of the process for every piece; waking tenants wait there for each other.
  static const int counts_nothing = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(counts_nothing);
  return guarded([&]() -> std::unique_ptr<Stores> { return std::make_unique<SqliteStores>(options); });
}

}  // namespace insula::store
