// The PostgreSQL driver: raw libpq, prepared statements by text, one statement per table and turn over arrays.
#pragma once
#include <libpq-fe.h>

#include "store/sql_text.h"
#include "store/stores.h"

namespace insula::store {

const Dialect& postgres_dialect();

class PostgresConnection final : public Connection {
 public:
  // Connects, within 5 s unless the connection text says otherwise.
  explicit PostgresConnection(const PostgresOptions& options);

  const Dialect& dialect() const override { return postgres_dialect(); }
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
  void maintain() override {}  // the server's own business

  // Several statements without parameters.
  void run_script(const std::string& sql);

 private:
  struct Closer { void operator()(PGconn* connection) const { PQfinish(connection); } };
  struct Clearer { void operator()(PGresult* result) const { PQclear(result); } };
  using Answer = std::unique_ptr<PGresult, Clearer>;
  struct Prepared {
    std::string name;
    int parameters = 0;
    bool binds_tenant = false;
  };

  const Prepared& prepare(std::string_view sql);
  const Prepared& prepare_as(const std::string& key, const ExpandedSql& sql);
  Answer run(const Prepared& prepared, std::span<const Value> cells);
  Answer checked(PGresult* raw, std::string_view sql, bool committing = false);
  void bulk(const Table& table, std::string_view sql, const std::vector<std::span<const Value>>& rows, std::size_t width);
  std::vector<std::span<const Value>> last_of_equal_keys(const Table& table, const Cells& rows) const;
  [[noreturn]] void failed(const PGresult* result, std::string_view sql, bool committing);

  StatementHook hook_;
  std::unique_ptr<PGconn, Closer> connection_;
  TenantMode mode_ = TenantMode::none;
  TenantUid tenant_;
  std::string visible_;                    // what the session's setting `insula.tenant` holds
  std::unordered_map<std::string, Prepared> statements_;
  std::uint64_t names_ = 0;
  bool writing_ = false;
  bool usable_ = true;
};

// In one transaction, behind a lock of the whole schema: several nodes may start at once.
void migrate_postgres(PostgresConnection& connection, const std::string& schema);

}  // namespace insula::store
