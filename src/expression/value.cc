#include "expression/value.h"

#include <cmath>

namespace insula::expression {

Value Value::borrowed(std::string_view text, Kind kind) {
  Value v(kind);
  v.data_ = text.data();
  v.size_ = static_cast<std::uint32_t>(text.size());
  return v;
}

Value Value::text(std::string text, Kind kind) {
  if (text.size() > 0xffffffffu) throw LimitReached{"expression-too-large", "A text of more than 4 GB cannot be made in an expression"};
  auto owner = std::make_shared<const std::string>(std::move(text));
  Value v(kind);
  v.data_ = owner->data();
  v.size_ = static_cast<std::uint32_t>(owner->size());
  v.owner_ = std::move(owner);
  return v;
}

Value Value::instant(std::int64_t seconds, std::int32_t nanos) {
  Value v(Kind::instant);
  v.integer_ = seconds;
  v.size_ = static_cast<std::uint32_t>(nanos);
  return v;
}

int depth_of(const Value& value) {
  if (value.is(Kind::list) && !value.json_array()) return value.list_box()->depth;
  if (value.is(Kind::entry)) return value.map_box()->depth;
  if (value.is(Kind::map) && !value.json_object()) return value.map_box()->depth;
  return 0;
}

namespace {
int deeper(int depth, const Value& inner) {
  const int total = depth_of(inner) + 1;
  if (total > value_depth_max) {
    throw LimitReached{"expression-too-deep", fmt::format("A value of the expression is nested more than {} levels deep", value_depth_max)};
  }
  return std::max(depth, total);
}
}  // namespace

Value Value::list(std::vector<Value> items, Shape shape) {
  auto box = std::make_shared<ListBox>();
  for (const Value& item : items) box->depth = deeper(box->depth, item);
  box->items = std::move(items);
  Value v(Kind::list);
  v.shape_ = shape;
  v.array_ = nullptr;
  v.owner_ = std::move(box);
  return v;
}

Value Value::entry(Value key, Value value) {
  auto box = std::make_shared<MapBox>();
  box->depth = deeper(deeper(1, key), value);
  box->entries.emplace_back(std::move(key), std::move(value));
  Value v(Kind::entry);
  v.owner_ = std::move(box);
  return v;
}

Value Value::of_json(const Json& json) {
  switch (json.kind()) {
    case boost::json::kind::null: return {};
    case boost::json::kind::bool_: return of(json.get_bool());
    case boost::json::kind::int64: {
      const std::int64_t number = json.get_int64();
      return number >= INT32_MIN && number <= INT32_MAX ? int32(number) : int64(number);
    }
    case boost::json::kind::uint64: {
      const std::uint64_t number = json.get_uint64();
      if (number <= INT32_MAX) return int32(static_cast<std::int64_t>(number));
      if (number <= INT64_MAX) return int64(static_cast<std::int64_t>(number));
      return text(std::to_string(number), Kind::big_integer);
    }
    case boost::json::kind::double_: return float64(json.get_double());
    case boost::json::kind::string: return borrowed(as_view(json.get_string()));
    case boost::json::kind::array: {
      Value v(Kind::list);
      v.array_ = &json.get_array();
      return v;
    }
    case boost::json::kind::object: {
      Value v(Kind::map);
      v.shape_ = Shape::linked_map;
      v.object_ = &json.get_object();
      return v;
    }
  }
  return {};
}

std::size_t Value::size() const {
  if (kind_ == Kind::list) return array_ ? array_->size() : list_box()->items.size();
  if (kind_ == Kind::map) return object_ ? object_->size() : map_box()->entries.size();
  return 0;
}

Value Value::at(std::size_t index) const {
  return array_ ? of_json((*array_)[index]) : list_box()->items[index];
}

std::pair<Value, Value> Value::entry_at(std::size_t index) const {
  if (kind_ == Kind::map && object_) {
    const auto& pair = *(object_->begin() + static_cast<std::ptrdiff_t>(index));
    return {borrowed({pair.key().data(), pair.key().size()}), of_json(pair.value())};
  }
  return map_box()->entries[index];
}

namespace {
std::string key_text(const Value& key) {
  std::string text(1, static_cast<char>('a' + static_cast<int>(key.kind())));
  append_java_text(key, text);
  return text;
}
}  // namespace

bool Value::find(std::string_view key, Value& found) const {
  if (object_) {
    const auto it = object_->find(boost::json::string_view(key.data(), key.size()));
    if (it == object_->end()) return false;
    found = of_json(it->value());
    return true;
  }
  return find(borrowed(key), found);
}

bool Value::find(const Value& key, Value& found) const {
  if (object_) return key.is_text() && find(key.view(), found);
  const MapBox& box = *map_box();
  if (!box.index.empty()) {
    const auto it = box.index.find(key_text(key));
    if (it == box.index.end()) return false;
    found = box.entries[it->second].second;
    return true;
  }
  for (const auto& [name, value] : box.entries) {
    if (java_equals(name, key)) {
      found = value;
      return true;
    }
  }
  return false;
}

void MapBuilder::put(Value key, Value value) {
  auto& entries = box_->entries;
  auto& index = box_->index;
  if (entries.size() == 8 && index.empty()) {
    for (std::size_t i = 0; i < entries.size(); ++i) index.emplace(key_text(entries[i].first), i);
  }
  box_->depth = deeper(deeper(box_->depth, key), value);
  if (!index.empty()) {
    const auto [it, fresh] = index.emplace(key_text(key), entries.size());
    if (fresh) entries.emplace_back(std::move(key), std::move(value));
    else entries[it->second].second = std::move(value);
    return;
  }
  for (auto& [name, held] : entries) {
    if (java_equals(name, key)) {
      held = std::move(value);
      return;
    }
  }
  entries.emplace_back(std::move(key), std::move(value));
}

std::size_t hash_capacity_for(std::size_t entries) {
  const std::size_t wanted = (entries * 4 + 2) / 3;
  std::size_t capacity = 1;
  while (capacity < wanted) capacity *= 2;
  return capacity;
}

Value MapBuilder::hashed(std::size_t capacity) && {
  while (box_->entries.size() * 4 > capacity * 3) capacity *= 2;
  std::vector<std::pair<std::size_t, std::size_t>> order;
  order.reserve(box_->entries.size());
  for (std::size_t i = 0; i < box_->entries.size(); ++i) {
    const auto hash = static_cast<std::uint32_t>(java_hash(box_->entries[i].first));
    order.emplace_back((hash ^ (hash >> 16)) & (capacity - 1), i);
  }
  std::sort(order.begin(), order.end());
  auto sorted = std::make_shared<MapBox>();
  sorted->depth = box_->depth;
  for (const auto& [bucket, position] : order) {
    if (!box_->index.empty()) sorted->index.emplace(key_text(box_->entries[position].first), sorted->entries.size());
    sorted->entries.push_back(std::move(box_->entries[position]));
  }
  return Value::map(std::move(sorted), Shape::hash_map);
}

namespace {
std::string_view list_class(Shape shape) {
  switch (shape) {
    case Shape::immutable_list: return "java.util.ImmutableCollections$ListN";
    case Shape::sub_list: return "java.util.ArrayList$SubList";
    case Shape::partition: return "com.google.common.collect.Lists$RandomAccessPartition";
    case Shape::string_array: return "[Ljava.lang.String;";
    case Shape::object_array: return "[Ljava.lang.Object;";
    case Shape::key_set: return "java.util.LinkedHashMap$LinkedKeySet";
    case Shape::value_view: return "java.util.LinkedHashMap$LinkedValues";
    case Shape::entry_set: return "java.util.LinkedHashMap$LinkedEntrySet";
    case Shape::hash_key_set: return "java.util.HashMap$KeySet";
    case Shape::hash_value_view: return "java.util.HashMap$Values";
    default: return "java.util.ArrayList";
  }
}
}  // namespace

std::string_view class_name(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean: return "java.lang.Boolean";
    case Kind::int32: return "java.lang.Integer";
    case Kind::int64: return "java.lang.Long";
    case Kind::float32: return "java.lang.Float";
    case Kind::float64: return "java.lang.Double";
    case Kind::big_integer: return "java.math.BigInteger";
    case Kind::big_decimal: return "java.math.BigDecimal";
    case Kind::character: return "java.lang.Character";
    case Kind::text: return "java.lang.String";
    case Kind::bytes: return "[B";
    case Kind::list: return list_class(value.shape());
    case Kind::map:
      if (value.shape() == Shape::loop) return "io.pebbletemplates.pebble.node.ForNode$LoopVariables";
      return value.shape() == Shape::hash_map ? "java.util.HashMap" : "java.util.LinkedHashMap";
    case Kind::entry: return "java.util.LinkedHashMap$Entry";
    case Kind::instant: return "java.time.Instant";
    case Kind::local_date: return "java.time.LocalDate";
    default: return "";
  }
}

std::string simple_class_name(const Value& value) {
  std::string_view name = class_name(value);
  if (value.is_array()) return value.shape() == Shape::string_array ? "String[]" : "Object[]";
  if (value.is(Kind::bytes)) return "byte[]";
  name.remove_prefix(name.find_last_of(".$") + 1);
  return std::string(name);
}

namespace {
std::int32_t hash_text(std::string_view text) {
  std::uint32_t hash = 0;
  bool ascii = true;
  for (const char c : text) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  if (ascii) {
    for (const char c : text) hash = hash * 31 + static_cast<unsigned char>(c);
  } else {
    for (const char16_t unit : utf8_to_utf16(text)) hash = hash * 31 + unit;
  }
  return static_cast<std::int32_t>(hash);
}

std::uint32_t hash_bits(std::uint64_t bits) { return static_cast<std::uint32_t>(bits ^ (bits >> 32)); }
}  // namespace

std::int32_t java_hash(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean: return value.boolean() ? 1231 : 1237;
    case Kind::int32: return static_cast<std::int32_t>(value.integer());
    case Kind::int64: return static_cast<std::int32_t>(hash_bits(static_cast<std::uint64_t>(value.integer())));
    case Kind::float64: return static_cast<std::int32_t>(hash_bits(std::bit_cast<std::uint64_t>(value.real())));
    case Kind::float32: return std::bit_cast<std::int32_t>(static_cast<float>(value.real()));
    case Kind::local_date: case Kind::instant: return static_cast<std::int32_t>(value.integer());
    case Kind::list: {
      std::uint32_t hash = value.is_java_list() ? 1 : 0;
      for (std::size_t i = 0; i < value.size(); ++i) hash = hash * (value.is_java_list() ? 31 : 1) + static_cast<std::uint32_t>(java_hash(value.at(i)));
      return static_cast<std::int32_t>(hash);
    }
    case Kind::map: {
      std::uint32_t hash = 0;
      for (std::size_t i = 0; i < value.size(); ++i) {
        const auto [key, held] = value.entry_at(i);
        hash += static_cast<std::uint32_t>(java_hash(key)) ^ static_cast<std::uint32_t>(java_hash(held));
      }
      return static_cast<std::int32_t>(hash);
    }
    case Kind::entry: {
      const auto [key, held] = value.entry_at(0);
      return java_hash(key) ^ java_hash(held);
    }
    case Kind::text: case Kind::character: case Kind::big_integer: case Kind::big_decimal: return hash_text(value.view());
    default: return 0;
  }
}

namespace {
bool equal_lists(const Value& a, const Value& b) {
  if (a.json_array() && a.json_array() == b.json_array()) return true;
  if (a.list_box() && a.list_box() == b.list_box()) return true;
  if (!a.is_java_list() || !b.is_java_list()) {
    // Key sets compare as sets; arrays and value views only by identity.
    const auto is_set = [](const Value& v) { return v.shape() == Shape::key_set || v.shape() == Shape::hash_key_set || v.shape() == Shape::entry_set; };
    if (!is_set(a) || !is_set(b) || a.size() != b.size()) return false;
    std::unordered_set<std::string> seen;
    for (std::size_t i = 0; i < a.size(); ++i) seen.insert(java_text(a.at(i)));
    for (std::size_t i = 0; i < b.size(); ++i) if (!seen.contains(java_text(b.at(i)))) return false;
    return true;
  }
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) if (!java_equals(a.at(i), b.at(i))) return false;
  return true;
}

bool equal_maps(const Value& a, const Value& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto [key, held] = a.entry_at(i);
    Value other;
    if (!b.find(key, other) || !java_equals(held, other)) return false;
  }
  return true;
}
}  // namespace

bool java_equals(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::boolean: return a.boolean() == b.boolean();
    case Kind::int32: case Kind::int64: case Kind::local_date: return a.integer() == b.integer();
    case Kind::instant: return a.integer() == b.integer() && a.nanos() == b.nanos();
    case Kind::float32: case Kind::float64: return std::bit_cast<std::uint64_t>(a.real()) == std::bit_cast<std::uint64_t>(b.real());
    case Kind::list: return equal_lists(a, b);
    case Kind::map: return equal_maps(a, b);
    case Kind::entry: return java_equals(a.entry_at(0).first, b.entry_at(0).first) && java_equals(a.entry_at(0).second, b.entry_at(0).second);
    case Kind::bytes: return a.view().data() == b.view().data();
    case Kind::text: case Kind::character: case Kind::big_integer: case Kind::big_decimal: return a.view() == b.view();
    default: return true;
  }
}

}  // namespace insula::expression
