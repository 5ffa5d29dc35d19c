// Filters, sorts and pages → SQL. Values are always bound; columns come from a table's own list of fields (attacks.md 11).
#pragma once
#include "store/database.h"
#include "store/query.h"

namespace insula::store {

// SQL in the making: its text and its parameters.
struct SqlText {
  std::string text;
  Cells cells;
  std::string bind(std::string_view value) { return cells.own(std::string(value)), fmt::format("${}", cells.size()); }
  std::string bind(std::int64_t value) { return cells.integer(value), fmt::format("${}", cells.size()); }
};

enum class FieldKind { text, instant, integer, state, level };

struct Field {
  std::string_view name;      // as in Filter::field and Sort::field
  std::string_view column;
  FieldKind kind = FieldKind::text;
  bool filter = true, sort = true;
  bool nullable = false;      // NULL sorts after everything
};

class Search {
 public:
  Search(const Dialect& dialect, std::span<const Field> fields, SqlText& sql) : dialect_(dialect), fields_(fields), sql_(sql) {}

  // Columns for which this says true are written so that no index on them is chosen.
  std::function<bool(std::string_view column)> hidden = [](std::string_view) { return false; };

  // ` and …` for a filter on one of the fields; refused when there is none such or the operation does not fit its kind.
  void filter(const Filter& filter);
  void also(std::string_view condition) { sql_.text.append(" and ").append(condition); }
  // ` and …`: each word of the text is found in one of the columns, whatever its case.
  void words(const Filter& filter, std::span<const std::string_view> columns);
  // ` and …` of Query::namespaces.
  void visible_namespaces(const Query& query, std::string_view column);
  // USER: not the namespace of the system's own flows; SYSTEM: that one (Filter::key names it, else `system`).
  void scope(const Filter& filter, std::string_view column);
  std::string text_condition(const Filter& filter, std::string_view column);
  // ` order by …`; `unique` ends the order.
  std::string order(const Page& page, std::vector<Sort> otherwise, std::string_view unique);
  std::string limit(const Page& page);

 private:
  const Field& field(std::string_view name, bool sorting) const;
  std::string column(const Field& field) const;
  std::string number_condition(const Filter& filter, const Field& field);
  std::int64_t number(const Filter& filter, const Field& field, const std::string& value) const;

  const Dialect& dialect_;
  std::span<const Field> fields_;
  SqlText& sql_;
};

void check_page(const Page& page);
std::string_view to_string(Op op);
// `column` is the namespace or one of its children.
std::string within_namespace(SqlText& sql, std::string_view column, std::string_view ns);
// Filters by labels as `key` and values `value`, or values `key:value`.
Filter label_filter(const Filter& filter);
// The exact text of the filter when it is `equals` or `in` with one value.
std::optional<std::string> single_value(const Filter& filter);

}  // namespace insula::store
