#include "expression/number.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <cmath>

namespace insula::expression {

namespace {
using BigInt = boost::multiprecision::cpp_int;
constexpr int exponent_max = 10'000;  // of a decimal text; more would only serve to exhaust memory

struct Decimal {
  BigInt unscaled;
  std::int64_t scale = 0;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  std::string digits;
  std::int64_t scale = 0;
  std::size_t i = 0;
  bool negative = false;
  bool point = false;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) negative = text[i++] == '-';
  for (; i < text.size() && (text[i] == '.' || (text[i] >= '0' && text[i] <= '9')); ++i) {
    if (text[i] == '.') {
      if (point) return std::nullopt;
      point = true;
    } else {
      digits += text[i];
      if (point) ++scale;
    }
  }
  if (digits.empty() || digits.size() > exponent_max) return std::nullopt;
  if (i < text.size()) {
    if ((text[i] != 'e' && text[i] != 'E') || i + 1 >= text.size()) return std::nullopt;
    ++i;
    if (text[i] == '+') ++i;
    std::int64_t exponent = 0;
    const auto end = std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size() || std::abs(exponent) > exponent_max) return std::nullopt;
    scale -= exponent;
  }
  const std::size_t first = digits.find_first_not_of('0');
  Decimal decimal{first == std::string::npos ? BigInt(0) : BigInt(digits.substr(first)), scale};
  if (negative) decimal.unscaled = -decimal.unscaled;
  return decimal;
}

std::string print_decimal(const Decimal& decimal) {
  std::string digits = BigInt(abs(decimal.unscaled)).str();
  const std::string sign = decimal.unscaled < 0 ? "-" : "";
  const std::int64_t adjusted = -decimal.scale + static_cast<std::int64_t>(digits.size()) - 1;
  if (decimal.scale == 0) return sign + digits;
  if (decimal.scale > 0 && adjusted >= -6) {
    const auto scale = static_cast<std::size_t>(decimal.scale);
    if (digits.size() <= scale) digits.insert(0, scale - digits.size() + 1, '0');
    digits.insert(digits.size() - scale, ".");
    return sign + digits;
  }
  if (digits.size() > 1) digits.insert(1, ".");
  if (adjusted != 0) digits += fmt::format("E{}{}", adjusted > 0 ? "+" : "", adjusted);
  return sign + digits;
}

BigInt power_of_ten(std::int64_t exponent) { return boost::multiprecision::pow(BigInt(10), static_cast<unsigned>(exponent)); }

void align(Decimal& a, Decimal& b) {
  if (a.scale < b.scale) {
    a.unscaled *= power_of_ten(b.scale - a.scale);
    a.scale = b.scale;
  } else if (b.scale < a.scale) {
    b.unscaled *= power_of_ten(a.scale - b.scale);
    b.scale = a.scale;
  }
}

// To 34 digits, half even, as MathContext.DECIMAL128; trailing zeros go down to the wanted scale.
std::optional<Decimal> divide(const Decimal& a, const Decimal& b) {
  if (b.unscaled == 0) return std::nullopt;
  const std::int64_t wanted = a.scale - b.scale;
  if (a.unscaled == 0) return Decimal{0, wanted};
  Decimal result{a.unscaled, wanted};
  const auto length = [](const BigInt& n) { return static_cast<std::int64_t>(BigInt(abs(n)).str().size()); };
  std::int64_t shift = 37 - (length(a.unscaled) - length(b.unscaled));
  if (shift < 0) shift = 0;
  BigInt numerator = a.unscaled * power_of_ten(shift);
  BigInt remainder;
  BigInt quotient;
  boost::multiprecision::divide_qr(numerator, b.unscaled, quotient, remainder);
  result.scale += shift;
  std::int64_t excess = length(quotient) - 34;
  bool sticky = remainder != 0;
  if (excess > 0) {
    const BigInt unit = power_of_ten(excess);
    BigInt rest;
    BigInt cut;
    boost::multiprecision::divide_qr(quotient, unit, cut, rest);
    const BigInt twice = abs(rest) * 2;
    const bool up = twice > unit || (twice == unit && (sticky || (cut & 1) != 0));
    quotient = up ? cut + (quotient < 0 ? -1 : 1) : cut;
    result.scale -= excess;
    sticky = true;
  }
  while (result.scale > wanted && quotient != 0 && quotient % 10 == 0) {
    quotient /= 10;
    --result.scale;
  }
  result.unscaled = quotient;
  return result;
}

// 1.3 takes every operand through double before it calculates with decimals.
Decimal decimal_of(const Value& value) { return parse_decimal(format_double(to_double(value))).value_or(Decimal{}); }

std::optional<Value> calculate_decimals(Arithmetic operation, const Value& left, const Value& right) {
  Decimal a = decimal_of(left);
  Decimal b = decimal_of(right);
  switch (operation) {
    case Arithmetic::multiply: return Value::text(print_decimal({a.unscaled * b.unscaled, a.scale + b.scale}), Kind::big_decimal);
    case Arithmetic::divide: {
      const auto result = divide(a, b);
      if (!result) return std::nullopt;
      return Value::text(print_decimal(*result), Kind::big_decimal);
    }
    default: break;
  }
  align(a, b);
  if (operation == Arithmetic::remainder) {
    if (b.unscaled == 0) return std::nullopt;
    return Value::text(print_decimal({a.unscaled % b.unscaled, a.scale}), Kind::big_decimal);
  }
  return Value::text(print_decimal({operation == Arithmetic::add ? BigInt(a.unscaled + b.unscaled) : BigInt(a.unscaled - b.unscaled), a.scale}), Kind::big_decimal);
}

template <class Real>
Real calculate_reals(Arithmetic operation, Real a, Real b) {
  switch (operation) {
    case Arithmetic::add: return a + b;
    case Arithmetic::subtract: return a - b;
    case Arithmetic::multiply: return a * b;
    case Arithmetic::divide: return a / b;
    case Arithmetic::remainder: return std::fmod(a, b);
  }
  return 0;
}

std::optional<Value> calculate_longs(Arithmetic operation, std::int64_t a, std::int64_t b) {
  const auto left = static_cast<std::uint64_t>(a);
  const auto right = static_cast<std::uint64_t>(b);
  switch (operation) {
    case Arithmetic::add: return Value::int64(static_cast<std::int64_t>(left + right));
    case Arithmetic::subtract: return Value::int64(static_cast<std::int64_t>(left - right));
    case Arithmetic::multiply: return Value::int64(static_cast<std::int64_t>(left * right));
    default: break;
  }
  if (b == 0) return std::nullopt;
  if (b == -1) return Value::int64(operation == Arithmetic::divide ? static_cast<std::int64_t>(0 - left) : 0);
  return Value::int64(operation == Arithmetic::divide ? a / b : a % b);
}

std::optional<Value> as_number(const Value& value) {
  if (value.is_number()) return value;
  if (!value.is_text()) return std::nullopt;
  if (const auto whole = parse_long(value.view())) return Value::int64(*whole);
  if (is_integer_text(value.view())) return std::nullopt;
  if (value.view().find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  if (const auto real = parse_double(value.view())) return Value::float64(*real);
  return std::nullopt;
}
}  // namespace

bool is_integer_text(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::int64_t> parse_long(std::string_view text) {
  if (!is_integer_text(text)) return std::nullopt;
  if (text[0] == '+') text.remove_prefix(1);
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> parse_double(std::string_view text) {
  if (!text.empty() && (text.back() == 'f' || text.back() == 'F' || text.back() == 'd' || text.back() == 'D')) text.remove_suffix(1);
  std::string_view body = text;
  if (!body.empty() && (body[0] == '+' || body[0] == '-')) body.remove_prefix(1);
  if (body.empty() || body.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  if (text[0] == '+') text.remove_prefix(1);
  double number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ptr != text.data() + text.size()) return std::nullopt;
  if (end.ec == std::errc::result_out_of_range) return std::strtod(std::string(text).c_str(), nullptr);
  if (end.ec != std::errc()) return std::nullopt;
  return number;
}

std::optional<std::string> canonical_decimal(std::string_view text) {
  const auto decimal = parse_decimal(text);
  if (!decimal) return std::nullopt;
  return print_decimal(*decimal);
}

std::string plain_decimal(std::string_view canonical, std::size_t digits_max) {
  const auto decimal = parse_decimal(canonical);
  if (!decimal) return std::string(canonical);
  std::string digits = BigInt(abs(decimal->unscaled)).str();
  if (digits.size() + static_cast<std::size_t>(std::abs(decimal->scale)) > digits_max) {
    throw LimitReached{"expression-too-large", fmt::format("The number {} has more than {} digits", canonical, digits_max)};
  }
  if (decimal->scale < 0) digits.append(static_cast<std::size_t>(-decimal->scale), '0');
  if (decimal->scale > 0) {
    const auto scale = static_cast<std::size_t>(decimal->scale);
    if (digits.size() <= scale) digits.insert(0, scale - digits.size() + 1, '0');
    digits.insert(digits.size() - scale, ".");
  }
  return (decimal->unscaled < 0 ? "-" : "") + digits;
}

double to_double(const Value& number) {
  switch (number.kind()) {
    case Kind::float32: case Kind::float64: return number.real();
    case Kind::big_integer: case Kind::big_decimal: return std::strtod(std::string(number.view()).c_str(), nullptr);
    default: return static_cast<double>(number.integer());
  }
}

std::int64_t to_long(const Value& number) {
  if (number.is_integer()) return number.integer();
  if (number.is(Kind::big_integer)) {
    BigInt big(std::string(number.view().starts_with('+') ? number.view().substr(1) : number.view()));
    const bool negative = big < 0;
    const BigInt mask = (BigInt(1) << 64) - 1;
    const auto low = static_cast<std::uint64_t>(BigInt(abs(big)) & mask);
    return static_cast<std::int64_t>(negative ? 0 - low : low);
  }
  const double real = std::trunc(to_double(number));
  if (std::isnan(real)) return 0;
  if (real >= 9.2233720368547758e18) return INT64_MAX;
  if (real <= -9.2233720368547758e18) return INT64_MIN;
  return static_cast<std::int64_t>(real);
}

std::optional<Value> calculate(Arithmetic operation, const Value& left, const Value& right) {
  if (left.is_integer() && right.is_integer()) return calculate_longs(operation, left.integer(), right.integer());
  const auto a = as_number(left);
  const auto b = as_number(right);
  if (!a || !b) return std::nullopt;
  if (a->is(Kind::big_decimal) || b->is(Kind::big_decimal)) return calculate_decimals(operation, *a, *b);
  if (a->is(Kind::float64) || b->is(Kind::float64)) return Value::float64(calculate_reals(operation, to_double(*a), to_double(*b)));
  if (a->is(Kind::float32) || b->is(Kind::float32)) {
    return Value::float32(calculate_reals(operation, static_cast<float>(to_double(*a)), static_cast<float>(to_double(*b))));
  }
  return calculate_longs(operation, to_long(*a), to_long(*b));
}

int compare_numbers(const Value& a, const Value& b) {
  const auto real = [](const Value& v) { return v.is(Kind::float32) || v.is(Kind::float64) || v.is(Kind::big_decimal); };
  if (real(a) || real(b)) {
    const double x = to_double(a);
    const double y = to_double(b);
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;  // 2: not comparable
  }
  const std::int64_t x = to_long(a);
  const std::int64_t y = to_long(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

std::optional<bool> compare(Comparison comparison, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return false;
  if (!a.is_number() || !b.is_number()) return std::nullopt;
  const int order = compare_numbers(a, b);
  if (order == 2) return false;
  switch (comparison) {
    case Comparison::less: return order < 0;
    case Comparison::less_or_equal: return order <= 0;
    case Comparison::greater: return order > 0;
    case Comparison::greater_or_equal: return order >= 0;
  }
  return false;
}

bool equal_values(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  return java_equals(a, b);
}

}  // namespace insula::expression
