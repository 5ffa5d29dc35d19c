// Operators, conditions and fallbacks.
#include "expression/evaluate.h"
#include "expression/number.h"

namespace insula::expression {

namespace {
std::string_view arithmetic_error(Arithmetic operation) {
  switch (operation) {
    case Arithmetic::add: return "Could not perform addition";
    case Arithmetic::subtract: return "Could not perform subtraction";
    case Arithmetic::multiply: return "Could not perform multiplication";
    case Arithmetic::divide: return "Could not perform division";
    case Arithmetic::remainder: return "Could not perform greater modulus";
  }
  return {};
}

std::string_view comparison_error(Comparison comparison) {
  switch (comparison) {
    case Comparison::less: return "Could not perform greater modulus";  // sic: 1.3 says so for `<`
    case Comparison::less_or_equal: return "Could not perform less than or equals comparison";
    case Comparison::greater: return "Could not perform greater than comparison";
    case Comparison::greater_or_equal: return "Could not perform greater than or equals comparison";
  }
  return {};
}

// These turn every failure of an operand into their own; the others let it through.
std::string_view own_error(const Expression& node) {
  switch (node.op) {
    case Op::arithmetic: return arithmetic_error(node.arithmetic);
    case Op::comparison: return comparison_error(node.comparison);
    case Op::equal: return "Could not perform equals comparison";
    case Op::not_equal: return "Could not perform not equals comparison";
    default: return {};
  }
}
}  // namespace

Value Evaluator::binary(const Expression& node) {
  const std::string_view own = own_error(node);
  const Value a = evaluate(*node.operands[0]);
  if (a.is(Kind::failed)) return own.empty() ? a : fail_language(own, node.line);
  const Value b = evaluate(*node.operands[1]);
  if (a.is(Kind::pending)) return a;
  if (b.is(Kind::failed)) return own.empty() ? b : fail_language(own, node.line);
  if (b.is(Kind::pending)) return b;
  switch (node.op) {
    case Op::arithmetic: return arithmetic(node, a, b);
    case Op::comparison: {
      const auto holds = compare(node.comparison, a, b);
      return holds ? Value::of(*holds) : fail_language(own, node.line);
    }
    case Op::equal: return Value::of(equal_values(a, b));
    case Op::not_equal: return Value::of(!equal_values(a, b));
    case Op::concatenate: {
      std::string joined;
      if (!a.is_null()) append_java_text(a, joined);
      if (!b.is_null()) append_java_text(b, joined);
      return text(std::move(joined));
    }
    case Op::range: return make_range(*this, a, b, Value::int64(1), node.line);
    case Op::contains: return contains(a, b, node.line);
    case Op::is_in: {
      if (b.is(Kind::map)) {
        Value found;
        return Value::of(b.find(a, found));
      }
      if (!b.is_collection()) return Value::of(false);
      step(b.size());
      for (std::size_t i = 0; i < b.size(); ++i) if (equal_values(a, b.at(i))) return Value::of(true);
      return Value::of(false);
    }
    default: return {};
  }
}

Value Evaluator::arithmetic(const Expression& node, const Value& a, const Value& b) {
  const bool add = node.arithmetic == Arithmetic::add;
  if (add && (a.is_text() || b.is_text())) {
    std::string joined = java_text(a);
    append_java_text(b, joined);
    return text(std::move(joined));
  }
  if (a.is_java_list() && (add || node.arithmetic == Arithmetic::subtract)) {
    std::vector<Value> items;
    step(a.size() + b.size());
    for (std::size_t i = 0; i < a.size(); ++i) items.push_back(a.at(i));
    if (add && b.is_collection()) {
      for (std::size_t i = 0; i < b.size(); ++i) items.push_back(b.at(i));
    } else if (add) {
      items.push_back(b);
    } else {
      step(b.is_collection() ? a.size() * b.size() / 4 : 0);
      std::erase_if(items, [&](const Value& item) {
        if (!b.is_collection()) return java_equals(item, b);
        for (std::size_t i = 0; i < b.size(); ++i) if (java_equals(item, b.at(i))) return true;
        return false;
      });
    }
    return list(std::move(items));
  }
  auto result = calculate(node.arithmetic, a, b);
  return result ? std::move(*result) : fail_language(arithmetic_error(node.arithmetic), node.line);
}

Value Evaluator::contains(const Value& haystack, const Value& needle, int line) {
  const auto has = [&](const Value& wanted) {
    if (haystack.is(Kind::map)) {
      Value found;
      return haystack.find(wanted, found);
    }
    step(haystack.size());
    for (std::size_t i = 0; i < haystack.size(); ++i) if (java_equals(haystack.at(i), wanted)) return true;
    return false;
  };
  switch (haystack.kind()) {
    case Kind::null: return Value::of(false);
    case Kind::text: {
      const std::string wanted = java_text(needle);
      return Value::of(haystack.view().find(wanted) != std::string_view::npos);
    }
    case Kind::list:
      if (!haystack.is_array() && needle.is_collection()) {
        for (std::size_t i = 0; i < needle.size(); ++i) if (!has(needle.at(i))) return Value::of(false);
        return Value::of(true);
      }
      return Value::of(has(needle));
    case Kind::map: return Value::of(has(needle));
    default: return fail_language(fmt::format("Contains operator can only be used on Collections, Maps and arrays. Actual type was: {}", class_name(haystack)), line);
  }
}

int Evaluator::truth(const Value& value, Value& stop) {
  switch (value.kind()) {
    case Kind::boolean: return value.boolean();
    case Kind::text: return !value.view().empty();
    default: break;
  }
  if (value.is_number()) return to_double(value) != 0;
  stop = value.stopped() ? value : fail_cast(value, "java.lang.Boolean");
  return -1;
}

Value Evaluator::logic(const Expression& node) {
  Value stop;
  for (int side = 0; side < 2; ++side) {
    const Value value = evaluate(*node.operands[static_cast<std::size_t>(side)]);
    if (value.is_null()) return fail_language("null value used in and operator and strict variables is set to true", node.line);
    const int holds = truth(value, stop);
    if (holds < 0) return stop;
    if (holds == (node.op == Op::or_ ? 1 : 0)) return Value::of(holds == 1);
  }
  return Value::of(node.op == Op::and_);
}

Value Evaluator::coalesce(const Expression& node) {
  Value value = evaluate(*node.operands[0]);
  if (value.is(Kind::failed)) {
    if (failure_.type != Failure::Type::missing) return value;
  } else if (node.op == Op::undefined_coalesce || !value.is_null()) {
    return value;
  }
  return evaluate(*node.operands[1]);
}

Value Evaluator::conditional(const Expression& node) {
  const Value condition = evaluate(*node.operands[0]);
  if (condition.is_null()) return evaluate(*node.operands[2]);
  Value stop;
  const int holds = truth(condition, stop);
  if (holds < 0) return stop;
  return evaluate(*node.operands[holds ? 1 : 2]);
}

Value Evaluator::negate(const Expression& node) {
  const Value value = evaluate(*node.operands[0]);
  if (value.stopped()) return value;
  if (value.is_null()) return fail_language("null value given to not() and strict variables is set to true", node.line);
  if (value.is(Kind::boolean)) return Value::of(!value.boolean());
  if (value.is_text()) return Value::of(value.view().empty());
  if (value.is_number()) return Value::of(to_double(value) == 0);
  return fail_language(fmt::format("Unsupported value type {}. Expected Boolean, String, Number in \"if\" statement", simple_class_name(value)), node.line);
}

Value Evaluator::sign(const Expression& node) {
  const Value value = evaluate(*node.operands[0]);
  if (value.stopped()) return value;
  const bool minus = node.op == Op::minus;
  if (value.is_text() && !parse_long(value.view())) {
    const auto real = value.view().find_first_of(".eE") == std::string_view::npos ? std::nullopt : parse_double(value.view());
    if (!real) return fail(Failure::Type::plain, fmt::format("For input string: \"{}\"", value.view()));
    return Value::float64(minus ? -*real : *real);
  }
  if (!value.is_number() && !value.is_text()) return fail(Failure::Type::plain, "Cannot convert to Number: " + java_text(value));
  if (!minus) return value.is_text() ? Value::int64(*parse_long(value.view())) : value.is(Kind::int32) ? Value::int64(value.integer()) : value;
  if (value.is(Kind::float64)) return Value::float64(-value.real());
  if (value.is(Kind::float32)) return Value::float32(-static_cast<float>(value.real()));
  if (value.is(Kind::big_decimal)) {
    return Value::text(value.view().starts_with('-') ? std::string(value.view().substr(1)) : "-" + std::string(value.view()), Kind::big_decimal);
  }
  return *calculate(Arithmetic::subtract, Value::int64(0), value);
}

Value make_range(Evaluator& evaluator, const Value& from, const Value& to, const Value& step, int line) {
  const auto usable = [](const Value& v) { return v.is_number() || (v.is_text() && utf16_length(v.view()) == 1); };
  if (!usable(from) || !usable(to) || from.is_number() != to.is_number()) return evaluator.fail_language("Arguments of range function must be of type Number or String with a length of 1", line);
  const bool letters = !from.is_number();
  const auto point = [](const Value& v) { return v.is_number() ? to_long(v) : static_cast<std::int64_t>(utf8_to_utf16(v.view())[0]); };
  const std::int64_t first = point(from);
  const std::int64_t last = point(to);
  if (!step.nothing() && !step.is_number()) return evaluator.fail_language(fmt::format("The increment of the range function must be a number {}", java_text(step)), line);
  const std::int64_t increment = step.is_number() ? to_long(step) : 1;
  if (increment == 0) return evaluator.fail_language("The increment of the range function must be different than 0", line);
  std::vector<Value> items;
  if ((increment > 0 && first <= last) || (increment < 0 && first >= last)) {
    const std::uint64_t distance = increment > 0 ? static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) : static_cast<std::uint64_t>(first) - static_cast<std::uint64_t>(last);
    const std::uint64_t stride = increment > 0 ? static_cast<std::uint64_t>(increment) : 0 - static_cast<std::uint64_t>(increment);
    const std::uint64_t count = std::min<std::uint64_t>(distance / stride, 1'000'000'000) + 1;
    evaluator.step(static_cast<std::size_t>(count));
    items.reserve(static_cast<std::size_t>(count));
    std::uint64_t at = static_cast<std::uint64_t>(first);
    for (std::uint64_t i = 0; i < count; ++i, at += static_cast<std::uint64_t>(increment)) {
      if (letters) items.push_back(Value::text(utf16_to_utf8(std::u16string(1, static_cast<char16_t>(at))), Kind::character));
      else items.push_back(Value::int64(static_cast<std::int64_t>(at)));
    }
  }
  return evaluator.list(std::move(items));
}

}  // namespace insula::expression
