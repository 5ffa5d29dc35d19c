#include "store/sql_text.h"

namespace insula::store {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// Tables of tenants named in the text: a name after from, join, update. A parenthesis after them is a subquery, which names its own. `users` is
// the one table of the instance that statements of a tenant may join: people belong to no tenant.
int tables_named(std::string_view sql) {
  int count = 0;
  std::string previous;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '\'') {
      at = std::min(sql.find('\'', at + 1), sql.size() - 1) + 1;
      previous.clear();
    } else if (is_word(sql[at])) {
      std::size_t end = at;
      while (end < sql.size() && is_word(sql[end])) ++end;
      const std::string word = lower_ascii(sql.substr(at, end - at));
      const bool other = word == "set" || word == "excluded" || word == "users";  // `do update set`, `distinct from excluded`
      if ((previous == "from" || previous == "join" || previous == "update") && !other) ++count;
      previous = word;
      at = end;
    } else {
      if (sql[at] != ' ' && sql[at] != '\n') previous.clear();
      ++at;
    }
  }
  return count;
}

std::string names(const Table& table, bool tenant, std::size_t count) {
  std::string out = tenant ? "tenant" : "";
  for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}{}", out.empty() ? "" : ", ", table.columns[i].name);
  return out;
}

std::string on_conflict(const Table& table, bool tenant) {
  std::string set;
  for (const Column& column : table.columns) {
    if (column.role == ColumnRole::key) continue;
    set += set.empty() ? "" : ", ";
    set += column.role == ColumnRole::sum ? fmt::format("{0} = {1}.{0} + excluded.{0}", column.name, table.name)
                                          : fmt::format("{0} = excluded.{0}", column.name);
  }
  const std::string target = names(table, tenant, table.key_columns());
  return set.empty() ? fmt::format(" on conflict ({}) do nothing", target) : fmt::format(" on conflict ({}) do update set {}", target, set);
}

std::string arrays(const Table& table, std::size_t count, int first) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    const char* type = table.columns[i].type == ColumnType::text ? "text" : "bigint";
    out += fmt::format("{}${}::{}[]", i == 0 ? "" : ", ", first + static_cast<int>(i), type);
  }
  return out;
}

}  // namespace

ExpandedSql expand(std::string_view sql, TenantMode mode, char mark) {
  ExpandedSql out;
  int conditions = 0;
  for (std::size_t at = 0; at + 1 < sql.size(); ++at) {
    if (sql[at] != '$') continue;
    int number = 0;
    std::from_chars(sql.data() + at + 1, sql.data() + sql.size(), number);
    out.parameters = std::max(out.parameters, number);
  }
  out.text.reserve(sql.size() + 32);
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql[at] == '\'') {
      const std::size_t end = std::min(sql.find('\'', at + 1), sql.size() - 1);
      out.text.append(sql, at, end - at + 1);
      at = end;
    } else if (sql[at] == '$') {
      out.text += mark;
    } else if (sql.substr(at).starts_with("{tenant")) {
      const std::size_t end = sql.find('}', at);
      const std::string_view alias = trim(sql.substr(at + 7, end - at - 7));
      ++conditions;
      out.binds_tenant = out.binds_tenant || mode == TenantMode::column;
      out.text += mode == TenantMode::column ? fmt::format("{}{}tenant = {}{}", alias, alias.empty() ? "" : ".", mark, out.parameters + 1) : "true";
      at = end;
    } else {
      out.text += sql[at];
    }
  }
  if (mode == TenantMode::none ? conditions != 0 : conditions < tables_named(sql)) {
    broken("A statement of the store does not say whose rows it is about.", std::string(sql));
  }
  return out;
}

std::string sqlite_insert(const Table& table, TenantMode mode) {
  const bool tenant = table.tenant_owned && mode == TenantMode::column;
  std::string marks;
  for (std::size_t i = 1; i <= table.columns.size() + (tenant ? 1 : 0); ++i) marks += fmt::format("{}?{}", i == 1 ? "" : ", ", i);
  return fmt::format("insert into {} ({}) values ({})", table.name, names(table, tenant, table.columns.size()), marks);
}

std::string sqlite_upsert(const Table& table, TenantMode mode) {
  return sqlite_insert(table, mode) + on_conflict(table, table.tenant_owned && mode == TenantMode::column);
}

std::string sqlite_erase(const Table& table, TenantMode mode, std::size_t width) {
  const bool tenant = table.tenant_owned && mode == TenantMode::column;
  std::string where = tenant ? "tenant = ?1" : "";
  for (std::size_t i = 0; i < width; ++i) {
    where += fmt::format("{}{} = ?{}", where.empty() ? "" : " and ", table.columns[i].name, i + (tenant ? 2 : 1));
  }
  return fmt::format("delete from {} where {}", table.name, where);
}

std::string postgres_insert(const Table& table) {
  const std::size_t count = table.columns.size();
  return fmt::format("insert into {} ({}) select {}* from unnest({})", table.name, names(table, table.tenant_owned, count),
                     table.tenant_owned ? "$1::text, " : "", arrays(table, count, table.tenant_owned ? 2 : 1));
}

std::string postgres_upsert(const Table& table) { return postgres_insert(table) + on_conflict(table, table.tenant_owned); }

std::string postgres_erase(const Table& table, std::size_t width) {
  const int first = table.tenant_owned ? 2 : 1;
  // `= any` over the leading key is an index condition whatever the statistics say; a join might scan the whole table.
  std::string sql = fmt::format("delete from {} where {}{} = any({})", table.name, table.tenant_owned ? "tenant = $1 and " : "", table.columns[0].name,
                                arrays(table, 1, first));
  if (width > 1) sql += fmt::format(" and ({}) in (select * from unnest({}))", names(table, false, width), arrays(table, width, first));
  return sql;
}

}  // namespace insula::store
