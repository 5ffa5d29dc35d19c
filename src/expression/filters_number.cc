// Filters that make and print numbers.
#include <cmath>

#include "expression/evaluate.h"
#include "expression/number.h"
#include "expression/regex.h"
#include "expression/text_format.h"

namespace insula::expression {

namespace {
Value abs_filter(Call& call) {
  const Value& input = call.input;
  if (input.is_null()) return call.fail("Can not pass null value to \"abs\" filter.");
  if (!input.is_number()) return call.fail("The 'abs' filter does require as input a number.");
  switch (input.kind()) {
    case Kind::int32: return Value::int32(input.integer() == INT32_MIN ? INT32_MIN : std::abs(input.integer()));
    case Kind::int64: return Value::int64(input.integer() == INT64_MIN ? INT64_MIN : std::abs(input.integer()));
    case Kind::float32: return Value::float32(std::fabs(static_cast<float>(input.real())));
    case Kind::float64: return Value::float64(std::fabs(input.real()));
    default: return input.view().starts_with('-') ? Value::text(std::string(input.view().substr(1)), input.kind()) : input;
  }
}

Value number_format(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_number()) return call.fail("The input for the 'NumberFormat' filter has to be a number.");
  if (!call[0].nothing() && !call[0].is_text()) return call.fail_cast(call[0], "java.lang.String");
  auto made = format_decimal(call.input, call[0].is_text() ? call[0].view() : "#,##0.###");
  return made ? call.text(std::move(*made)) : call.fail_plain(made.error());
}

Value bad_input(const Call& call, std::string_view text) { return call.fail_plain(fmt::format("For input string: \"{}\"", text)); }

Value as_float(std::string_view text) {
  const auto real = parse_double(text);
  return real ? Value::float32(std::strtof(std::string(text).c_str(), nullptr)) : Value::failed();
}

// Significant digits of a decimal text, which decide between Float, Double and BigDecimal.
int significant_digits(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return 0;
  const std::size_t end = text.find_first_of("eE", point);
  return static_cast<int>((end == std::string_view::npos ? text.size() : end) - point - 1);
}

// What `number` makes of a text when no type is asked for: the smallest type that holds it.
Value smallest(const Call& call, std::string_view text) {
  const auto invalid = [&] { return call.fail_plain(fmt::format("{} is not a valid number.", text)); };
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return call.fail_plain("A blank string is not a valid number");
  std::string_view body = text;
  if (body[0] == '-' || body[0] == '+') body.remove_prefix(1);
  if (body.starts_with("0x") || body.starts_with("0X") || body.starts_with("#")) {
    std::string_view digits = body.substr(body[0] == '#' ? 1 : 2);
    std::uint64_t bits = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
    if (digits.empty() || end.ptr != digits.data() + digits.size() || end.ec != std::errc() || bits > INT64_MAX) return invalid();
    const auto whole = text[0] == '-' ? -static_cast<std::int64_t>(bits) : static_cast<std::int64_t>(bits);
    return bits <= INT32_MAX ? Value::int32(whole) : Value::int64(whole);
  }
  if (body.empty() || body.find_first_not_of("0123456789.eE+-fFdDlL") != std::string_view::npos) return invalid();
  const char last = body.back();
  if (last == 'l' || last == 'L') {
    const auto whole = parse_long(text.substr(0, text.size() - 1));
    return whole ? Value::int64(*whole) : invalid();
  }
  if (is_integer_text(text)) {
    if (body.size() > 1 && body[0] == '0') {  // octal, as in Java
      std::uint64_t bits = 0;
      const auto end = std::from_chars(body.data(), body.data() + body.size(), bits, 8);
      if (end.ptr != body.data() + body.size() || end.ec != std::errc() || bits > INT64_MAX) return invalid();
      const auto whole = text[0] == '-' ? -static_cast<std::int64_t>(bits) : static_cast<std::int64_t>(bits);
      return bits <= INT32_MAX ? Value::int32(whole) : Value::int64(whole);
    }
    if (const auto whole = parse_long(text)) return *whole >= INT32_MIN && *whole <= INT32_MAX ? Value::int32(*whole) : Value::int64(*whole);
    return Value::text(std::string(text[0] == '+' ? text.substr(1) : text), Kind::big_integer);
  }
  const auto real = parse_double(text);
  if (!real) return invalid();
  if (last == 'f' || last == 'F') return as_float(text.substr(0, text.size() - 1));
  if (last == 'd' || last == 'D') return Value::float64(*real);
  const int digits = significant_digits(text);
  const float narrow = std::strtof(std::string(text).c_str(), nullptr);
  if (digits <= 7 && std::isfinite(narrow) && !(narrow == 0 && *real != 0)) return Value::float32(narrow);
  if (digits <= 16 && std::isfinite(*real)) return Value::float64(*real);
  auto decimal = canonical_decimal(text);
  return decimal ? Value::text(std::move(*decimal), Kind::big_decimal) : invalid();
}

std::size_t character_bytes(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return end - at;
}

// BigDecimal has two ways of reading, each with its own complaint.
Value bad_decimal(const Call& call, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return call.fail_plain("A blank string is not a valid number");
  if (text.size() > 18) return call.fail_plain("Character array is missing \"e\" notation exponential mark.");
  const std::size_t bad = text.find_first_not_of("0123456789.", text[0] == '-' || text[0] == '+' ? 1 : 0);
  return call.fail_plain(fmt::format("Character {} is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark.", bad == std::string_view::npos ? "array" : text.substr(bad, character_bytes(text, bad))));
}

// As Integer.decode and Long.decode: a sign, then 0x, # or 0 for another radix.
Value decoded(const Call& call, std::string_view text, bool is_int) {
  if (text.empty()) return call.fail_plain("Zero length string");
  const bool minus = text[0] == '-';
  std::string_view body = text.substr(minus || text[0] == '+' ? 1 : 0);
  int radix = 10;
  if (body.starts_with("0x") || body.starts_with("0X")) radix = 16, body.remove_prefix(2);
  else if (body.starts_with('#')) radix = 16, body.remove_prefix(1);
  else if (body.starts_with('0') && body.size() > 1) radix = 8, body.remove_prefix(1);
  if (body.starts_with('-') || body.starts_with('+')) return call.fail_plain("Sign character in wrong position");
  const std::string digits = (minus ? "-" : "") + std::string(body);
  std::int64_t value = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value, radix);
  const bool whole = end.ec == std::errc() && end.ptr == digits.data() + digits.size();
  if (!whole || (is_int && (value < INT32_MIN || value > INT32_MAX))) {
    return call.fail_plain(fmt::format("For input string: \"{}\"{}", digits, radix == 10 ? "" : fmt::format(" under radix {}", radix)));
  }
  return is_int ? Value::int32(value) : Value::int64(value);
}

Value number(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return call.fail(fmt::format("'number' filter can only be applied to String. Actual type was: {}", class_name(call.input)));
  if (call[0].is_null()) return call.fail_plain("Cannot invoke \"String.hashCode()\" because \"<local8>\" is null");
  if (!call[0].is_absent() && !call[0].is_text()) return call.fail_cast(call[0], "java.lang.String");
  const std::string_view text = call.input.view();
  const std::string_view type = call[0].is_text() ? call[0].view() : "";
  if (type == "INT" || type == "LONG") return decoded(call, text, type == "INT");
  if (type == "FLOAT" || type == "DOUBLE") {
    const std::string_view trimmed = trim(text);
    if (trimmed.empty()) return call.fail_plain("empty String");
    const auto real = parse_double(trimmed);
    if (!real) return bad_input(call, text);
    return type == "FLOAT" ? as_float(trimmed) : Value::float64(*real);
  }
  if (type == "BIGDECIMAL") {
    auto decimal = canonical_decimal(text);
    if (!decimal) return bad_decimal(call, text);
    return Value::text(std::move(*decimal), Kind::big_decimal);
  }
  if (type == "BIGINTEGER") {
    if (!is_integer_text(text)) return bad_input(call, text);
    std::string digits(text[0] == '+' ? text.substr(1) : text);
    const std::size_t sign = digits[0] == '-' ? 1 : 0;
    digits.erase(sign, std::min(digits.find_first_not_of('0', sign), digits.size() - 1) - sign);
    return Value::text(std::move(digits), Kind::big_integer);
  }
  return smallest(call, text);
}
}  // namespace

std::span<const Builtin> number_filters() {
  using enum Entry::Kind;
  static const std::vector<Builtin> all = {
      {filter, "abs", {}, "The number without its sign.", "{{ -5 | abs }}", abs_filter, true},
      {filter, "numberFormat", {{"format", "string", false, "#,##0.###", "A pattern of java.text.DecimalFormat"}}, "A number as a text by pattern.", "{{ 1234.5 | numberFormat('#,##0.00') }}", number_format},
      {filter, "number", {{"type", "string", false, "", "INT, LONG, FLOAT, DOUBLE, BIGINTEGER or BIGDECIMAL; without it the smallest type that fits"}}, "The number that a text stands for.", "{{ '12.5' | number('DOUBLE') }}", number},
  };
  return all;
}

}  // namespace insula::expression
