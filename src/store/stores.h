// Where stores come from.
#pragma once
#include "store/directory.h"
#include "store/system_store.h"
#include "store/tenant_store.h"

namespace insula::store {

class Stores {
 public:
  virtual ~Stores() = default;
  virtual SystemStore& system() = 0;
  virtual std::unique_ptr<Directory> directory(const TenantScope& scope) = 0;
  // Creates the tenant's folder and file (or nothing on PostgreSQL). Before its row exists; an orphan is set aside at the next start.
  virtual Result<void> create_tenant_data(const TenantScope& scope) = 0;
  virtual Result<void> erase_tenant_data(const TenantScope& scope) = 0;
  // Applies migrations, raises the fence. One writer per tenant at a time.
  virtual Result<std::unique_ptr<TenantStore>> open(const TenantScope& scope) = 0;
  // A read-only connection from a bounded pool of open tenants; never wakes the tenant's actor.
  virtual Result<std::unique_ptr<TenantReader>> read(const TenantScope& scope) = 0;
};

// A seam for faults in tests: called before each statement that writes (its text), and with `committed` when a commit has become durable. May throw
// SimulatedCrash to stop there for good, or a StoreFailure.
using StatementHook = std::function<void(std::string_view sql)>;
// For hooks that play a database in trouble: nothing was written because the disk is full or the database away, or nobody knows whether it was.
enum class Fault { full, away, unknown };
[[noreturn]] void throw_fault(Fault fault);

struct SqliteOptions {
  std::string folder;                      // data folder: system.db and tenants/<uid>/tenant.db
  std::size_t open_tenants_max = 1'000;
  bool synchronous_full = true;            // off only in throw-away stores (`insula flow run`)
  StatementHook hook = {};
};
Result<std::unique_ptr<Stores>> open_sqlite(const SqliteOptions& options);

struct PostgresOptions {
  std::string connection;                  // libpq connection text
  std::string schema = "insula";
  int connections_max = 16;
  StatementHook hook = {};
};
Result<std::unique_ptr<Stores>> open_postgres(const PostgresOptions& options);

}  // namespace insula::store
