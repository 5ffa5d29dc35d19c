// What an expression computes with: JSON plus what the language tells apart from it (32-bit and 64-bit integers, floats, big numbers,
// characters, bytes, dates, map entries). Texts, lists and maps that come from Variables or from the parsed tree are borrowed, not copied:
// they outlive the rendering. Values made on the way are shared and never change.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace insula::expression {

enum class Kind : std::uint8_t {
  failed, pending,  // no value: evaluation stopped here; why is told by the Evaluator
  absent,           // an argument that was not given
  null, boolean, int32, int64, float32, float64, big_integer, big_decimal,
  character, text, bytes, list, map, entry, instant, local_date,
};

// The Java class that 1.3 would hold; it decides what filters accept, how texts of it look and what `className` says.
enum class Shape : std::uint8_t {
  array_list, immutable_list, sub_list, partition, string_array, object_array, key_set, value_view, entry_set, hash_key_set, hash_value_view,
  linked_map, hash_map, loop,
};

class Value;
struct ListBox {
  std::vector<Value> items;
  int depth = 1;
};
struct MapBox {
  std::vector<std::pair<Value, Value>> entries;
  std::unordered_map<std::string, std::size_t> index;  // only above eight entries; key_text() → position
  int depth = 1;
};

class Value {
 public:
  Value() = default;
  static Value of(bool value) { Value v(Kind::boolean); v.boolean_ = value; return v; }
  static Value int32(std::int64_t value) { Value v(Kind::int32); v.integer_ = value; return v; }
  static Value int64(std::int64_t value) { Value v(Kind::int64); v.integer_ = value; return v; }
  static Value float64(double value) { Value v(Kind::float64); v.real_ = value; return v; }
  static Value float32(float value) { Value v(Kind::float32); v.real_ = static_cast<double>(value); return v; }
  static Value of_kind(Kind kind) { return Value(kind); }
  static Value failed() { return Value(Kind::failed); }
  static Value pending() { return Value(Kind::pending); }
  static Value absent() { return Value(Kind::absent); }
  // The caller keeps the bytes alive for the whole rendering.
  static Value borrowed(std::string_view text, Kind kind = Kind::text);
  static Value text(std::string text, Kind kind = Kind::text);        // also bytes, character, big_integer, big_decimal (their digits)
  static Value instant(std::int64_t seconds, std::int32_t nanos);
  static Value local_date(std::int64_t epoch_day) { Value v(Kind::local_date); v.integer_ = epoch_day; return v; }
  static Value list(std::vector<Value> items, Shape shape = Shape::array_list);
  static Value map(std::shared_ptr<const MapBox> box, Shape shape) { Value v(Kind::map); v.shape_ = shape; v.owner_ = std::move(box); v.data_ = nullptr; return v; }
  static Value entry(Value key, Value value);
  // Borrows; the JSON outlives the rendering.
  static Value of_json(const Json& json);

  Kind kind() const { return kind_; }
  Shape shape() const { return shape_; }
  bool stopped() const { return kind_ <= Kind::pending; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_absent() const { return kind_ == Kind::absent; }
  bool nothing() const { return kind_ == Kind::null || kind_ == Kind::absent; }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_number() const { return kind_ >= Kind::int32 && kind_ <= Kind::big_decimal; }
  bool is_integer() const { return kind_ == Kind::int32 || kind_ == Kind::int64; }

  bool boolean() const { return boolean_; }
  std::int64_t integer() const { return integer_; }     // int32, int64, seconds of an instant, day of a local_date
  std::int32_t nanos() const { return static_cast<std::int32_t>(size_); }
  double real() const { return real_; }
  std::string_view view() const { return {data_, size_}; }  // text, bytes, character, digits of big numbers

  // Lists of every shape.
  bool is_array() const { return kind_ == Kind::list && (shape_ == Shape::string_array || shape_ == Shape::object_array); }
  bool is_java_list() const { return kind_ == Kind::list && shape_ <= Shape::partition; }
  bool is_collection() const { return kind_ == Kind::list && !is_array(); }
  std::size_t size() const;                              // of a list or map
  Value at(std::size_t index) const;                     // of a list
  const JsonArray* json_array() const { return kind_ == Kind::list ? array_ : nullptr; }
  const JsonObject* json_object() const { return kind_ == Kind::map ? object_ : nullptr; }

  // Maps. Keys may be any value; those from JSON are texts.
  bool find(const Value& key, Value& found) const;       // Java equality of keys
  bool find(std::string_view key, Value& found) const;
  std::pair<Value, Value> entry_at(std::size_t index) const;  // of a map; of an entry with index 0
  const ListBox* list_box() const { return static_cast<const ListBox*>(owner_.get()); }  // of a list that is not borrowed
  const MapBox* map_box() const { return static_cast<const MapBox*>(owner_.get()); }

 private:
  explicit Value(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::null;
  Shape shape_ = Shape::array_list;
  std::uint32_t size_ = 0;
  union {
    std::int64_t integer_ = 0;
    bool boolean_;
    double real_;
    const char* data_;
    const JsonArray* array_;
    const JsonObject* object_;
  };
  std::shared_ptr<const void> owner_;
};

// A limit of RenderLimits or of the language itself was reached: leaves the whole rendering, past everything that catches failures.
struct LimitReached {
  std::string code;
  std::string message;
};
// Values nested deeper than this are refused, so that nothing that walks them can exhaust the stack.
inline constexpr int value_depth_max = 400;
int depth_of(const Value& value);

// Collects a map in the order of insertion; an equal key keeps its place and takes the new value.
class MapBuilder {
 public:
  void put(Value key, Value value);
  void put(std::string key, Value value) { put(Value::text(std::move(key)), std::move(value)); }
  std::size_t size() const { return box_->entries.size(); }
  Value shaped(Shape shape) && { return Value::map(std::move(box_), shape); }
  Value linked() && { return std::move(*this).shaped(Shape::linked_map); }
  // In the order in which java.util.HashMap, made for `expected` entries (0: the default of 16 buckets), walks them: it is visible in outputs.
  Value hashed(std::size_t capacity = 16) &&;

 private:
  std::shared_ptr<MapBox> box_ = std::make_shared<MapBox>();
};
std::size_t hash_capacity_for(std::size_t entries);  // of `new HashMap(ceil(entries / 0.75))`

std::string java_text(const Value& value);                    // String.valueOf: `[1, 2]`, `{a=1}`
void append_java_text(const Value& value, std::string& out);
std::string_view class_name(const Value& value);              // "java.lang.Long"
std::string simple_class_name(const Value& value);            // "Long"
std::int32_t java_hash(const Value& value);                   // Object.hashCode
bool java_equals(const Value& a, const Value& b);             // Object.equals: an Integer is never a Long
void append_json(const Value& value, std::string& out);       // compact; null entries of maps are left out, as 1.3 does
std::string json_text(const Value& value);
void append_printed(const Value& value, std::string& out);    // what `{{ … }}` writes
Json to_json(const Value& value);                             // for typed results and lookups
std::string utf16_to_utf8(std::u16string_view text);
std::u16string utf8_to_utf16(std::string_view text);
std::size_t utf16_length(std::string_view text);
std::string format_float(float value);                        // Float.toString
std::string iso_instant(std::int64_t seconds, std::int32_t nanos);
std::string iso_local_date(std::int64_t epoch_day);
void civil_from_days(std::int64_t days, std::int64_t& year, int& month, int& day);
std::int64_t days_from_civil(std::int64_t year, int month, int day);

}  // namespace insula::expression
