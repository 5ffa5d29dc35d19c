#include "flow/yaml_scalar.h"

#include <charconv>

namespace insula::flow {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) { return std::ranges::find(words, text) != words.end(); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string without_underscores(std::string_view digits) {
  std::string out;
  for (char c : digits)
    if (c != '_') out += c;
  return out;
}

Json json_text(std::string_view text) { return Json(boost::json::string_view(text.data(), text.size())); }

// Digits of one base, underscores already gone. Beyond 64 bits the number goes on as a double.
std::optional<Json> whole_number(bool negative, const std::string& digits, int base) {
  if (digits.empty()) return std::nullopt;
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (end != digits.data() + digits.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    double wide = 0;
    if (base != 10 || std::from_chars(digits.data(), digits.data() + digits.size(), wide).ec != std::errc{}) return std::nullopt;
    return Json(negative ? -wide : wide);
  }
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (negative) {
    if (magnitude > kMax + 1) return Json(-static_cast<double>(magnitude));
    return Json(static_cast<std::int64_t>(0 - magnitude));
  }
  if (magnitude <= kMax) return Json(static_cast<std::int64_t>(magnitude));
  return Json(magnitude);
}

std::optional<Json> integer(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  const auto only = [&](std::string_view allowed, std::string_view digits) { return digits.find_first_not_of(allowed) == std::string_view::npos; };
  if (text.starts_with("0b") && only("01_", text.substr(2))) return whole_number(negative, without_underscores(text.substr(2)), 2);
  if (text.starts_with("0x") && only("0123456789abcdefABCDEF_", text.substr(2))) return whole_number(negative, without_underscores(text.substr(2)), 16);
  if (text.size() > 1 && text.front() == '0') return only("01234567_", text) ? whole_number(negative, without_underscores(text), 8) : std::nullopt;
  return only("0123456789_", text) ? whole_number(negative, without_underscores(text), 10) : std::nullopt;
}

// `1.5`, `.5`, `5.`, `1e3`, `1_0.5`: at least one digit before an exponent, and a point or an exponent.
std::optional<Json> floating(std::string_view text) {
  std::string_view rest = text;
  if (rest.front() == '-' || rest.front() == '+') rest.remove_prefix(1);
  std::size_t at = 0;
  int digits = 0;
  bool marked = false;
  while (at < rest.size() && (is_digit(rest[at]) || (rest[at] == '_' && digits > 0))) digits += is_digit(rest[at++]) ? 1 : 0;
  if (at < rest.size() && rest[at] == '.') {
    marked = true;
    for (++at; at < rest.size() && (is_digit(rest[at]) || rest[at] == '_');) digits += is_digit(rest[at++]) ? 1 : 0;
  }
  if (digits == 0) return std::nullopt;
  if (at < rest.size() && (rest[at] == 'e' || rest[at] == 'E')) {
    marked = true;
    if (++at < rest.size() && (rest[at] == '-' || rest[at] == '+')) ++at;
    if (at >= rest.size() || !is_digit(rest[at])) return std::nullopt;
    while (at < rest.size() && is_digit(rest[at])) ++at;
  }
  if (!marked || at != rest.size()) return std::nullopt;
  const std::string clean = without_underscores(rest);
  double value = 0;
  const auto [end, error] = std::from_chars(clean.data(), clean.data() + clean.size(), value);
  if (error != std::errc{} || end != clean.data() + clean.size()) return std::nullopt;
  return Json(text.front() == '-' ? -value : value);
}

std::optional<bool> boolean(std::string_view text) {
  if (is_one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) return false;
  return std::nullopt;
}

}  // namespace

std::optional<Json> resolve_plain(std::string_view text) {
  if (text.empty()) return json_text(text);
  if (is_one_of(text, {"~", "null", "Null", "NULL"})) return Json(nullptr);
  if (const auto truth = boolean(text)) return Json(*truth);
  const char first = text.front();
  if (!is_digit(first) && first != '-' && first != '+' && first != '.') return json_text(text);
  const std::string_view unsigned_text = first == '-' || first == '+' ? text.substr(1) : text;
  if (is_one_of(unsigned_text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) return std::nullopt;
  if (auto number = integer(text)) return number;
  if (auto number = floating(text)) return number;
  return json_text(text);
}

std::optional<Json> resolve_tagged(std::string_view tag, std::string_view text) {
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  if (!tag.starts_with(kCore)) return json_text(text);
  const std::string_view name = tag.substr(kCore.size());
  if (name == "int" || name == "bool") return resolve_plain(text);
  if (name == "float") {
    auto value = resolve_plain(text);
    if (value && value->is_int64()) return Json(static_cast<double>(value->as_int64()));
    return value;
  }
  return json_text(text);
}

}  // namespace insula::flow
