// Shared tables, a bounded pool of connections that all tenants share.
#include "store/migration.h"
#include "store/over_database.h"
#include "store/postgres_database.h"
#include "store/tables.h"

namespace insula::store {
namespace {

constexpr auto kWaitMax = std::chrono::seconds(5);

class PostgresPool final : public ConnectionSource, public std::enable_shared_from_this<PostgresPool> {
 public:
  explicit PostgresPool(const PostgresOptions& options) : options_(options) {}

  Lease lease() override {
    std::unique_ptr<PostgresConnection> connection;
    {
      std::unique_lock lock(mutex_);
      const bool free = returned_.wait_for(lock, kWaitMax, [&] { return !idle_.empty() || open_ < options_.connections_max; });
      if (!free) unavailable("store-busy", "All connections to the database are in use. Try again.", fmt::format("{} connections", open_));
      if (!idle_.empty()) {
        connection = std::move(idle_.back());
        idle_.pop_back();
      } else {
        ++open_;
      }
    }
    if (!connection) connection = connect();
    return {connection.release(), [self = shared_from_this()](Connection* back) { self->give_back(static_cast<PostgresConnection*>(back)); }};
  }

 private:
  std::unique_ptr<PostgresConnection> connect() {
    try {
      return std::make_unique<PostgresConnection>(options_);
    } catch (...) {
      closed(1);
      throw;
    }
  }

  void closed(int count) {
    const std::lock_guard lock(mutex_);
    open_ -= count;
    returned_.notify_one();
  }

  void give_back(PostgresConnection* raw) {
    std::unique_ptr<PostgresConnection> connection(raw);
    std::vector<std::unique_ptr<PostgresConnection>> dead;
    const std::lock_guard lock(mutex_);
    if (connection->usable()) {
      idle_.push_back(std::move(connection));
    } else {
      // The server went away: the idle ones are likely to be as dead, and each would cost a caller an error.
      dead.swap(idle_);
      open_ -= 1 + static_cast<int>(dead.size());
    }
    returned_.notify_one();
  }

  PostgresOptions options_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  int open_ = 0;
};

class PostgresStores final : public Stores {
 public:
  explicit PostgresStores(const PostgresOptions& options) : pool_(std::make_shared<PostgresPool>(options)) {
    {
      const Lease connection = pool_->lease();
      migrate_postgres(static_cast<PostgresConnection&>(*connection), options.schema);
    }
    const auto unscoped = std::make_shared<ScopedSource>(pool_, TenantMode::none, TenantUid());
    system_ = make_system_store(unscoped, unscoped);
  }

  SystemStore& system() override { return *system_; }
  std::unique_ptr<Directory> directory(const TenantScope& scope) override { return make_directory(of(scope), of(scope)); }

  Result<void> create_tenant_data(const TenantScope& scope) override {
    return guarded([&] { write(scope, turn_table::create); });
  }

  Result<void> erase_tenant_data(const TenantScope& scope) override {
    return guarded([&] {
      write(scope, [](Connection& c) {
        c.query("select set_config('statement_timeout', '0', true)", {}, [](const Row&) {});
        // The turn first: it locks out the tenant's writer.
        for (const std::string_view table : tables_of(tenant_migrations())) c.execute(fmt::format("delete from {} where {{tenant}}", table), {});
      });
    });
  }

  Result<std::unique_ptr<TenantStore>> open(const TenantScope& scope) override { return make_tenant_store(of(scope), of(scope)); }

  Result<std::unique_ptr<TenantReader>> read(const TenantScope& scope) override {
    return guarded([&]() -> std::unique_ptr<TenantReader> {
      const auto source = of(scope);
      const Lease connection = source->lease();
      if (!turn_table::read(*connection)) throw StoreFailure(StoreFailure::Cause::refused, Error{ErrorKind::not_found, "store-tenant-missing", "The tenant has no data here.", {}, {}});
      return make_reader(source);
    });
  }

 private:
  std::shared_ptr<ConnectionSource> of(const TenantScope& scope) const { return std::make_shared<ScopedSource>(pool_, TenantMode::column, scope.uid()); }

  template <class F>
  void write(const TenantScope& scope, F&& work) {
    const auto source = of(scope);
    const Lease connection = source->lease();
    Transaction transaction(*connection, Transaction::Kind::write);
    work(*connection);
    transaction.commit();
  }

  std::shared_ptr<PostgresPool> pool_;
  std::unique_ptr<SystemStore> system_;
};

}  // namespace

Result<std::unique_ptr<Stores>> open_postgres(const PostgresOptions& options) {
  return guarded([&]() -> std::unique_ptr<Stores> { return std::make_unique<PostgresStores>(options); });
}

}  // namespace insula::store
