// Texts made by pattern: java.util.Formatter and java.text.DecimalFormat, as far as expressions can reach them; accents off letters.
#pragma once
#include <expected>

#include "expression/value.h"

namespace insula::expression {

// `%s %5.2f %05d %x %,d %%`…; the error is Java's message.
std::expected<std::string, std::string> format_text(std::string_view pattern, const std::vector<Value>& arguments);
// `#,##0.00`, `0.0%`, `0.###E0`, `0;(0)`; half even.
std::expected<std::string, std::string> format_decimal(const Value& number, std::string_view pattern);
// The base letter of an accented Latin letter; empty when the character is no such letter.
std::string without_accents(std::uint32_t point);
// Rounds a plain decimal text (`-12.345`) to so many digits after the point, half even or half up, padding with zeros.
std::string round_plain(std::string_view plain, int digits, bool half_even);

}  // namespace insula::expression
