// What only the SQLite driver does: files.
#include <sys/stat.h>

#include <filesystem>

#include "store/sqlite_database.h"
#include "store/store_suite.h"

namespace insula::store {
namespace {

namespace fs = std::filesystem;

class SqliteFiles : public testing::Test {
 protected:
  SqliteFiles() {
    folder_ = (fs::temp_directory_path() / fmt::format("insula_files_{}_{}", getpid(), testing::UnitTest::GetInstance()->random_seed())).string();
    fs::remove_all(folder_);
    open_stores();
  }
  ~SqliteFiles() override { fs::remove_all(folder_); }
  void open_stores() {
    stores_.reset();
    stores_ = must(open_sqlite({.folder = folder_}));
  }
  TenantScope create(const std::string& uid, bool row = true) {
    const TenantScope scope = ScopeForTests::make(uid, uid);
    must(stores_->create_tenant_data(scope));
    TenantRow t;
    t.uid = scope.uid(), t.id = TenantId(uid);
    if (row) must(stores_->system().create_tenant(t));
    return scope;
  }
  static unsigned mode(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777u;
  }
  void execute(const std::string& uid, const std::string& sql) {
    SqliteConnection connection({.path = folder_ + "/tenants/" + uid + "/tenant.db", .read_only = false});
    connection.run_script(sql);
  }

  std::string folder_;
  std::unique_ptr<Stores> stores_;
};

TEST_F(SqliteFiles, AreReadableByTheirOwnerOnly) {
  const TenantScope scope = create("u1");
  const auto store = must(stores_->open(scope));
  EXPECT_EQ(store->commit({}).outcome, CommitOutcome::committed);
  EXPECT_EQ(mode(folder_), 0700u);
  EXPECT_EQ(mode(folder_ + "/tenants"), 0700u);
  EXPECT_EQ(mode(folder_ + "/tenants/u1"), 0700u);
  EXPECT_EQ(mode(folder_ + "/system.db"), 0600u);
  EXPECT_EQ(mode(folder_ + "/tenants/u1/tenant.db"), 0600u);
  EXPECT_EQ(mode(folder_ + "/tenants/u1/tenant.db-wal"), 0600u);
}

TEST_F(SqliteFiles, AFolderWithoutARowIsSetAsideAndNotDeleted) {
  create("kept");
  create("orphan", false);
  open_stores();
  EXPECT_TRUE(fs::exists(folder_ + "/tenants/kept/tenant.db"));
  EXPECT_FALSE(fs::exists(folder_ + "/tenants/orphan"));
  EXPECT_TRUE(fs::exists(folder_ + "/set-aside/orphan/tenant.db"));
  create("orphan", false);
  open_stores();
  EXPECT_TRUE(fs::exists(folder_ + "/set-aside/orphan.2/tenant.db"));
}

TEST_F(SqliteFiles, ErasingRemovesTheFolderEvenWhileReadersAreIdle) {
  const TenantScope scope = create("u1");
  must(must(stores_->read(scope))->timers());
  must(stores_->erase_tenant_data(scope));
  EXPECT_FALSE(fs::exists(folder_ + "/tenants/u1"));
  must(stores_->erase_tenant_data(scope));
}

TEST_F(SqliteFiles, AChangedMigrationOrANewerFileIsAClearErrorForThatTenantOnly) {
  const TenantScope changed = create("u1"), newer = create("u2"), good = create("u3");
  execute("u1", "update migrations set checksum = 'other'");
  execute("u2", "insert into migrations values (99, 'x')");
  EXPECT_EQ(code_of(stores_->open(changed)), "store-migration-changed");
  EXPECT_EQ(code_of(stores_->open(newer)), "store-newer");
  EXPECT_EQ(code_of(stores_->read(newer)), "store-newer");
  must(stores_->open(good));
}

TEST_F(SqliteFiles, AFileThatIsNoDatabaseIsAnError) {
  const TenantScope scope = create("u1");
  fs::resize_file(folder_ + "/tenants/u1/tenant.db", 10'000);
  EXPECT_FALSE(stores_->open(scope).has_value());
  EXPECT_FALSE(stores_->read(scope).has_value() && must(stores_->read(scope))->search_executions({}).has_value());
}

TEST_F(SqliteFiles, AnotherFileCannotBeAttachedAndThePageSizeOfTheCacheIsSmall) {
  create("u1");
  SqliteConnection connection({.path = folder_ + "/tenants/u1/tenant.db", .read_only = false});
  EXPECT_THROW(connection.run_script("attach database '/tmp/other.db' as other"), StoreFailure);
  connection.set_scope(TenantMode::none, {});
  EXPECT_EQ(query_integer(connection, "pragma synchronous"), 2);
  EXPECT_EQ(query_integer(connection, "pragma auto_vacuum"), 2);
  SqliteConnection reading({.path = folder_ + "/tenants/u1/tenant.db"});
  EXPECT_THROW(reading.run_script("delete from turn"), StoreFailure);
}

TEST_F(SqliteFiles, TheLogIsCheckpointedWithinItsBudget) {
  const TenantScope scope = create("u1");
  const auto store = must(stores_->open(scope));
  IdGenerator ids(1);
  for (int i = 0; i < 40; ++i) {
    Turn turn;
    for (int k = 0; k < 20; ++k) {
      execution::Header h;
      h.id = ids.next_as<ExecutionId>(at(i));
      h.state = execution::StateHistory(execution::State::created, at(i));
      h.inputs = {{"x", std::string(20'000, 'x')}};
      turn.executions.push_back(h);
    }
    ASSERT_EQ(store->commit(turn).outcome, CommitOutcome::committed);
  }
  EXPECT_LT(fs::file_size(folder_ + "/tenants/u1/tenant.db-wal"), 8u << 20);
  EXPECT_GT(fs::file_size(folder_ + "/tenants/u1/tenant.db"), 12u << 20);
}

TEST_F(SqliteFiles, CreationAndOpeningAreFast) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<TenantScope> scopes;
  for (int i = 0; i < 100; ++i) {
    scopes.push_back(ScopeForTests::make(fmt::format("t{}", i), "x"));
    must(stores_->create_tenant_data(scopes.back()));
  }
  const auto created = std::chrono::steady_clock::now();
  sqlite3_int64 before = sqlite3_memory_used();
  std::vector<std::unique_ptr<TenantStore>> open;
  for (const TenantScope& scope : scopes) open.push_back(must(stores_->open(scope)));
  const auto opened = std::chrono::steady_clock::now();
  fmt::print("create {:.2f} ms, open {:.2f} ms, {} KB per open writer, {} KB per file\n", std::chrono::duration<double, std::milli>(created - start).count() / 100,
             std::chrono::duration<double, std::milli>(opened - created).count() / 100, (sqlite3_memory_used() - before) / 100 / 1024,
             fs::file_size(folder_ + "/tenants/t0/tenant.db") / 1024);
}

}  // namespace
}  // namespace insula::store
