#include <clocale>
#include <cwctype>
#include <locale.h>
#include <re2/re2.h>

#include "store/sqlite_database.h"

namespace insula::store {
namespace {

class SqliteDialect final : public Dialect {
 public:
  std::string contains(std::string_view text, std::string_view part) const override { return fmt::format("instr({}, {}) > 0", text, part); }
  std::string contains_folded(std::string_view text, std::string_view part) const override { return fmt::format("insula_contains_folded({}, {})", text, part); }
  std::string ends_with(std::string_view text, std::string_view part) const override {
    return fmt::format("(length({0}) >= length({1}) and substr({0}, length({0}) - length({1}) + 1) = {1})", text, part);
  }
  std::string matches(std::string_view text, std::string_view pattern) const override { return fmt::format("insula_matches({}, {})", text, pattern); }
  std::string not_indexed(std::string_view column, ColumnType type) const override {
    return type == ColumnType::text ? fmt::format("({} || '')", column) : fmt::format("({} + 0)", column);
  }
};

std::string_view argument(sqlite3_value* value) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

// Simple case folding by code point, as glibc's C.UTF-8 knows it: independent of the process's locale.
std::uint32_t fold(std::uint32_t point) {
  static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (point < 0x80) return point >= 'A' && point <= 'Z' ? point + 32 : point;
  return unicode == nullptr ? point : static_cast<std::uint32_t>(towlower_l(static_cast<wint_t>(point), unicode));
}

void fold(std::string_view text, std::u32string& out) {
  out.clear();
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length && at + k < text.size(); ++k) point = point << 6 | (static_cast<unsigned char>(text[at + k]) & 0x3fu);
    out.push_back(static_cast<char32_t>(fold(point)));
    at += length;
  }
}

// The folded text that is looked for; kept by SQLite for the rows that follow.
struct Needle {
  explicit Needle(std::string_view text) {
    fold(text, folded);
    ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (ascii) bytes.assign(folded.begin(), folded.end());
  }
  std::u32string folded;
  std::string bytes;
  bool ascii = false;
};

bool found_in(std::string_view text, const Needle& needle) {
  // Nearly always: letters of ASCII, which fold byte by byte wherever they stand in UTF-8.
  if (needle.ascii) {
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; };
    return std::search(text.begin(), text.end(), needle.bytes.begin(), needle.bytes.end(), same) != text.end() || needle.bytes.empty();
  }
  static thread_local std::u32string folded;
  fold(text, folded);
  return folded.find(needle.folded) != std::u32string::npos;
}

void contains_folded(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return sqlite3_result_null(context);
  const std::string_view text = argument(arguments[0]);
  if (const auto* kept = static_cast<const Needle*>(sqlite3_get_auxdata(context, 1))) return sqlite3_result_int(context, found_in(text, *kept) ? 1 : 0);
  auto made = std::make_unique<Needle>(argument(arguments[1]));
  sqlite3_result_int(context, found_in(text, *made) ? 1 : 0);
  sqlite3_set_auxdata(context, 1, made.release(), [](void* old) { delete static_cast<Needle*>(old); });
}

void matches(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return sqlite3_result_null(context);
  const std::string_view text = argument(arguments[0]);
  const auto found = [&](const RE2& pattern) { sqlite3_result_int(context, RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern) ? 1 : 0); };
  if (const auto* kept = static_cast<const RE2*>(sqlite3_get_auxdata(context, 1))) return found(*kept);
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  const std::string_view pattern = argument(arguments[1]);
  auto made = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!made->ok()) return sqlite3_result_error(context, "bad pattern", -1);
  found(*made);
  sqlite3_set_auxdata(context, 1, made.release(), [](void* old) { delete static_cast<RE2*>(old); });
}

}  // namespace

const Dialect& sqlite_dialect() {
  static const SqliteDialect dialect;
  return dialect;
}

void register_sqlite_functions(sqlite3* database) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  sqlite3_create_function_v2(database, "insula_contains_folded", 2, flags, nullptr, contains_folded, nullptr, nullptr, nullptr);
  sqlite3_create_function_v2(database, "insula_matches", 2, flags, nullptr, matches, nullptr, nullptr, nullptr);
}

}  // namespace insula::store
