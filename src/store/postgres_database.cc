#include "store/postgres_database.h"

#include "store/migration.h"

namespace insula::store {
namespace {

constexpr std::size_t kStatementsMax = 256;          // prepared ones per connection
constexpr std::size_t kRowsPerStatement = 5'000;     // of a bulk statement
constexpr Oid kText = 25, kBigint = 20;

class PostgresDialect final : public Dialect {
 public:
  std::string contains(std::string_view text, std::string_view part) const override { return fmt::format("position({} in {}) > 0", part, text); }
  // The columns compare by bytes; only a collation of ICU folds the letters of all scripts.
  std::string contains_folded(std::string_view text, std::string_view part) const override {
    return fmt::format("position(lower(cast({} as text) collate \"und-x-icu\") in lower({} collate \"und-x-icu\")) > 0", part, text);
  }
  std::string ends_with(std::string_view text, std::string_view part) const override {
    return fmt::format("right({0}, length(cast({1} as text))) = {1}", text, part);
  }
  std::string matches(std::string_view text, std::string_view pattern) const override { return fmt::format("{} ~ {}", text, pattern); }
  std::string not_indexed(std::string_view column, ColumnType) const override { return std::string(column); }
};

class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}
  bool null(int column) const override { return PQgetisnull(result_, row_, column) == 1; }
  std::int64_t integer(int column) const override {
    const std::string_view digits = text(column);
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  std::string_view text(int column) const override {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }

 private:
  const PGresult* result_;
  int row_;
};

void put_int32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

// One column of rows as a one-dimensional array in the binary format: no quoting, no parsing.
std::string binary_array(const std::vector<std::span<const Value>>& rows, std::size_t first, std::size_t count, std::size_t column, ColumnType type) {
  std::string out;
  put_int32(out, 1);  // dimensions
  put_int32(out, 1);  // may hold NULL
  put_int32(out, type == ColumnType::text ? kText : kBigint);
  put_int32(out, static_cast<std::uint32_t>(count));
  put_int32(out, 1);  // lower bound
  for (std::size_t i = first; i < first + count; ++i) {
    const Value& cell = rows[i][column];
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      put_int32(out, 8);
      put_int32(out, static_cast<std::uint32_t>(static_cast<std::uint64_t>(*number) >> 32));
      put_int32(out, static_cast<std::uint32_t>(static_cast<std::uint64_t>(*number)));
    } else if (const auto* text = std::get_if<std::string_view>(&cell)) {
      put_int32(out, static_cast<std::uint32_t>(text->size()));
      out += *text;
    } else {
      put_int32(out, 0xffffffffu);
    }
  }
  return out;
}

std::vector<std::span<const Value>> rows_of(const Cells& cells, std::size_t width) {
  std::vector<std::span<const Value>> rows;
  for (std::size_t at = 0; at < cells.size(); at += width) rows.push_back(cells.all().subspan(at, width));
  return rows;
}

}  // namespace

const Dialect& postgres_dialect() {
  static const PostgresDialect dialect;
  return dialect;
}

PostgresConnection::PostgresConnection(const PostgresOptions& options) : hook_(options.hook) {
  // Later keywords win, so the connection text may say otherwise.
  const std::array<const char*, 6> keywords{"connect_timeout", "tcp_user_timeout", "client_encoding", "fallback_application_name", "dbname", nullptr};
  const std::array<const char*, 6> values{"5", "15000", "UTF8", "insula", options.connection.c_str(), nullptr};
  connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    unavailable("store-unavailable", "The database cannot be reached. Check that it runs and that its address and password are right.", PQerrorMessage(connection_.get()));
  }
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  char* quoted = PQescapeIdentifier(connection_.get(), options.schema.data(), options.schema.size());
  const std::string schema = quoted != nullptr ? quoted : "public";
  PQfreemem(quoted);
  // A prepared statement keeps the plan of the time when its table was small: with sequential scans out of the question that plan is a good one
  // for a large table too.
  run_script(fmt::format("set search_path to {}; set enable_seqscan = off; set statement_timeout = '10s'; set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '60s'", schema));
}

// The second wall: policies on the tables compare with this setting (row_security below). Set only when it changes: it costs a round trip.
void PostgresConnection::set_scope(TenantMode mode, const TenantUid& tenant) {
  mode_ = mode;
  tenant_ = tenant;
  const std::string visible = mode == TenantMode::none ? "*" : tenant.str();
  if (visible == visible_) return;
  const char* value = visible.c_str();
  visible_.clear();
  checked(PQexecParams(connection_.get(), "select set_config('insula.tenant', $1, false)", 1, nullptr, &value, nullptr, nullptr, 0), "set_config");
  visible_ = visible;
}

void PostgresConnection::failed(const PGresult* result, std::string_view sql, bool committing) {
  const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string state = field != nullptr ? field : "";
  const std::string detail = fmt::format("PostgreSQL {} ({}) in: {}", state, trim(PQerrorMessage(connection_.get())), sql.substr(0, 300));
  const bool lost = PQstatus(connection_.get()) != CONNECTION_OK || state.empty() || state.starts_with("57P") || state.starts_with("08");
  if (lost) usable_ = false;
  if (committing && (lost || state == "40003")) {
    throw StoreFailure(StoreFailure::Cause::unknown, Error{ErrorKind::unavailable, "store-outcome-unknown", "Whether the last change was written is not known.", detail, {}});
  }
  if (lost) unavailable("store-unavailable", "The connection to the database was lost. Try again.", detail);
  if (state == "23505") throw StoreFailure(StoreFailure::Cause::constraint, Error{ErrorKind::conflict, "store-constraint", "A row with this key exists.", detail, {}});
  if (state == "57014") unavailable("store-read-too-long", "The read took longer than 10 s. Narrow the filters.", detail);
  if (state == "53100") unavailable("store-full", "The disk of the database is full. Free space, then try again.", detail);
  if (state == "2201B") refuse("regex-invalid", "The database cannot read the pattern of a filter.");
  if (state == "54000") unavailable("store-row-too-large", "A value is larger than a database row may be (1 GB).", detail);
  if (state == "25006") usable_ = false;  // a standby: connect anew, perhaps elsewhere
  if (state.starts_with("40") || state.starts_with("53") || state.starts_with("55") || state == "25006") unavailable("store-busy", "The database is busy. Try again.", detail);
  broken("The store failed.", detail);
}

PostgresConnection::Answer PostgresConnection::checked(PGresult* raw, std::string_view sql, bool committing) {
  Answer result(raw);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) failed(result.get(), sql, committing);
  return result;
}

void PostgresConnection::run_script(const std::string& sql) { checked(PQexec(connection_.get(), sql.c_str()), sql); }

const PostgresConnection::Prepared& PostgresConnection::prepare(std::string_view sql) {
  const std::string key = std::to_string(static_cast<int>(mode_)) + std::string(sql);
  if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
  return prepare_as(key, expand(sql, mode_, '$'));
}

const PostgresConnection::Prepared& PostgresConnection::prepare_as(const std::string& key, const ExpandedSql& sql) {
  if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
  if (statements_.size() >= kStatementsMax) {
    run_script("deallocate all");
    statements_.clear();
  }
  Prepared prepared{fmt::format("s{}", ++names_), sql.parameters, sql.binds_tenant};
  checked(PQprepare(connection_.get(), prepared.name.c_str(), sql.text.c_str(), 0, nullptr), sql.text);
  return statements_.emplace(key, std::move(prepared)).first->second;
}

PostgresConnection::Answer PostgresConnection::run(const Prepared& prepared, std::span<const Value> cells) {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  std::deque<std::string> digits;
  const auto add = [&](std::string_view bytes, int format) {
    values.push_back(bytes.data() == nullptr ? "" : bytes.data());
    lengths.push_back(static_cast<int>(bytes.size()));
    formats.push_back(format);
  };
  // The binary format of a text is its bytes: nothing is copied to end it with NUL.
  for (const Value& cell : cells.first(static_cast<std::size_t>(prepared.parameters))) {
    if (const auto* number = std::get_if<std::int64_t>(&cell)) add(digits.emplace_back(std::to_string(*number)), 0);
    else if (const auto* text = std::get_if<std::string_view>(&cell)) add(*text, 1);
    else values.push_back(nullptr), lengths.push_back(0), formats.push_back(0);
  }
  if (prepared.binds_tenant) add(tenant_.str(), 1);
  return Answer(PQexecPrepared(connection_.get(), prepared.name.c_str(), static_cast<int>(values.size()), values.data(), lengths.data(), formats.data(), 0));
}

void PostgresConnection::query(std::string_view sql, const Cells& parameters, const std::function<void(const Row&)>& each) {
  const Answer answer = checked(run(prepare(sql), parameters.all()).release(), sql);
  for (int i = 0; i < PQntuples(answer.get()); ++i) each(PostgresRow(answer.get(), i));
}

std::int64_t PostgresConnection::execute(std::string_view sql, const Cells& parameters) {
  if (hook_) hook_(sql);
  const Answer answer = checked(run(prepare(sql), parameters.all()).release(), sql);
  const std::string_view count = PQcmdTuples(answer.get());
  std::int64_t rows = 0;
  std::from_chars(count.data(), count.data() + count.size(), rows);
  return rows;
}

void PostgresConnection::begin_write() {
  if (hook_) hook_("begin");
  run_script("begin");
  writing_ = true;
}

void PostgresConnection::begin_read() { run_script("begin isolation level repeatable read read only"); }

void PostgresConnection::commit() {
  if (writing_ && hook_) hook_("commit");
  const Answer answer = checked(PQexec(connection_.get(), "commit"), "commit", writing_);
  const bool wrote = std::exchange(writing_, false);
  // A transaction that failed before answers ROLLBACK to a COMMIT.
  if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT") broken("A transaction that had failed was committed.");
  if (wrote && hook_) hook_("committed");
}

void PostgresConnection::rollback() noexcept {
  writing_ = false;
  if (PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
  const Answer answer(PQexec(connection_.get(), "rollback"));
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) usable_ = false;
}

std::vector<std::span<const Value>> PostgresConnection::last_of_equal_keys(const Table& table, const Cells& cells) const {
  // PostgreSQL refuses to touch a row twice in one statement.
  std::vector<std::span<const Value>> rows = rows_of(cells, table.columns.size()), kept;
  if (rows.size() < 2) return rows;
  std::unordered_set<std::string> seen;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    std::string key;
    for (const Value& cell : row->first(table.key_columns())) {
      if (const auto* number = std::get_if<std::int64_t>(&cell)) key += std::to_string(*number);
      else if (const auto* text = std::get_if<std::string_view>(&cell)) key += *text;
      key += '\0';
    }
    if (seen.insert(std::move(key)).second) kept.push_back(*row);
  }
  std::ranges::reverse(kept);
  return kept;
}

void PostgresConnection::bulk(const Table& table, std::string_view sql, const std::vector<std::span<const Value>>& rows, std::size_t width) {
  if (rows.empty()) return;
  if (table.tenant_owned && mode_ != TenantMode::column) broken("A write to a tenant's table has no tenant.", std::string(sql));
  if (hook_) hook_(sql);
  const int offset = table.tenant_owned ? 1 : 0;
  const Prepared& prepared = prepare_as(std::string(sql), ExpandedSql{std::string(sql), static_cast<int>(width) + offset, false});
  for (std::size_t at = 0; at < rows.size(); at += kRowsPerStatement) {
    const std::size_t count = std::min(kRowsPerStatement, rows.size() - at);
    std::vector<std::string> arrays;
    arrays.reserve(width);
    Cells cells;
    for (std::size_t column = 0; column < width; ++column) arrays.push_back(binary_array(rows, at, count, column, table.columns[column].type));
    std::vector<Value> values;
    if (offset == 1) values.emplace_back(std::string_view(tenant_.str()));
    for (const std::string& array : arrays) values.emplace_back(std::string_view(array));
    checked(run(prepared, values).release(), sql);
  }
}

void PostgresConnection::upsert(const Table& table, const Cells& rows) {
  bulk(table, postgres_upsert(table), last_of_equal_keys(table, rows), table.columns.size());
}
void PostgresConnection::insert(const Table& table, const Cells& rows) {
  bulk(table, postgres_insert(table), rows_of(rows, table.columns.size()), table.columns.size());
}
void PostgresConnection::erase(const Table& table, const Cells& keys, std::size_t width) {
  bulk(table, postgres_erase(table, width), rows_of(keys, width), width);
}

namespace {

// Row-level security for every table that has a tenant, also against the owner of the tables (a superuser of the database is above it: connect
// as somebody else). A session without a tenant sees nothing. `*` is the instance itself, which looks across tenants at identity only.
constexpr const char* kRowSecurity = R"sql(
do $do$
declare one record;
begin
  for one in select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
      where n.nspname = current_schema() and c.relkind = 'r' and a.attname = 'tenant' and not a.attisdropped and not c.relforcerowsecurity loop
    execute format('create policy tenant_rows on %I using (tenant = current_setting(''insula.tenant'', true))', one.relname);
    if one.relname in ('roles', 'user_groups', 'members', 'bindings', 'accesses', 'invitations', 'audit_outbox') then
      execute format('create policy instance_rows on %I using (current_setting(''insula.tenant'', true) = ''*'')', one.relname);
    end if;
    execute format('alter table %I enable row level security', one.relname);
    execute format('alter table %I force row level security', one.relname);
  end loop;
end $do$
)sql";

}  // namespace

void migrate_postgres(PostgresConnection& connection, const std::string& schema) {
  connection.set_scope(TenantMode::none, {});
  Transaction transaction(connection, Transaction::Kind::write);
  connection.query("select pg_advisory_xact_lock(hashtext($1))", Cells().own("insula " + schema), [](const Row&) {});
  // current_schema() is the first of the search path that exists.
  if (!query_integer(connection, "select 1 from pg_namespace where nspname = $1", Cells().text(schema))) {
    connection.query("select set_config('insula.schema', $1, true)", Cells().text(schema), [](const Row&) {});
    connection.run_script("do $do$ begin execute format('create schema %I', current_setting('insula.schema')); end $do$");
  }
  connection.run_script("create table if not exists migrations (list text not null, version bigint not null, checksum text not null, primary key (list, version))");
  for (const auto& [list, migrations] : {std::pair(std::string("system"), system_migrations()), std::pair(std::string("tenant"), tenant_migrations())}) {
    std::vector<AppliedMigration> applied;
    connection.query("select version, checksum from migrations where list = $1 order by version", Cells().text(list), [&](const Row& row) {
      applied.push_back({static_cast<int>(row.integer(0)), std::string(row.text(1))});
    });
    for (const Migration& migration : pending(migrations, applied)) {
      connection.run_script(postgres_schema_text(migration));
      connection.execute("insert into migrations (list, version, checksum) values ($1, $2, $3)",
                         Cells().text(list).integer(migration.version).own(checksum(migration)));
    }
  }
  connection.run_script(kRowSecurity);
  transaction.commit();
}

}  // namespace insula::store
