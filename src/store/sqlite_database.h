// The SQLite driver: raw, thin, one statement cache per connection.
#pragma once
#include <sqlite3.h>

#include "store/sql_text.h"
#include "store/stores.h"

namespace insula::store {

const Dialect& sqlite_dialect();
// The functions behind the dialect: insula_contains_folded(text, part), insula_matches(text, pattern).
void register_sqlite_functions(sqlite3* database);

struct SqliteConnectionOptions {
  std::string path;
  bool create = false;
  bool read_only = true;
  bool synchronous_full = true;
  TenantMode mode = TenantMode::own_file;
  StatementHook hook = {};
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(const SqliteConnectionOptions& options);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  const Dialect& dialect() const override { return sqlite_dialect(); }
  void set_scope(TenantMode mode, const TenantUid& tenant) override;
  const TenantUid& tenant() const override { return tenant_; }
  void query(std::string_view sql, const Cells& parameters, const std::function<void(const Row&)>& each) override;
  std::int64_t execute(std::string_view sql, const Cells& parameters) override;
  void begin_write() override;
  void begin_read() override;
  void commit() override;
  void rollback() noexcept override;
  void upsert(const Table& table, const Cells& rows) override;
  void insert(const Table& table, const Cells& rows) override;
  void erase(const Table& table, const Cells& keys, std::size_t width) override;
  bool usable() const override { return usable_; }
  void maintain() override;

  // Several statements without parameters: migrations, pragmas.
  void run_script(const std::string& sql);
  sqlite3* handle() { return database_; }

 private:
  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    int parameters = 0;
    bool binds_tenant = false;
    std::uint64_t used = 0;
  };
  Prepared& prepare(const std::string& key, const std::function<ExpandedSql()>& make);
  Prepared& prepare_text(std::string_view sql);
  void bind(const Prepared& prepared, std::span<const Value> cells, bool tenant_first);
  void each_row(const Table& table, char kind, const std::function<ExpandedSql()>& make, const Cells& rows, std::size_t width);
  void simple(const char* sql);
  void step_done(sqlite3_stmt* statement, std::string_view sql);
  [[noreturn]] void failed(int code, std::string_view sql, bool committing = false);

  sqlite3* database_ = nullptr;
  TenantMode mode_;
  TenantUid tenant_;
  StatementHook hook_;
  std::unordered_map<std::string, Prepared> statements_;
  std::uint64_t uses_ = 0;
  std::chrono::steady_clock::time_point deadline_{};
  bool read_only_ = true;
  bool writing_ = false;
  bool usable_ = true;
  bool freed_rows_ = false;   // since the last maintenance
  int wal_pages_ = 0;         // after the last commit
};

// The bytes of a new tenant's file: its tables and the row of its turns. Made once, copied for each tenant.
std::string sqlite_template();

}  // namespace insula::store
