// Arithmetic and comparison as 1.3 does them: doubles, then floats, then 64-bit integers that wrap; texts that hold numbers count as numbers.
#pragma once
#include <optional>

#include "expression/value.h"

namespace insula::expression {

enum class Arithmetic : std::uint8_t { add, subtract, multiply, divide, remainder };
enum class Comparison : std::uint8_t { less, less_or_equal, greater, greater_or_equal };

// Nothing when the operands are no numbers, or on an integer division by zero. `+` of texts and lists is done by the evaluator.
std::optional<Value> calculate(Arithmetic operation, const Value& a, const Value& b);
// False when an operand is null; nothing when one is no number.
std::optional<bool> compare(Comparison comparison, const Value& a, const Value& b);
bool equal_values(const Value& a, const Value& b);              // `==`: numbers by value, all else as Java
int compare_numbers(const Value& a, const Value& b);            // by value; both must be numbers
double to_double(const Value& number);
std::int64_t to_long(const Value& number);                      // Number.longValue: cut, saturated, big integers wrapped

// "12", "1.5", "1e3", "1.5f" as Long.valueOf and Double.valueOf take them.
std::optional<std::int64_t> parse_long(std::string_view text);
std::optional<double> parse_double(std::string_view text);
// The text of a BigDecimal in its canonical form (scale kept, exponent applied as BigDecimal.toString does).
std::optional<std::string> canonical_decimal(std::string_view text);
std::string plain_decimal(std::string_view canonical, std::size_t digits_max);  // toPlainString; throws LimitReached above digits_max
bool is_integer_text(std::string_view text);                    // [+-]?[0-9]+

}  // namespace insula::expression
