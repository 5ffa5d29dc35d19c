#include "store/database.h"

namespace insula::store {
namespace {

// Length of the well-formed UTF-8 sequence at `at`, 0 when there is none or it is NUL.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  for (std::size_t length = 1; length <= 4 && at + length <= text.size(); ++length) {
    if (is_utf8(text.substr(at, length))) return text[at] == '\0' ? 0 : length;
  }
  return 0;
}

std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++at;
    } else {
      out.append(text, at, length);
      at += length;
    }
  }
  return out;
}

bool storable(std::string_view text) { return text.find('\0') == std::string_view::npos && is_utf8(text); }

}  // namespace

Cells& Cells::text(std::string_view borrowed) {
  if (storable(borrowed)) return push(Value{borrowed});
  return push(Value{std::string_view(owned_.emplace_back(repaired(borrowed)))});
}

std::string storable_text(std::string text) { return storable(text) ? std::move(text) : repaired(text); }

Cells& Cells::own(std::string text) {
  owned_.push_back(storable_text(std::move(text)));
  return push(Value{std::string_view(owned_.back())});
}

Json Cursor::json() {
  if (skip_null()) return nullptr;
  // What was written within the limits of an input must be readable, one level deeper inside our own wrapper.
  auto parsed = parse_json(row_.text(at_++), {.bytes_max = 1u << 30, .depth_max = 1'000});
  if (!parsed) broken("A stored JSON text cannot be read.", parsed.error().message);
  return std::move(*parsed);
}

JsonObject Cursor::object() {
  Json value = json();
  return value.is_object() ? std::move(value.as_object()) : JsonObject{};
}

std::size_t Table::key_columns() const {
  return static_cast<std::size_t>(std::ranges::count(columns, ColumnRole::key, &Column::role));
}

std::string columns_of(const Table& table, std::string_view alias) {
  std::string out;
  for (const Column& column : table.columns) {
    if (!out.empty()) out += ", ";
    if (!alias.empty()) out.append(alias) += '.';
    out += column.name;
  }
  return out;
}

std::optional<std::int64_t> query_integer(Connection& connection, std::string_view sql, const Cells& parameters) {
  std::optional<std::int64_t> found;
  connection.query(sql, parameters, [&](const Row& row) {
    if (!found && !row.null(0)) found = row.integer(0);
  });
  return found;
}

void refuse(std::string code, std::string message) {
  throw StoreFailure(StoreFailure::Cause::refused, Error{ErrorKind::invalid, std::move(code), std::move(message), {}, {}});
}

void broken(std::string message, std::string detail) {
  throw StoreFailure(StoreFailure::Cause::broken, Error{ErrorKind::unavailable, "store-broken", std::move(message), std::move(detail), {}});
}

void unavailable(std::string code, std::string message, std::string detail) {
  throw StoreFailure(StoreFailure::Cause::unavailable, Error{ErrorKind::unavailable, std::move(code), std::move(message), std::move(detail), {}});
}

}  // namespace insula::store
