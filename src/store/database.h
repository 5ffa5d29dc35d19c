// The Database port: what the tables need of a database, and nothing of which one it is. Inside this folder failures are thrown as
// StoreFailure and become values at the door (guarded()); anything else thrown (a simulated crash of the StatementHook) passes through.
//
// A connection is used by one thread at a time. A tenant's connection has a scope, and every statement that reads or changes a table must
// name it with the word `{tenant}` (or `{tenant alias}`), once per table: on PostgreSQL it becomes `tenant = $k`, bound by the connection
// itself, in a tenant's own SQLite file it becomes `true`. A statement without it is refused by both.
#pragma once
#include "base/base.h"

namespace insula::store {

struct StoreFailure : std::exception {
  enum class Cause {
    constraint,   // unique key: the row exists
    unavailable,  // busy, disk full, database away: nothing of this transaction was written
    unknown,      // the outcome of a COMMIT cannot be told
    refused,      // what the caller asked for is wrong (filter, sort, pattern)
    broken,       // our SQL, our rows, a damaged file
  };
  StoreFailure(Cause why, Error what) : cause(why), error(std::move(what)) {}
  const char* what() const noexcept override { return error.message.c_str(); }
  Cause cause;
  Error error;
};

template <class F>
auto guarded(F&& work) -> Result<std::invoke_result_t<F>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
      std::forward<F>(work)();
      return {};
    } else {
      return std::forward<F>(work)();
    }
  } catch (const StoreFailure& failure) {
    if (failure.cause == StoreFailure::Cause::broken) log::error("store: {}: {}", failure.error.message, failure.error.detail);
    return fail(failure.error);
  }
}

using Value = std::variant<std::monostate, std::int64_t, std::string_view>;

// Cells to bind, in order; of several rows one after another. Borrowed texts must outlive the statement; owned ones are kept here.
// Text is stored as UTF-8 without NUL on every database: what is not gets U+FFFD in its place.
class Cells {
 public:
  Cells& null() { return push(Value{}); }
  Cells& integer(std::int64_t value) { return push(Value{value}); }
  Cells& flag(bool value) { return integer(value ? 1 : 0); }
  Cells& instant(Instant value) { return integer(value.time_since_epoch().count()); }
  Cells& instant(const std::optional<Instant>& value) { return value ? instant(*value) : null(); }
  Cells& text(std::string_view borrowed);
  Cells& own(std::string text);
  Cells& json(const Json& value) { return value.is_null() ? null() : own(write_json(value)); }
  Cells& json(const JsonObject& value) { return value.empty() ? null() : own(write_json(value)); }
  template <class Tag>
  Cells& id(const StrongString<Tag>& value) { return text(value.str()); }
  template <class Tag>
  Cells& id(const std::optional<StrongString<Tag>>& value) { return value ? text(value->str()) : null(); }

  std::span<const Value> all() const { return values_; }
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  void clear() { values_.clear(), owned_.clear(); }

 private:
  Cells& push(Value value) { return values_.push_back(value), *this; }
  std::vector<Value> values_;
  std::deque<std::string> owned_;
};

// The text as a database keeps it.
std::string storable_text(std::string text);

// One row of an answer; views live until the callback returns.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
};

// Reads a row's cells from left to right, in the order of the table's columns.
class Cursor {
 public:
  explicit Cursor(const Row& row, int first = 0) : row_(row), at_(first) {}
  std::int64_t integer() { return row_.integer(at_++); }
  int small() { return static_cast<int>(integer()); }
  bool flag() { return integer() != 0; }
  Instant instant() { return Instant(Duration(integer())); }
  std::string text() { return std::string(row_.text(at_++)); }
  std::optional<Instant> maybe_instant() { return skip_null() ? std::nullopt : std::optional(instant()); }
  std::optional<std::int64_t> maybe_integer() { return skip_null() ? std::nullopt : std::optional(integer()); }
  std::optional<std::string> maybe_text() { return skip_null() ? std::nullopt : std::optional(text()); }
  template <class Id>
  Id id() { return Id(row_.text(at_++)); }
  template <class Id>
  std::optional<Id> maybe_id() { return skip_null() ? std::nullopt : std::optional(id<Id>()); }
  Json json();            // null for NULL
  JsonObject object();    // empty for NULL

 private:
  bool skip_null() { return row_.null(at_) ? (++at_, true) : false; }
  const Row& row_;
  int at_;
};

enum class ColumnType { text, integer };
enum class ColumnRole { key, value, sum };  // sum: an upsert adds to what is there

struct Column {
  std::string_view name;
  ColumnType type = ColumnType::text;
  ColumnRole role = ColumnRole::value;
};
// A table as the bulk statements see it: key columns first. `tenant_owned` tables lead with a column `tenant` where tenants share a database.
struct Table {
  std::string_view name;
  std::vector<Column> columns;
  bool tenant_owned = true;
  std::size_t key_columns() const;
};
// `e.id, e.namespace, …`
std::string columns_of(const Table& table, std::string_view alias = {});

// What differs between the databases' SQL. Arguments are SQL: a column, a parameter.
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string contains(std::string_view text, std::string_view part) const = 0;         // exact case
  virtual std::string contains_folded(std::string_view text, std::string_view part) const = 0;  // Unicode simple case folding of both
  virtual std::string ends_with(std::string_view text, std::string_view part) const = 0;
  virtual std::string matches(std::string_view text, std::string_view pattern) const = 0;       // found anywhere in the text
  // The column, written so that SQLite's planner, which knows no statistics here, does not choose an index for it.
  virtual std::string not_indexed(std::string_view column, ColumnType type) const = 0;
};

enum class TenantMode {
  none,      // rows of the instance: `{tenant}` is refused
  own_file,  // the whole file belongs to the tenant: `{tenant}` is `true`, tables have no column for it
  column,    // tenants share tables: `tenant = $k`
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual const Dialect& dialect() const = 0;
  // Whose rows the statements that follow are about.
  virtual void set_scope(TenantMode mode, const TenantUid& tenant) = 0;
  virtual const TenantUid& tenant() const = 0;  // of the scope; empty without one

  // Parameters are `$1`, `$2` … by number; cells beyond the highest number are not looked at. No statement may run on this connection from within `each`.
  virtual void query(std::string_view sql, const Cells& parameters, const std::function<void(const Row&)>& each) = 0;
  virtual std::int64_t execute(std::string_view sql, const Cells& parameters) = 0;  // rows changed

  virtual void begin_write() = 0;
  virtual void begin_read() = 0;               // a snapshot
  virtual void commit() = 0;                   // of either
  virtual void rollback() noexcept = 0;

  // Bulk statements; the cells are whole rows in the order of the columns. Of equal keys in one upsert the last row wins.
  virtual void upsert(const Table& table, const Cells& rows) = 0;
  virtual void insert(const Table& table, const Cells& rows) = 0;  // constraint failure when a key exists
  // Deletes by the first `width` columns.
  virtual void erase(const Table& table, const Cells& keys, std::size_t width) = 0;

  virtual bool usable() const = 0;             // false: close it, do not give it back
  virtual void maintain() = 0;                 // between turns: checkpoint, free pages
};

// A transaction that ends: rolled back unless committed.
class Transaction {
 public:
  enum class Kind { read, write };
  Transaction(Connection& connection, Kind kind) : connection_(connection) { kind == Kind::read ? connection.begin_read() : connection.begin_write(); }
  ~Transaction() { if (open_) connection_.rollback(); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    connection_.commit();
    open_ = false;
  }

 private:
  Connection& connection_;
  bool open_ = true;
};

// A connection for one call; goes back to where it came from.
using Lease = std::unique_ptr<Connection, std::function<void(Connection*)>>;

class ConnectionSource {
 public:
  virtual ~ConnectionSource() = default;
  virtual Lease lease() = 0;
  virtual void reset() {}                      // after an unknown outcome: close, so that the next lease opens anew
};

// Connections of a shared database, each lent with this scope.
class ScopedSource final : public ConnectionSource {
 public:
  ScopedSource(std::shared_ptr<ConnectionSource> connections, TenantMode mode, TenantUid tenant)
      : connections_(std::move(connections)), mode_(mode), tenant_(std::move(tenant)) {}
  Lease lease() override {
    Lease connection = connections_->lease();
    connection->set_scope(mode_, tenant_);
    return connection;
  }
  void reset() override { connections_->reset(); }

 private:
  std::shared_ptr<ConnectionSource> connections_;
  TenantMode mode_;
  TenantUid tenant_;
};

// First row's first cell.
std::optional<std::int64_t> query_integer(Connection& connection, std::string_view sql, const Cells& parameters = {});

[[noreturn]] void refuse(std::string code, std::string message);               // Cause::refused, ErrorKind::invalid
[[noreturn]] void broken(std::string message, std::string detail = {});        // Cause::broken, code `store-broken`
[[noreturn]] void unavailable(std::string code, std::string message, std::string detail = {});

}  // namespace insula::store
