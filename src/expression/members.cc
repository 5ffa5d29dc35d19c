// The methods and properties of Java's String, List, Map and Number that expressions can reach in 1.3 by reflection: `x.length`, `list.size()`.
// Methods that change their object are left out: variables do not change while a text is rendered.
#include "expression/evaluate.h"
#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
std::string_view bare(std::string_view name) {
  // `x.empty` finds isEmpty(), `x.first` getFirst(), `x.bytes` getBytes().
  static const std::map<std::string_view, std::string_view> getters = {{"empty", "isEmpty"}, {"blank", "isBlank"}, {"first", "getFirst"}, {"last", "getLast"}, {"bytes", "getBytes"},
                                                                       {"key", "getKey"}, {"value", "getValue"}, {"infinite", "isInfinite"}, {"naN", "isNaN"}};
  const auto found = getters.find(name);
  return found == getters.end() ? name : found->second;
}

std::string trim_java(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return std::string(text);
}

std::int64_t index16(std::string_view text, std::size_t byte) {
  return byte == std::string_view::npos ? -1 : static_cast<std::int64_t>(utf16_length(text.substr(0, byte)));
}

bool text_without_arguments(Evaluator& evaluator, std::string_view text, std::string_view name, Value& result) {
  if (name == "length") result = Value::int32(static_cast<std::int64_t>(utf16_length(text)));
  else if (name == "isEmpty") result = Value::of(text.empty());
  else if (name == "isBlank") result = Value::of(text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos);
  else if (name == "toUpperCase") result = evaluator.text(upper_text(text));
  else if (name == "toLowerCase") result = evaluator.text(lower_text(text));
  else if (name == "trim" || name == "strip") result = evaluator.text(trim_java(text));
  else if (name == "toString" || name == "intern") result = evaluator.text(std::string(text));
  else if (name == "getBytes") result = Value::text(std::string(text), Kind::bytes);
  else return false;
  return true;
}

bool text_with_argument(Evaluator& evaluator, std::string_view text, std::string_view name, std::string_view argument, int line, Value& result) {
  if (name == "startsWith") result = Value::of(text.starts_with(argument));
  else if (name == "endsWith") result = Value::of(text.ends_with(argument));
  else if (name == "concat") result = evaluator.text(std::string(text) + std::string(argument));
  else if (name == "indexOf") result = Value::int32(index16(text, text.find(argument)));
  else if (name == "lastIndexOf") result = Value::int32(index16(text, text.rfind(argument)));
  else if (name == "equalsIgnoreCase") result = Value::of(lower_text(text) == lower_text(argument));
  else if (name == "split") result = split_text(evaluator, text, argument, 0, line);
  else if (name == "matches") {
    const auto regex = Regex::compile(argument);
    result = regex ? Value::of(regex->matches_whole(text)) : evaluator.fail(Failure::Type::plain, regex.error());
  } else if (name == "compareTo") {
    const std::u16string a = utf8_to_utf16(text);
    const std::u16string b = utf8_to_utf16(argument);
    std::size_t i = 0;
    while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
    const auto order = i < a.size() && i < b.size() ? static_cast<int>(a[i]) - static_cast<int>(b[i]) : static_cast<int>(a.size()) - static_cast<int>(b.size());
    result = Value::int32(order);
  } else {
    return false;
  }
  return true;
}

bool text_member(Evaluator& evaluator, const Value& object, std::string_view name, const std::vector<Value>& arguments, int line, Value& result) {
  const std::string_view text = object.view();
  if (arguments.empty()) return text_without_arguments(evaluator, text, name, result);
  for (const Value& argument : arguments) if (!argument.is_text()) return false;
  if (arguments.size() == 1) return text_with_argument(evaluator, text, name, arguments[0].view(), line, result);
  if (arguments.size() != 2) return false;
  if (name == "replace") {
    result = replace_all(evaluator, text, arguments[0].view(), arguments[1].view());
    return true;
  }
  if (name != "replaceAll" && name != "replaceFirst") return false;
  const auto regex = Regex::compile(arguments[0].view());
  result = regex ? regex->replace(evaluator, text, arguments[1].view(), name == "replaceFirst") : evaluator.fail(Failure::Type::plain, regex.error());
  return true;
}

bool list_member(Evaluator& evaluator, const Value& list, std::string_view name, const std::vector<Value>& arguments, Value& result) {
  if (list.is_array()) return false;
  const auto ends = [&](bool first) {
    if (list.size() == 0) result = evaluator.fail(Failure::Type::plain, "null");
    else result = list.at(first ? 0 : list.size() - 1);
  };
  if (arguments.size() == 1 && (name == "indexOf" || name == "lastIndexOf")) {
    std::int64_t found = -1;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!java_equals(list.at(i), arguments[0])) continue;
      found = static_cast<std::int64_t>(i);
      if (name == "indexOf") break;
    }
    result = Value::int32(found);
    return true;
  }
  if (!arguments.empty()) return false;
  if (name == "size") result = Value::int32(static_cast<std::int64_t>(list.size()));
  else if (name == "isEmpty") result = Value::of(list.size() == 0);
  else if (name == "getFirst") ends(true);
  else if (name == "getLast") ends(false);
  else if (name == "reversed" || name == "toArray") {
    std::vector<Value> items;
    for (std::size_t i = 0; i < list.size(); ++i) items.push_back(list.at(name == "reversed" ? list.size() - 1 - i : i));
    result = evaluator.list(std::move(items), name == "toArray" ? Shape::object_array : Shape::array_list);
  } else {
    return false;
  }
  return true;
}

Value view_of(Evaluator& evaluator, const Value& map, std::string_view name) {
  std::vector<Value> items;
  for (std::size_t i = 0; i < map.size(); ++i) {
    auto [key, value] = map.entry_at(i);
    items.push_back(name == "keySet" ? std::move(key) : name == "values" ? std::move(value) : Value::entry(std::move(key), std::move(value)));
  }
  const bool hashed = map.shape() == Shape::hash_map;
  return evaluator.list(std::move(items), name == "keySet" ? (hashed ? Shape::hash_key_set : Shape::key_set)
                                          : name == "values" ? (hashed ? Shape::hash_value_view : Shape::value_view) : Shape::entry_set);
}

bool map_member(Evaluator& evaluator, const Value& map, std::string_view name, const std::vector<Value>& arguments, Value& result) {
  Value found;
  if (arguments.empty()) {
    if (name == "size") result = Value::int32(static_cast<std::int64_t>(map.size()));
    else if (name == "isEmpty") result = Value::of(map.size() == 0);
    else if (name == "keySet" || name == "values" || name == "entrySet") result = view_of(evaluator, map, name);
    else return false;
    return true;
  }
  if (name == "get" && arguments.size() == 1) result = map.find(arguments[0], found) ? found : Value();
  else if (name == "getOrDefault" && arguments.size() == 2) result = map.find(arguments[0], found) ? found : arguments[1];
  else if (name == "containsKey" && arguments.size() == 1) result = Value::of(map.find(arguments[0], found));
  else if (name == "containsValue" && arguments.size() == 1) {
    bool has = false;
    for (std::size_t i = 0; i < map.size() && !has; ++i) has = java_equals(map.entry_at(i).second, arguments[0]);
    result = Value::of(has);
  } else {
    return false;
  }
  return true;
}

bool number_member(const Value& number, std::string_view name, const std::vector<Value>& arguments, Value& result) {
  if (!arguments.empty()) {
    if (name != "compareTo" || arguments.size() != 1 || arguments[0].kind() != number.kind()) return false;
    result = Value::int32(compare_numbers(number, arguments[0]));
    return true;
  }
  const std::int64_t whole = to_long(number);
  if (name == "intValue") result = Value::int32(number.is_integer() ? static_cast<std::int32_t>(whole) : std::clamp<std::int64_t>(whole, INT32_MIN, INT32_MAX));
  else if (name == "longValue") result = Value::int64(whole);
  else if (name == "shortValue") result = Value::int32(static_cast<std::int16_t>(whole));
  else if (name == "byteValue") result = Value::int32(static_cast<std::int8_t>(whole));
  else if (name == "doubleValue") result = Value::float64(to_double(number));
  else if (name == "floatValue") result = Value::float32(static_cast<float>(to_double(number)));
  else if (name == "isNaN" && number.is(Kind::float64)) result = Value::of(number.real() != number.real());
  else if (name == "isInfinite" && number.is(Kind::float64)) result = Value::of(number.real() - number.real() != 0 && number.real() == number.real());
  else return false;
  return true;
}
}  // namespace

bool java_member(Evaluator& evaluator, const Value& object, std::string_view name, const std::vector<Value>& arguments, int line, Value& result) {
  if (arguments.empty() && (name == "class" || name == "getClass")) {
    result = evaluator.fail_denied("public final native java.lang.Class java.lang.Object.getClass()", line);
    return true;
  }
  name = bare(name);
  if (arguments.empty() && name == "hashCode" && !object.is_array()) {
    result = Value::int32(java_hash(object));
    return true;
  }
  if (arguments.empty() && name == "toString") {
    result = evaluator.text(java_text(object));
    return true;
  }
  switch (object.kind()) {
    case Kind::text: return text_member(evaluator, object, name, arguments, line, result);
    case Kind::list: return list_member(evaluator, object, name, arguments, result);
    case Kind::map: return object.shape() != Shape::loop && map_member(evaluator, object, name, arguments, result);
    case Kind::entry:
      if (!arguments.empty() || (name != "getKey" && name != "getValue")) return false;
      result = name == "getKey" ? object.entry_at(0).first : object.entry_at(0).second;
      return true;
    case Kind::boolean:
      if (name != "booleanValue" || !arguments.empty()) return false;
      result = object;
      return true;
    default: return object.is_number() && number_member(object, name, arguments, result);
  }
}

}  // namespace insula::expression
