#include "expression/text_format.h"

#include <cmath>

#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
constexpr int width_max = 10'000;
constexpr std::size_t digits_max = 20'000;

std::string group(std::string_view digits, int size, std::string_view separator = ",") {
  if (size <= 0) return std::string(digits);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % static_cast<std::size_t>(size) == 0) out += separator;
    out += digits[i];
  }
  return out;
}

std::string plain_number(const Value& value) {
  if (value.is_integer()) return std::to_string(value.integer());
  return plain_decimal(java_text(value), digits_max);
}
}  // namespace

std::string round_plain(std::string_view plain, int digits, bool half_even) {
  const bool negative = plain.starts_with('-');
  if (negative) plain.remove_prefix(1);
  const std::size_t point = plain.find('.');
  std::string whole(plain.substr(0, point));
  std::string fraction(point == std::string_view::npos ? std::string_view() : plain.substr(point + 1));
  const auto keep = static_cast<std::size_t>(digits);
  bool up = false;
  if (fraction.size() > keep) {
    const bool tail = fraction.find_first_not_of('0', keep + 1) != std::string::npos;
    const char last = keep > 0 ? fraction[keep - 1] : whole.empty() ? '0' : whole.back();
    up = fraction[keep] > '5' || (fraction[keep] == '5' && (tail || !half_even || (last - '0') % 2 == 1));
    fraction.resize(keep);
  } else {
    fraction.append(keep - fraction.size(), '0');
  }
  std::string all = whole + fraction;
  if (up) {
    std::size_t i = all.size();
    while (i > 0 && all[i - 1] == '9') all[--i] = '0';
    if (i > 0) ++all[i - 1];
    else all.insert(0, "1");
  }
  std::string out = negative ? "-" : "";
  out += all.substr(0, all.size() - keep);
  if (keep > 0) out += "." + all.substr(all.size() - keep);
  return out;
}

namespace {
struct Specifier {
  std::string text;
  std::size_t index = 0;  // 1-based, 0: the next one
  std::string flags;
  int width = -1;
  int precision = -1;
  char conversion = 's';
  bool has(char flag) const { return flags.find(flag) != std::string::npos; }
};

std::string pad(std::string text, const Specifier& spec) {
  const auto length = static_cast<int>(utf16_length(text));
  if (spec.width <= length) return text;
  const std::string space(static_cast<std::size_t>(spec.width - length), ' ');
  return spec.has('-') ? text + space : space + text;
}

std::string with_sign(std::string digits, bool negative, const Specifier& spec) {
  std::string sign = negative ? (spec.has('(') ? "(" : "-") : spec.has('+') ? "+" : spec.has(' ') ? " " : "";
  if (spec.has('0')) {
    const int room = spec.width - static_cast<int>(sign.size() + digits.size()) - (negative && spec.has('(') ? 1 : 0);
    if (room > 0) digits.insert(0, static_cast<std::size_t>(room), '0');
  }
  return pad(sign + digits + (negative && spec.has('(') ? ")" : ""), spec);
}

std::expected<std::string, std::string> format_integer(const Value& value, const Specifier& spec) {
  if (!value.is_integer() && !value.is(Kind::big_integer)) return std::unexpected(fmt::format("{} != {}", spec.conversion, class_name(value)));
  if (spec.conversion == 'd') {
    std::string digits = java_text(value);
    const bool negative = digits.starts_with('-');
    if (negative) digits.erase(0, 1);
    if (spec.has(',')) digits = group(digits, 3);
    return with_sign(digits, negative, spec);
  }
  const std::uint64_t bits = value.is(Kind::int32) ? static_cast<std::uint32_t>(value.integer()) : static_cast<std::uint64_t>(value.integer());
  std::string digits = spec.conversion == 'o' ? fmt::format("{}{:o}", spec.has('#') ? "0" : "", bits) : fmt::format("{}{:x}", spec.has('#') ? "0x" : "", bits);
  if (spec.conversion == 'X') digits = upper_text(digits);
  return with_sign(digits, false, spec);
}

std::expected<std::string, std::string> format_real(const Value& value, const Specifier& spec) {
  if (!value.is_number() || value.is_integer() || value.is(Kind::big_integer)) return std::unexpected(fmt::format("{} != {}", spec.conversion, class_name(value)));
  const double real = to_double(value);
  if (!std::isfinite(real)) return pad(std::isnan(real) ? "NaN" : real > 0 ? "Infinity" : spec.has('(') ? "(Infinity)" : "-Infinity", spec);
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  std::string digits;
  if (spec.conversion == 'f') {
    digits = round_plain(plain_number(value), precision, false);
  } else if (spec.conversion == 'g' || spec.conversion == 'G') {
    const int wanted = std::max(precision, 1);
    const double magnitude = std::fabs(real);
    if (magnitude == 0 || (magnitude >= 1e-4 && magnitude < std::pow(10, wanted))) {
      const int exponent = magnitude == 0 ? 0 : static_cast<int>(std::floor(std::log10(magnitude)));
      digits = round_plain(plain_number(value), std::max(0, wanted - 1 - exponent), false);
    } else {
      digits = fmt::format("{:.{}e}", real, wanted - 1);
    }
  } else {
    digits = fmt::format("{:.{}e}", real, precision);
  }
  if (spec.conversion == 'E' || spec.conversion == 'G') digits = upper_text(digits);
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  if (spec.has(',')) {
    const std::size_t point = digits.find('.');
    digits = group(digits.substr(0, point), 3) + (point == std::string::npos ? "" : digits.substr(point));
  }
  return with_sign(digits, negative, spec);
}

std::expected<std::string, std::string> format_one(const Specifier& spec, const Value& value) {
  switch (spec.conversion) {
    case 's': case 'S': case 'b': case 'B': case 'h': case 'H': {
      std::string text = java_text(value);
      const char lower = static_cast<char>(spec.conversion | 0x20);
      if (lower == 'b') text = value.is_null() ? "false" : value.is(Kind::boolean) ? text : "true";
      if (lower == 'h') text = value.is_null() ? "null" : fmt::format("{:x}", static_cast<std::uint32_t>(java_hash(value)));
      if (spec.precision >= 0) text = utf16_to_utf8(utf8_to_utf16(text).substr(0, static_cast<std::size_t>(spec.precision)));
      if (spec.conversion < 'a') text = upper_text(text);
      return pad(std::move(text), spec);
    }
    case 'd': case 'x': case 'X': case 'o':
      if (value.is_null()) return pad("null", spec);
      return format_integer(value, spec);
    case 'f': case 'e': case 'E': case 'g': case 'G':
      if (value.is_null()) return pad("null", spec);
      return format_real(value, spec);
    case 'c': case 'C':
      if (value.is_null()) return pad("null", spec);
      if (value.is(Kind::int32)) {
        std::string text;
        append_point(static_cast<std::uint32_t>(value.integer()), text);
        return pad(text, spec);
      }
      if (!value.is(Kind::character)) return std::unexpected(fmt::format("{} != {}", spec.conversion, class_name(value)));
      return pad(java_text(value), spec);
    default: return std::unexpected(fmt::format("Conversion = '{}'", spec.conversion));
  }
}

// The specifier that begins at `%`; `at` is moved behind it.
std::expected<Specifier, std::string> read_specifier(std::string_view pattern, std::size_t& at) {
  Specifier spec;
  const std::size_t start = at++;
  const auto number = [&] {
    int value = 0;
    while (at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9') value = std::min(value * 10 + (pattern[at++] - '0'), 1'000'000);
    return value;
  };
  const std::size_t before = at;
  if (at < pattern.size() && pattern[at] >= '1' && pattern[at] <= '9') {
    const int value = number();
    if (at < pattern.size() && pattern[at] == '$') {
      spec.index = static_cast<std::size_t>(value);
      ++at;
    } else {
      at = before;
    }
  }
  while (at < pattern.size() && std::string_view("-#+ 0,(<").find(pattern[at]) != std::string_view::npos) spec.flags += pattern[at++];
  if (at < pattern.size() && pattern[at] >= '1' && pattern[at] <= '9') spec.width = number();
  if (at < pattern.size() && pattern[at] == '.') {
    ++at;
    spec.precision = number();
  }
  if (at >= pattern.size()) return std::unexpected(fmt::format("Conversion = '%'"));
  spec.conversion = pattern[at++];
  spec.text = std::string(pattern.substr(start, at - start));
  if (spec.width > width_max || spec.precision > width_max) return std::unexpected(fmt::format("A width or precision above {} is not possible: {}", width_max, spec.text));
  return spec;
}
}  // namespace

std::expected<std::string, std::string> format_text(std::string_view pattern, const std::vector<Value>& arguments) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] != '%') {
      out += pattern[at++];
      continue;
    }
    const auto spec = read_specifier(pattern, at);
    if (!spec) return std::unexpected(spec.error());
    if (spec->conversion == 'n') {
      out += '\n';
      continue;
    }
    if (spec->conversion == '%') {
      out += pad("%", *spec);
      continue;
    }
    const std::size_t index = spec->index ? spec->index - 1 : spec->has('<') && next > 0 ? next - 1 : next++;
    if (std::string_view("sSbBhHdxXofeEgGcC").find(spec->conversion) == std::string_view::npos) return std::unexpected(fmt::format("Conversion = '{}'", spec->conversion));
    if (index >= arguments.size()) return std::unexpected(fmt::format("Format specifier '{}'", spec->text));
    auto made = format_one(*spec, arguments[index]);
    if (!made) return made;
    out += *made;
  }
  return out;
}

namespace {
struct DecimalPattern {
  std::string prefix, suffix, negative_prefix, negative_suffix;
  int integers_min = 0;
  int integers_max = 0;   // `#` before the point, for the exponent
  int fractions_min = 0;
  int fractions_max = 0;
  int grouping = 0;
  int multiply = 0;       // powers of ten: 2 for percent, 3 for per mille
  int exponent_digits = 0;
  bool point = false;
};

std::string affix(std::string_view pattern, std::size_t& at, std::string_view stops, DecimalPattern& into) {
  std::string out;
  while (at < pattern.size() && stops.find(pattern[at]) == std::string_view::npos) {
    if (pattern[at] == '\'') {
      if (at + 1 < pattern.size() && pattern[at + 1] == '\'') {
        out += '\'';
        at += 2;
        continue;
      }
      const std::size_t close = pattern.find('\'', at + 1);
      out += pattern.substr(at + 1, close == std::string_view::npos ? std::string_view::npos : close - at - 1);
      at = close == std::string_view::npos ? pattern.size() : close + 1;
      continue;
    }
    if (pattern[at] == '%') into.multiply = 2;
    if (pattern.substr(at).starts_with("\u2030")) into.multiply = 3;
    out += pattern[at++];
  }
  return out;
}

std::expected<DecimalPattern, std::string> read_decimal_pattern(std::string_view pattern) {
  DecimalPattern made;
  if (pattern.empty()) {   // nothing is said: every digit, grouped, none before the point that is not there
    made.fractions_max = 340;
    made.grouping = 3;
    made.point = true;
    made.negative_prefix = "-";
    return made;
  }
  std::size_t at = 0;
  made.prefix = affix(pattern, at, "#0,.;", made);
  int since_comma = -1;
  const auto malformed = [&] { return std::unexpected(fmt::format("Malformed pattern \"{}\"", pattern)); };
  for (; at < pattern.size() && std::string_view("#0,.").find(pattern[at]) != std::string_view::npos; ++at) {
    const char c = pattern[at];
    if (c == '.') {
      if (made.point) return std::unexpected(fmt::format("Multiple decimal separators in pattern \"{}\"", pattern));
      made.point = true;
    } else if (c == ',') {
      if (made.point) return malformed();
      since_comma = 0;
    } else if (!made.point) {
      ++made.integers_max;
      if (since_comma >= 0) ++since_comma;
      if (c == '0') ++made.integers_min;
      else if (made.integers_min > 0) return std::unexpected(fmt::format("Unexpected '0' in pattern \"{}\"", pattern));
    } else {
      ++made.fractions_max;
      if (c == '0') {
        if (made.fractions_max - 1 > made.fractions_min) return std::unexpected(fmt::format("Unexpected '0' in pattern \"{}\"", pattern));
        ++made.fractions_min;
      }
    }
    if (made.integers_max > 400 || made.fractions_max > 400) return malformed();
  }
  made.grouping = std::max(since_comma, 0);
  // `#.##` means `0.##`, as java.text.DecimalFormat reads it: one digit before the point is certain.
  const bool only_optional = made.integers_min == 0 && made.fractions_min == 0;
  if (made.point && only_optional && made.integers_max > 0 && made.fractions_max > 0) made.integers_min = 1;
  if (at < pattern.size() && pattern[at] == 'E') {
    while (++at < pattern.size() && pattern[at] == '0') ++made.exponent_digits;
    if (made.exponent_digits == 0) return std::unexpected(fmt::format("Malformed exponential pattern \"{}\"", pattern));
  }
  made.suffix = affix(pattern, at, ";", made);
  made.negative_prefix = "-" + made.prefix;
  made.negative_suffix = made.suffix;
  if (at < pattern.size() && pattern[at] == ';') {
    DecimalPattern ignored;
    ++at;
    made.negative_prefix = affix(pattern, at, "#0,.;", ignored);
    while (at < pattern.size() && std::string_view("#0,.E").find(pattern[at]) != std::string_view::npos) ++at;
    made.negative_suffix = affix(pattern, at, ";", ignored);
    if (made.negative_prefix == made.prefix && made.negative_suffix == made.suffix) made.negative_prefix = "-" + made.prefix;
  }
  return made;
}

// Digits without sign, the point moved by `multiply`.
std::string shifted(std::string plain, int by) {
  if (by == 0) return plain;
  std::size_t point = plain.find('.');
  if (point == std::string::npos) return plain + std::string(static_cast<std::size_t>(by), '0');
  std::string digits = plain.substr(0, point) + plain.substr(point + 1);
  point += static_cast<std::size_t>(by);
  if (digits.size() < point) digits.append(point - digits.size(), '0');
  std::string whole = digits.substr(0, point);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  return digits.size() == point ? whole : whole + "." + digits.substr(point);
}

std::string exponent_form(const std::string& plain, const DecimalPattern& pattern) {
  const std::size_t point = std::min(plain.find('.'), plain.size());
  std::string digits = plain.substr(0, point) + (point < plain.size() ? plain.substr(point + 1) : "");
  const std::size_t first = digits.find_first_not_of('0');
  int exponent = 0;
  if (first == std::string::npos) digits = "0";
  else {
    exponent = static_cast<int>(point) - 1 - static_cast<int>(first);
    digits.erase(0, first);
  }
  int whole = std::max(pattern.integers_min, 1);
  if (pattern.integers_max > pattern.integers_min && pattern.integers_max > 1) {
    const int repeat = pattern.integers_max;
    const int multiple = exponent >= 0 ? exponent / repeat * repeat : (exponent - repeat + 1) / repeat * repeat;
    whole = exponent - multiple + 1;
  }
  exponent -= whole - 1;
  if (static_cast<int>(digits.size()) < whole) digits.append(static_cast<std::size_t>(whole) - digits.size(), '0');
  std::string mantissa = digits.substr(0, static_cast<std::size_t>(whole)) + "." + digits.substr(static_cast<std::size_t>(whole));
  if (mantissa.back() == '.') mantissa += '0';
  mantissa = round_plain(mantissa, pattern.fractions_max, true);
  if (mantissa.find('.') != std::string::npos) {
    const std::size_t least = mantissa.find('.') + 1 + static_cast<std::size_t>(pattern.fractions_min);
    while (mantissa.size() > least && mantissa.back() == '0') mantissa.pop_back();
    if (mantissa.back() == '.') mantissa.pop_back();
  }
  return fmt::format("{}E{}{:0{}}", mantissa, exponent < 0 ? "-" : "", std::abs(exponent), pattern.exponent_digits);
}
}  // namespace

std::expected<std::string, std::string> format_decimal(const Value& number, std::string_view text) {
  const auto pattern = read_decimal_pattern(text);
  if (!pattern) return std::unexpected(pattern.error());
  const double real = to_double(number);
  if (std::isnan(real)) return "NaN";
  bool negative = std::signbit(real) != 0;
  const auto dressed = [&](const std::string& body) {
    return negative ? pattern->negative_prefix + body + pattern->negative_suffix : pattern->prefix + body + pattern->suffix;
  };
  if (std::isinf(real)) return dressed("\u221e");
  std::string plain = plain_number(number);
  if (plain.starts_with('-')) plain.erase(0, 1);
  plain = shifted(plain, pattern->multiply);
  if (pattern->exponent_digits > 0) return dressed(exponent_form(plain, *pattern));
  plain = round_plain(plain, pattern->fractions_max, true);
  std::size_t point = std::min(plain.find('.'), plain.size());
  std::string whole = plain.substr(0, point);
  std::string fraction = point < plain.size() ? plain.substr(point + 1) : "";
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  while (static_cast<int>(fraction.size()) > pattern->fractions_min && fraction.ends_with('0')) fraction.pop_back();
  if (static_cast<int>(whole.size()) < pattern->integers_min) whole.insert(0, static_cast<std::size_t>(pattern->integers_min) - whole.size(), '0');
  if (whole.empty() && fraction.empty()) whole = "0";
  if (whole.find_first_not_of('0') == std::string::npos && fraction.find_first_not_of('0') == std::string::npos && number.is_integer()) negative = false;
  return dressed(group(whole, pattern->grouping) + (fraction.empty() ? "" : "." + fraction));
}

std::string without_accents(std::uint32_t point) {
  // Latin-1 and Latin Extended-A in code point order; a blank stands for a letter that has no base letter.
  static constexpr std::string_view latin1 = "AAAAAA CEEEEIIII NOOOOO  UUUUY  aaaaaa ceeeeiiii nooooo  uuuuy y";
  static constexpr std::string_view extended = "AaAaAaCcCcCcCcDd  EeEeEeEeEeGgGgGgGgHh  IiIiIiIiI   JjKk LlLlLl    NnNnNn   OoOoOo  RrRrRrSsSsSsSsTtTt  UuUuUuUuUuUuWwYyYZzZzZz ";
  char c = ' ';
  if (point >= 0xc0 && point < 0x100) c = latin1[point - 0xc0];
  else if (point >= 0x100 && point < 0x180) c = extended[point - 0x100];
  else if (point >= 0x2000 && point <= 0x200a) return "";
  return c == ' ' ? std::string() : std::string(1, c);
}

}  // namespace insula::expression
