// Filters on lists and maps.
#include "expression/evaluate.h"
#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
std::vector<Value> items_of(const Value& list) {
  std::vector<Value> items;
  items.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) items.push_back(list.at(i));
  return items;
}

template <bool first_one>
Value end_of(Call& call) {
  const Value& input = call.input;
  if (input.is_null()) return {};
  if (input.is_text()) {
    const std::u16string text = utf8_to_utf16(input.view());
    if (text.empty()) return call.fail_plain(first_one ? "Index 0 out of bounds for length 0" : "Index -1 out of bounds for length 0");
    return Value::text(utf16_to_utf8(text.substr(first_one ? 0 : text.size() - 1, 1)), Kind::character);
  }
  if (!input.is(Kind::list)) return call.fail_cast(input, "java.util.Collection");
  return input.size() == 0 ? Value() : input.at(first_one ? 0 : input.size() - 1);
}

Value length(Call& call) {
  const Value& input = call.input;
  if (input.is_text()) return Value::int32(static_cast<std::int64_t>(utf16_length(input.view())));
  if (input.is(Kind::bytes)) return Value::int32(static_cast<std::int64_t>(input.view().size()));
  return Value::int32(static_cast<std::int64_t>(input.size()));
}

Value join(Call& call) {
  if (call.input.is_null()) return {};
  if (!call[0].nothing() && !call[0].is_text()) return call.fail_cast(call[0], "java.lang.String");
  if (!call.input.is(Kind::list)) return call.fail("The 'join' filter expects that the input is either a collection or an array.");
  std::string out;
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    if (i > 0 && call[0].is_text()) out += call[0].view();
    append_java_text(call.input.at(i), out);
    call.evaluator.step();
    if (out.size() > call.evaluator.environment().limits.output_bytes_max) call.evaluator.spend(out.size());
  }
  return call.text(std::move(out));
}

Value merge_map(Call& call, const Value& other) {
  MapBuilder map;
  const std::size_t capacity = std::bit_ceil(call.input.size() + other.size() + 16);  // Pebble leaves room for 16 more
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    auto [key, value] = call.input.entry_at(i);
    map.put(std::move(key), std::move(value));
  }
  for (std::size_t i = 0; i < other.size(); ++i) {
    if (other.is(Kind::map)) {
      auto [key, value] = other.entry_at(i);
      map.put(std::move(key), std::move(value));
    } else {
      map.put(other.at(i), other.at(i));
    }
  }
  call.evaluator.spend(map.size() * sizeof(Value) * 2);
  return std::move(map).hashed(capacity);
}

Value merge(Call& call) {
  const Value& input = call.input;
  const Value& other = call[0];
  if (input.is_null()) return other.is_absent() ? Value() : other;
  if (other.nothing()) return input;
  if (input.is(Kind::map)) {
    if (!other.is(Kind::map) && !other.is_java_list()) return call.fail_plain(fmt::format("Currently, only Maps and Lists can be merged with a Map. Arg2: {}", class_name(other)));
    return merge_map(call, other);
  }
  if (input.is_array()) {
    if (other.is_array()) {
      std::vector<Value> items = items_of(input);
      for (std::size_t i = 0; i < other.size(); ++i) items.push_back(other.at(i));
      return call.list(std::move(items), input.shape());
    }
    return call.fail_plain("Cannot invoke \"java.lang.Class.getName()\" because \"arg2Class\" is null");
  }
  if (!input.is_java_list()) return call.fail("The object being filtered is not a Map/List/Array");
  std::vector<Value> items = items_of(input);
  if (other.is(Kind::map)) {
    for (std::size_t i = 0; i < other.size(); ++i) {
      auto [key, value] = other.entry_at(i);
      items.push_back(Value::entry(std::move(key), std::move(value)));
    }
  } else if (other.is_java_list()) {
    for (std::size_t i = 0; i < other.size(); ++i) items.push_back(other.at(i));
  } else {
    return call.fail(fmt::format("Currently, only Maps and Lists can be merged with a List. Arg2: {}", class_name(other)));
  }
  return call.list(std::move(items));
}

Value reverse(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_java_list()) return call.fail_cast(call.input, "java.util.List");
  std::vector<Value> items = items_of(call.input);
  std::reverse(items.begin(), items.end());
  return call.list(std::move(items));
}

bool text_less(std::string_view a, std::string_view b) {
  // By UTF-16 unit; bytes give the same order except beside surrogates, which only sort among themselves here.
  return a < b;
}

bool is_comparable(const Value& value) {
  return value.is_text() || value.is_number() || value.is(Kind::boolean) || value.is(Kind::character) || value.is(Kind::instant) || value.is(Kind::local_date);
}

// What Java says when it compares neighbours of a list that it cannot compare; null when it can.
Value incomparable(Call& call, const Value& before, const Value& item, bool backwards) {
  const Value& subject = backwards ? before : item;  // `subject.compareTo(other)`
  const Value& other = backwards ? item : before;
  const auto no_comparable = [](const Value& value) { return !value.is_null() && !is_comparable(value); };
  if (no_comparable(item)) return call.fail_cast(item, "java.lang.Comparable");
  if (backwards && no_comparable(before)) return call.fail_cast(before, "java.lang.Comparable");
  if (subject.is_null()) return call.fail_plain(fmt::format("Cannot invoke \"java.lang.Comparable.compareTo(Object)\" because \"{}\" is null", backwards ? "c2" : "a[runHi]"));
  if (other.is_null()) return call.fail_plain(fmt::format("Cannot read field \"value\" because \"{}\" is null", subject.is(Kind::boolean) ? "b" : "another" + simple_class_name(subject)));
  if (subject.kind() != other.kind()) return call.fail_cast(other, class_name(subject));
  return {};
}

Value sorted(Call& call, bool backwards) {
  if (call.input.is_null()) return {};
  if (backwards && !call.input.is_java_list()) return call.fail_cast(call.input, "java.util.List");
  if (!call.input.is_java_list() && !call.input.is_array()) return call.fail("Unsupported input type for sort filter");
  std::vector<Value> items = items_of(call.input);
  call.evaluator.step(items.size() * 4);
  for (std::size_t i = 1; i < items.size(); ++i) {
    Value problem = incomparable(call, items[i - 1], items[i], backwards);
    if (problem.stopped()) return problem;
  }
  const auto less = [](const Value& a, const Value& b) {
    if (a.is(Kind::float64) || a.is(Kind::float32)) return std::strong_order(a.real(), b.real()) < 0;  // NaN has its place, so that the order is one
    if (a.is_number()) return compare_numbers(a, b) == -1;
    if (a.is(Kind::boolean)) return !a.boolean() && b.boolean();
    if (a.is_text() || a.is(Kind::character)) return text_less(a.view(), b.view());
    return a.integer() < b.integer() || (a.integer() == b.integer() && a.nanos() < b.nanos());
  };
  std::sort(items.begin(), items.end(), [&](const Value& a, const Value& b) { return backwards ? less(b, a) : less(a, b); });
  return call.list(std::move(items));
}

Value sort(Call& call) { return sorted(call, false); }
Value rsort(Call& call) { return sorted(call, true); }

Value slice(Call& call) {
  const Value& input = call.input;
  if (input.is_null()) return {};
  const char* const names[] = {"fromIndex", "toIndex"};
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call[i].nothing() && !call[i].is_number()) return call.fail(fmt::format("Argument {} must be a number. Actual type: {}", names[i], class_name(call[i])));
  }
  const auto index = [](const Value& number) { return number.is_integer() ? static_cast<std::int32_t>(to_long(number)) : std::clamp<std::int64_t>(to_long(number), INT32_MIN, INT32_MAX); };  // Number.intValue
  const std::int64_t from = call[0].is_number() ? index(call[0]) : 0;
  if (from < 0) return call.fail_plain("fromIndex must be greater than 0");
  if (!input.is_text() && !input.is_java_list() && !input.is_array() && !input.is(Kind::bytes)) {
    return call.fail(fmt::format("Slice filter can only be applied to String, List and array inputs. Actual type was: {}", class_name(input)));
  }
  const std::u16string text = input.is_text() ? utf8_to_utf16(input.view()) : std::u16string();
  const auto size = static_cast<std::int64_t>(input.is_text() ? text.size() : input.is(Kind::bytes) ? input.view().size() : input.size());
  const std::int64_t to = call[1].is_number() ? index(call[1]) : size;
  if (call[1].is_number()) {
    if (to > size) return call.fail(fmt::format("toIndex must be smaller than input size: {}", size));
    if (from >= to) return call.fail("toIndex must be greater than fromIndex");
  }
  if (from > to) {
    if (input.is_text()) return call.fail_plain(fmt::format("Range [{}, {}) out of bounds for length {}", from, to, size));
    if (input.is_array()) return call.fail_plain(fmt::format("{} > {}", from, to));
    return call.fail_plain(fmt::format("fromIndex({}) > toIndex({})", from, to));
  }
  const auto start = static_cast<std::size_t>(from);
  const auto count = static_cast<std::size_t>(to - from);
  if (input.is_text()) return call.text(utf16_to_utf8(text.substr(start, count)));
  if (input.is(Kind::bytes)) return Value::text(std::string(input.view().substr(start, count)), Kind::bytes);
  std::vector<Value> items;
  for (std::size_t i = start; i < start + count; ++i) items.push_back(input.at(i));
  return call.list(std::move(items), input.is_array() ? input.shape() : Shape::sub_list);
}

Value chunk(Call& call) {
  if (call.input.is_null()) return {};
  if (call[0].is_absent()) return call.fail("'chunk' filter expects an argument 'size'.");
  if (!call.input.is_java_list()) return call.fail(fmt::format("'chunk' filter can only be applied to List. Actual type was: {}", class_name(call.input)));
  if (call[0].is_null()) return call.fail_plain("Cannot invoke \"Object.getClass()\" because \"sizeObj\" is null");
  if (!call[0].is_number()) return call.fail(fmt::format("'chunk' filter argument 'size' must be a number. Actual type was: {}", class_name(call[0])));
  const std::int64_t size = to_long(call[0]);
  if (size <= 0) return call.fail_plain("null");
  std::vector<Value> chunks;
  std::vector<Value> current;
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    current.push_back(call.input.at(i));
    if (static_cast<std::int64_t>(current.size()) == size) chunks.push_back(call.list(std::exchange(current, {}), Shape::sub_list));
  }
  if (!current.empty()) chunks.push_back(call.list(std::move(current), Shape::sub_list));
  return call.list(std::move(chunks), Shape::partition);
}

Value flatten(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_java_list()) return call.fail("The 'flatten' filter can only be applied to lists.");
  std::vector<Value> items;
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    const Value item = call.input.at(i);
    if (!item.is_java_list()) items.push_back(item);
    else for (std::size_t k = 0; k < item.size(); ++k) items.push_back(item.at(k));
  }
  return call.list(std::move(items), Shape::immutable_list);
}

Value distinct(Call& call) {
  if (call.input.is_null()) return Value::borrowed("null");
  if (!call.input.is_java_list()) return call.fail(fmt::format("Input must be a list, but received : {}", class_name(call.input)));
  std::vector<Value> items;
  std::unordered_map<std::string, std::vector<std::size_t>> seen;
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    Value item = call.input.at(i);
    call.evaluator.step();
    auto& same = seen[java_text(item)];
    if (std::any_of(same.begin(), same.end(), [&](std::size_t at) { return java_equals(items[at], item); })) continue;
    same.push_back(items.size());
    items.push_back(std::move(item));
  }
  return call.list(std::move(items));
}

Value keys(Call& call) {
  const Value& input = call.input;
  if (input.is_null()) return {};
  std::vector<Value> items;
  if (input.is(Kind::map)) {
    for (std::size_t i = 0; i < input.size(); ++i) items.push_back(input.entry_at(i).first);
    return call.list(std::move(items), input.shape() == Shape::hash_map ? Shape::hash_key_set : Shape::key_set);
  }
  if (!input.is_java_list() && !input.is_array()) return call.fail(fmt::format("'keys' filter can only be applied to List, Map, Array. Actual type was: {}", class_name(input)));
  for (std::size_t i = 0; i < input.size(); ++i) items.push_back(Value::int32(static_cast<std::int64_t>(i)));
  return call.list(std::move(items), Shape::immutable_list);
}

Value values(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is(Kind::map)) return call.fail(fmt::format("'values' filter can only be applied to Map. Actual type was: {}", class_name(call.input)));
  std::vector<Value> items;
  for (std::size_t i = 0; i < call.input.size(); ++i) items.push_back(call.input.entry_at(i).second);
  return call.list(std::move(items), call.input.shape() == Shape::hash_map ? Shape::hash_value_view : Shape::value_view);
}

bool is_empty(const Value& value) {
  switch (value.kind()) {
    case Kind::null: case Kind::absent: return true;
    case Kind::text: return value.view().find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
    case Kind::list: case Kind::map: return value.size() == 0;
    default: return false;
  }
}

Value default_filter(Call& call) {
  if (!is_empty(call.input) || call.input.is_array()) return call.input;  // an empty array counts as something
  return call[0].is_absent() ? Value() : call[0];
}

Value defined(Call& call) { return Value::of(!call.input.nothing()); }
Value empty(Call& call) { return Value::of(is_empty(call.input)); }
Value null(Call& call) { return Value::of(call.input.is_null()); }
Value iterable(Call& call) { return Value::of(call.input.is(Kind::list)); }
Value map(Call& call) { return Value::of(call.input.is(Kind::map)); }

template <int remainder>
Value parity(Call& call) {
  const std::string no_null = fmt::format("Can not pass null value to \"{}\" test.", call.builtin.name);
  if (call.input.is_null()) return remainder == 1 ? call.fail_plain(no_null) : call.fail(no_null);
  if (!call.input.is_integer()) return call.fail_cast(call.input, "java.lang.Long");
  const bool odd = call.input.integer() % 2 != 0;
  return Value::of(odd == (remainder == 1));
}

Value json_test(Call& call) {
  if (call.input.is_null()) return call.fail_plain("argument \"content\" is null");
  if (!call.input.is_text()) return call.fail_cast(call.input, "java.lang.String");
  return Value::of(call.input.view().find_first_not_of(" \t\r\n") == std::string_view::npos || parse_json(call.input.view()).has_value());
}
}  // namespace

std::span<const Builtin> collection_filters() {
  using enum Entry::Kind;
  static const std::vector<Builtin> all = {
      {filter, "first", {}, "The first item of a list, or the first character of a text.", "{{ [1, 2] | first }}", end_of<true>, true},
      {filter, "last", {}, "The last item of a list, or the last character of a text.", "{{ [1, 2] | last }}", end_of<false>, true},
      {filter, "length", {}, "Number of items, entries or characters; 0 of anything else.", "{{ [1, 2] | length }}", length, true},
      {filter, "join", {{"separator", "string", false, "", "Put between the items"}}, "One text of all items.", "{{ [1, 2] | join(', ') }}", join},
      {filter, "merge", {{"items", "list or map", true, "", "What to add"}}, "One list or map of two; entries of the second win.", "{{ [1] | merge([2]) }}", merge},
      {filter, "reverse", {}, "The list from its end.", "{{ [1, 2] | reverse }}", reverse, true},
      {filter, "sort", {}, "The items in ascending order; all must be of one type.", "{{ [2, 1] | sort }}", sort, true},
      {filter, "rsort", {}, "The items in descending order; all must be of one type.", "{{ [1, 2] | rsort }}", rsort, true},
      {filter, "slice", {{"fromIndex", "integer", false, "0", "First index, from 0"}, {"toIndex", "integer", false, "length", "Index after the last"}}, "A part of a list or text.", "{{ 'hello' | slice(1, 3) }}", slice},
      {filter, "chunk", {{"size", "integer", true, "", "Items per part"}}, "Cuts a list into lists of one size.", "{{ [1, 2, 3] | chunk(2) }}", chunk},
      {filter, "flatten", {}, "Takes the items of inner lists into the list, one level deep.", "{{ [[1], [2, 3]] | flatten }}", flatten, true},
      {filter, "distinct", {}, "The items without repetitions.", "{{ [1, 1, 2] | distinct }}", distinct, true},
      {filter, "keys", {}, "The keys of a map, or the indexes of a list.", "{{ {'a': 1} | keys }}", keys, true},
      {filter, "values", {}, "The values of a map.", "{{ {'a': 1} | values }}", values, true},
      {filter, "default", {{"default", "any", true, "", "The value to take instead"}}, "Another value where this one is missing, null or empty.", "{{ inputs.name | default('nobody') }}", default_filter, false, true},
  };
  return all;
}

std::span<const Builtin> tests() {
  using enum Entry::Kind;
  static const std::vector<Builtin> all = {
      {test, "defined", {}, "Whether the value exists and is not null.", "{{ inputs.name is defined }}", defined, true, true},
      {test, "empty", {}, "Whether the value is null, a blank text, or a list or map without items.", "{{ [] is empty }}", empty, true},
      {test, "null", {}, "Whether the value is null.", "{{ null is null }}", null, true},
      {test, "even", {}, "Whether an integer is even.", "{{ 2 is even }}", parity<0>, true},
      {test, "odd", {}, "Whether an integer is odd.", "{{ 1 is odd }}", parity<1>, true},
      {test, "iterable", {}, "Whether the value is a list.", "{{ [1] is iterable }}", iterable, true},
      {test, "map", {}, "Whether the value is a map.", "{{ {'a': 1} is map }}", map, true},
      {test, "json", {}, "Whether a text is JSON.", "{{ '[1]' is json }}", json_test, true},
  };
  return all;
}

}  // namespace insula::expression
