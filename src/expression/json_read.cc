// JSON text → Value. Not through base: expressions show Jackson's messages, keep big integers whole and stop after the first value.
#include "expression/data_text.h"
#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
class JsonReader {
 public:
  JsonReader(Evaluator& evaluator, std::string_view text) : evaluator_(evaluator), text_(text) {}

  Read<Value> run() {
    skip();
    if (at_ >= text_.size()) return std::unexpected("No content to map due to end-of-input\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1]");
    Value made = value(0);
    const bool number_ends = !made.is_number() || at_ >= text_.size() || text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n';
    if (error_.empty() && !number_ends) fail_character("Expected space separating root-level values");
    if (!error_.empty()) return std::unexpected(std::move(error_));
    return made;
  }

 private:
  static constexpr std::string_view tokens = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

  void fail(std::string_view message, std::size_t at) {
    if (!error_.empty()) return;
    error_ = fmt::format("{}\n at {}", message, location(at));
  }
  std::string location(std::size_t at) const {
    int line = 1;
    std::size_t start = 0;
    for (std::size_t i = 0; i < at && i < text_.size(); ++i) {
      if (text_[i] != '\n') continue;
      ++line;
      start = i + 1;
    }
    return fmt::format("[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {}, column: {}]", line, utf16_length(text_.substr(start, at - start)) + 1);
  }
  std::string not_closed(std::string_view what, std::size_t start) const { return fmt::format(": expected close marker for {} (start marker at {})", what, location(start)); }
  void fail_character(std::string_view expected) {
    std::size_t at = at_;
    const std::uint32_t point = next_point(text_, at);
    std::string shown;
    append_point(point, shown);
    if (point < 32) fail(fmt::format("Illegal character ((CTRL-CHAR, code {})): only regular white space (\\r, \\n, \\t) is allowed between tokens", point), at_);
    else fail(fmt::format("Unexpected character ('{}' (code {})): {}", shown, point, expected), at_);
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) ++at_;
  }
  bool end(std::string_view within) {
    if (at_ < text_.size()) return false;
    fail(fmt::format("Unexpected end-of-input{}", within), at_);
    return true;
  }

  Value value(int depth) {
    if (depth > data_depth_max) {
      fail(fmt::format("The JSON is nested more than {} levels deep", data_depth_max), at_);
      return {};
    }
    evaluator_.step();
    const char c = text_[at_];
    if (c == '{') return object(depth);
    if (c == '[') return array(depth);
    if (c == '"') return evaluator_.text(string());
    if (c == '-' || (c >= '0' && c <= '9')) return number();
    return word();
  }

  Value word() {
    std::size_t stop = at_;
    while (stop < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[stop])) || text_[stop] == '_' || text_[stop] == '$' || static_cast<unsigned char>(text_[stop]) >= 0x80)) ++stop;
    const std::string_view found = text_.substr(at_, stop - at_);
    if (found.empty()) {
      fail_character(fmt::format("expected a valid value {}", tokens));
      return {};
    }
    if (found == "true" || found == "false" || found == "null") {
      at_ = stop;
      return found == "null" ? Value() : Value::of(found == "true");
    }
    fail(fmt::format("Unrecognized token '{}': was expecting {}", found.substr(0, 256), tokens), at_);
    return {};
  }

  Value number() {
    const std::size_t start = at_;
    if (text_[at_] == '-') ++at_;
    const auto digits = [&] {
      const std::size_t before = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      return at_ > before;
    };
    const std::size_t first = at_;
    if (!digits()) {
      if (!end(" in a value")) fail_character("expected digit (0-9) to follow minus sign, for valid numeric value");
      return {};
    }
    if (text_[first] == '0' && at_ > first + 1) {
      fail("Invalid numeric value: Leading zeroes not allowed", first);
      return {};
    }
    bool real = false;
    if (at_ < text_.size() && text_[at_] == '.') {
      real = true;
      ++at_;
      if (!digits()) {
        if (!end(" in a value")) fail_character("Decimal point not followed by a digit");
        return {};
      }
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      real = true;
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) {
        if (!end(" in a value")) fail_character("Exponent indicator not followed by a digit");
        return {};
      }
    }
    const std::string_view text = text_.substr(start, at_ - start);
    if (text.size() > 1000) {
      fail(fmt::format("Number value length ({}) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNumberLength()`)", text.size()), at_);
      return {};
    }
    if (real) return Value::float64(parse_double(text).value_or(0));
    if (const auto whole = parse_long(text)) return *whole >= INT32_MIN && *whole <= INT32_MAX ? Value::int32(*whole) : Value::int64(*whole);
    return Value::text(std::string(text), Kind::big_integer);
  }

  std::string string() {
    std::string out;
    ++at_;
    while (true) {
      if (at_ >= text_.size()) {
        fail("Unexpected end-of-input: was expecting closing quote for a string value", at_);
        return out;
      }
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return out;
      }
      if (static_cast<unsigned char>(c) < 32) {
        fail(fmt::format("Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using backslash to be included in string value", static_cast<int>(c)), at_ + 1);
        return out;
      }
      if (c != '\\') {
        out += c;
        ++at_;
      } else if (!escape(out)) {
        return out;
      }
    }
  }

  bool escape(std::string& out) {
    if (++at_ >= text_.size()) {
      fail("Unexpected end-of-input in character escape sequence", at_);
      return false;
    }
    const char c = text_[at_++];
    switch (c) {
      case '"': case '\\': case '/': out += c; return true;
      case 'b': out += '\b'; return true;
      case 'f': out += '\f'; return true;
      case 'n': out += '\n'; return true;
      case 'r': out += '\r'; return true;
      case 't': out += '\t'; return true;
      case 'u': break;
      default:
        fail(fmt::format("Unrecognized character escape '{}' (code {})", c, static_cast<int>(static_cast<unsigned char>(c))), at_);
        return false;
    }
    std::u16string units;
    --at_;
    while (at_ + 4 < text_.size() && text_[at_] == 'u') {
      std::uint32_t unit = 0;
      const auto end = std::from_chars(text_.data() + at_ + 1, text_.data() + at_ + 5, unit, 16);
      if (end.ptr != text_.data() + at_ + 5) break;
      units += static_cast<char16_t>(unit);
      at_ += 5;
      const bool half = unit >= 0xd800 && unit < 0xdc00 && units.size() == 1;
      if (!half || !text_.substr(at_).starts_with("\\u")) break;
      ++at_;
    }
    if (units.empty()) {
      fail("Unexpected character in a \\u escape: expected a hex-digit for character escape sequence", at_ + 2);
      return false;
    }
    out += utf16_to_utf8(units);
    return true;
  }

  Value array(int depth) {
    std::vector<Value> items;
    const std::size_t start = at_++;
    skip();
    if (at_ < text_.size() && text_[at_] == ']') {
      ++at_;
      return evaluator_.list({});
    }
    while (error_.empty()) {
      skip();
      if (end(items.empty() ? not_closed("Array", start) : " within/between Array entries")) return {};
      items.push_back(value(depth + 1));
      if (!error_.empty()) return {};
      skip();
      if (end(not_closed("Array", start))) return {};
      if (text_[at_] == ']') {
        ++at_;
        return evaluator_.list(std::move(items));
      }
      if (text_[at_] != ',') fail_character("was expecting comma to separate Array entries");
      else ++at_;
    }
    return {};
  }

  Value object(int depth) {
    MapBuilder map;
    const std::size_t start = at_++;
    skip();
    if (at_ < text_.size() && text_[at_] == '}') {
      ++at_;
      return std::move(map).linked();
    }
    while (error_.empty()) {
      skip();
      if (end(not_closed("Object", start))) return {};
      if (text_[at_] != '"') {
        fail_character("was expecting double-quote to start field name");
        return {};
      }
      std::string key = string();
      skip();
      if (!error_.empty() || end(" within/between Object entries")) return {};
      if (text_[at_] != ':') {
        fail_character("was expecting a colon to separate field name and value");
        return {};
      }
      ++at_;
      skip();
      if (end(" within/between Object entries")) return {};
      evaluator_.spend(key.size() + sizeof(Value) * 2);
      map.put(std::move(key), value(depth + 1));
      skip();
      if (!error_.empty() || end(not_closed("Object", start))) return {};
      if (text_[at_] == '}') {
        ++at_;
        return std::move(map).linked();
      }
      if (text_[at_] != ',') fail_character("was expecting comma to separate Object entries");
      else ++at_;
    }
    return {};
  }

  Evaluator& evaluator_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};
}  // namespace

Read<Value> read_json(Evaluator& evaluator, std::string_view text) { return JsonReader(evaluator, text).run(); }

}  // namespace insula::expression
