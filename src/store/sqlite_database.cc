#include "store/sqlite_database.h"

#include "store/migration.h"
#include "store/tables.h"

namespace insula::store {
namespace {

constexpr std::size_t kStatementsMax = 64;         // per connection, least recently used goes
constexpr int kWalBudgetPages = 1'024;             // 4 MB of 4 KB pages, then a checkpoint between turns
constexpr auto kReadTimeMax = std::chrono::seconds(10);
constexpr int kBusyMs = 2'000;

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const override {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr ? std::string_view() : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  sqlite3_stmt* statement_;
};

// Ends the use of a cached statement however the scope is left.
struct Use {
  explicit Use(sqlite3_stmt* of) : statement(of) {}
  ~Use() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  sqlite3_stmt* statement;
};

}  // namespace

SqliteConnection::SqliteConnection(const SqliteConnectionOptions& options)
    : mode_(options.mode), hook_(options.hook), read_only_(options.read_only) {
  // A reader opens for writing too and then forbids it: only so can it take part in recovering a WAL left by a crash.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE | (options.create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(options.path.c_str(), &database_, flags, nullptr);
  if (code != SQLITE_OK) {
    const std::string why = database_ != nullptr ? sqlite3_errmsg(database_) : "out of memory";
    sqlite3_close(database_);
    unavailable("store-unavailable", "The database file cannot be opened. Check that the data folder is there, readable and not full.",
                fmt::format("{}: {}", options.path, why));
  }
  try {
    sqlite3_limit(database_, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_busy_timeout(database_, kBusyMs);
    register_sqlite_functions(database_);
    run_script(options.synchronous_full ? "pragma synchronous = full" : "pragma synchronous = off");
    run_script("pragma cache_size = -256; pragma cache_spill = off; pragma temp_store = memory");
    if (read_only_) {
      sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
      run_script("pragma query_only = 1");
      sqlite3_progress_handler(database_, 10'000, [](void* self) -> int {
        return std::chrono::steady_clock::now() > static_cast<SqliteConnection*>(self)->deadline_ ? 1 : 0;
      }, this);
    } else {
      run_script("pragma journal_mode = wal");
      sqlite3_wal_hook(database_, [](void* self, sqlite3*, const char*, int pages) -> int {
        static_cast<SqliteConnection*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      }, this);
    }
  } catch (...) {
    sqlite3_close(database_);
    throw;
  }
}

SqliteConnection::~SqliteConnection() {
  for (auto& [sql, prepared] : statements_) sqlite3_finalize(prepared.statement);
  sqlite3_close(database_);  // rolls back what is open
}

void SqliteConnection::failed(int code, std::string_view sql, bool committing) {
  const std::string detail = fmt::format("SQLite {} ({}) in: {}", code, sqlite3_errmsg(database_), sql.substr(0, 300));
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      throw StoreFailure(StoreFailure::Cause::constraint, Error{ErrorKind::conflict, "store-constraint", "A row with this key exists.", detail, {}});
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      unavailable("store-busy", "The database is busy. Try again.", detail);
    case SQLITE_FULL:
      unavailable("store-full", "The disk of the data folder is full. Free space, then try again.", detail);
    case SQLITE_INTERRUPT:
      unavailable("store-read-too-long", fmt::format("The read took longer than {} s. Narrow the filters.", kReadTimeMax.count()), detail);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
      usable_ = false;
      if (committing) {
        throw StoreFailure(StoreFailure::Cause::unknown, Error{ErrorKind::unavailable, "store-outcome-unknown", "Whether the last change was written is not known.", detail, {}});
      }
      unavailable("store-unavailable", "The database file cannot be read or written. Check the disk of the data folder.", detail);
    default:
      usable_ = false;
      broken("The store failed.", detail);
  }
}

void SqliteConnection::run_script(const std::string& sql) {
  if (const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK) failed(code, sql);
}

void SqliteConnection::set_scope(TenantMode mode, const TenantUid& tenant) {
  mode_ = mode;
  tenant_ = tenant;
}

SqliteConnection::Prepared& SqliteConnection::prepare(const std::string& name, const std::function<ExpandedSql()>& make) {
  const std::string key = std::to_string(static_cast<int>(mode_)) + name;  // the system file is used with a scope and without
  auto found = statements_.find(key);
  if (found == statements_.end()) {
    if (statements_.size() >= kStatementsMax) {
      const auto oldest = std::ranges::min_element(statements_, {}, [](const auto& entry) { return entry.second.used; });
      sqlite3_finalize(oldest->second.statement);
      statements_.erase(oldest);
    }
    const ExpandedSql sql = make();
    Prepared prepared{nullptr, sql.parameters, sql.binds_tenant, 0};
    const int code = sqlite3_prepare_v3(database_, sql.text.data(), static_cast<int>(sql.text.size()), SQLITE_PREPARE_PERSISTENT, &prepared.statement, nullptr);
    if (code != SQLITE_OK) failed(code, sql.text);
    found = statements_.emplace(key, prepared).first;
  }
  found->second.used = ++uses_;
  return found->second;
}

SqliteConnection::Prepared& SqliteConnection::prepare_text(std::string_view sql) {
  return prepare(std::string(sql), [&] { return expand(sql, mode_, '?'); });
}

void SqliteConnection::bind(const Prepared& prepared, std::span<const Value> cells, bool tenant_first) {
  const auto bind_text = [&](int index, std::string_view text) {
    return sqlite3_bind_text64(prepared.statement, index, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  };
  int index = 1;
  int code = SQLITE_OK;
  if (prepared.binds_tenant && tenant_first) code = bind_text(index++, tenant_.str());
  for (const Value& cell : cells) {
    if (code != SQLITE_OK) break;
    if (const auto* number = std::get_if<std::int64_t>(&cell)) code = sqlite3_bind_int64(prepared.statement, index, *number);
    else if (const auto* text = std::get_if<std::string_view>(&cell)) code = bind_text(index, *text);
    else code = sqlite3_bind_null(prepared.statement, index);
    ++index;
  }
  if (code == SQLITE_OK && prepared.binds_tenant && !tenant_first) code = bind_text(prepared.parameters + 1, tenant_.str());
  if ((code & 0xff) == SQLITE_TOOBIG) unavailable("store-row-too-large", "A value is larger than a database row may be (1 GB).", {});
  if (code != SQLITE_OK) failed(code, "bind");
}

void SqliteConnection::query(std::string_view sql, const Cells& parameters, const std::function<void(const Row&)>& each) {
  if (sqlite3_get_autocommit(database_) != 0) deadline_ = std::chrono::steady_clock::now() + kReadTimeMax;
  Prepared& prepared = prepare_text(sql);
  Use use(prepared.statement);
  bind(prepared, parameters.all().first(static_cast<std::size_t>(prepared.parameters)), false);
  const SqliteRow row(prepared.statement);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(prepared.statement)) == SQLITE_ROW) each(row);
  if (code != SQLITE_DONE) failed(code, sql);
}

void SqliteConnection::step_done(sqlite3_stmt* statement, std::string_view sql) {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  if (code != SQLITE_DONE) failed(code, sql);
}

std::int64_t SqliteConnection::execute(std::string_view sql, const Cells& parameters) {
  if (hook_) hook_(sql);
  Prepared& prepared = prepare_text(sql);
  Use use(prepared.statement);
  bind(prepared, parameters.all().first(static_cast<std::size_t>(prepared.parameters)), false);
  step_done(prepared.statement, sql);
  return sqlite3_changes64(database_);
}

void SqliteConnection::simple(const char* sql) {
  Prepared& prepared = prepare(sql, [&] { return ExpandedSql{sql, 0, false}; });
  Use use(prepared.statement);
  const int code = sqlite3_step(prepared.statement);
  if (code != SQLITE_DONE) failed(code, sql, std::string_view(sql) == "commit");
}

void SqliteConnection::begin_write() {
  if (hook_) hook_("begin immediate");
  simple("begin immediate");
  writing_ = true;
}

void SqliteConnection::begin_read() {
  deadline_ = std::chrono::steady_clock::now() + kReadTimeMax;
  simple("begin");
}

void SqliteConnection::commit() {
  if (writing_ && hook_) hook_("commit");
  simple("commit");
  if (std::exchange(writing_, false) && hook_) hook_("committed");
}

void SqliteConnection::rollback() noexcept {
  writing_ = false;
  if (sqlite3_get_autocommit(database_) != 0) return;  // SQLite has rolled back by itself
  if (sqlite3_exec(database_, "rollback", nullptr, nullptr, nullptr) != SQLITE_OK) usable_ = false;
}

void SqliteConnection::each_row(const Table& table, char kind, const std::function<ExpandedSql()>& make, const Cells& rows, std::size_t width) {
  if (rows.empty()) return;
  Prepared& prepared = prepare(fmt::format("{}{} {}", kind, width, table.name), make);
  if (hook_) hook_(sqlite3_sql(prepared.statement));
  const auto all = rows.all();
  for (std::size_t at = 0; at < all.size(); at += width) {
    Use use(prepared.statement);
    bind(prepared, all.subspan(at, width), true);
    step_done(prepared.statement, table.name);
  }
}

void SqliteConnection::upsert(const Table& table, const Cells& rows) {
  each_row(table, 'u', [&] { return ExpandedSql{sqlite_upsert(table, mode_), 0, table.tenant_owned && mode_ == TenantMode::column}; }, rows, table.columns.size());
}

void SqliteConnection::insert(const Table& table, const Cells& rows) {
  each_row(table, 'i', [&] { return ExpandedSql{sqlite_insert(table, mode_), 0, table.tenant_owned && mode_ == TenantMode::column}; }, rows, table.columns.size());
}

void SqliteConnection::erase(const Table& table, const Cells& keys, std::size_t width) {
  freed_rows_ = freed_rows_ || !keys.empty();
  each_row(table, 'e', [&] { return ExpandedSql{sqlite_erase(table, mode_, width), 0, table.tenant_owned && mode_ == TenantMode::column}; }, keys, width);
}

void SqliteConnection::maintain() {
  if (wal_pages_ < kWalBudgetPages || sqlite3_get_autocommit(database_) == 0) return;
  if (hook_) hook_("checkpoint");
  if (freed_rows_) sqlite3_exec(database_, "pragma incremental_vacuum(512)", nullptr, nullptr, nullptr);
  freed_rows_ = false;
  // Passive: waits for nobody. A failure is no failure of a turn; the next one that writes will meet it.
  const int code = sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK && code != SQLITE_BUSY) log::warn("store: checkpoint failed: {}", sqlite3_errmsg(database_));
  wal_pages_ = 0;
}

std::string sqlite_template() {
  SqliteConnection connection({.path = ":memory:", .create = true, .read_only = false, .mode = TenantMode::none});
  connection.run_script("pragma page_size = 4096; pragma auto_vacuum = incremental");
  migrate_sqlite(connection, tenant_migrations());
  turn_table::create(connection);
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, void (*)(void*)> bytes(sqlite3_serialize(connection.handle(), "main", &size, 0), sqlite3_free);
  if (!bytes || size < 100) broken("The template of a tenant's database cannot be made.");
  std::string file(reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size));
  file[18] = file[19] = 2;  // read and write version of the file format: WAL
  return file;
}

}  // namespace insula::store
