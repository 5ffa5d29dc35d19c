// YAML text → Value with the events of libyaml. Scalars as Jackson takes them (YAML 1.1, without dates); an alias is the text of its name,
// merge keys are plain keys: so does 1.3.
#include <yaml.h>

#include "expression/data_text.h"
#include "expression/number.h"

namespace insula::expression {

namespace {
constexpr std::size_t yaml_bytes_max = 4u << 20;
constexpr int yaml_depth_max = 64;

class YamlReader {
 public:
  YamlReader(Evaluator& evaluator, std::string_view text) : evaluator_(evaluator), text_(text) {
    INSULA_ASSERT(yaml_parser_initialize(&parser_) == 1);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~YamlReader() {
    release();
    yaml_parser_delete(&parser_);
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  Read<Value> run() {
    while (next() && event_.type != YAML_DOCUMENT_START_EVENT && event_.type != YAML_STREAM_END_EVENT) {}
    Value made;
    if (error_.empty() && event_.type == YAML_STREAM_END_EVENT) error_ = "No content to map due to end-of-input\n at [Source: (StringReader); line: 1, column: 1]";
    if (error_.empty() && next()) made = value(0);
    if (!error_.empty()) return std::unexpected(std::move(error_));
    return made;
  }

 private:
  void release() {
    if (held_) yaml_event_delete(&event_);
    held_ = false;
  }

  bool next() {
    release();
    if (!error_.empty()) return false;
    if (yaml_parser_parse(&parser_, &event_) != 1) {
      error_ = parse_error();
      return false;
    }
    held_ = true;
    return true;
  }

  std::string snippet(const yaml_mark_t& mark) const {
    std::size_t start = 0;
    for (std::size_t line = 0; line < mark.line && start != std::string_view::npos; ++line) {
      start = text_.find('\n', start);
      if (start != std::string_view::npos) ++start;
    }
    if (start == std::string_view::npos || start > text_.size()) start = text_.size();
    const std::string_view line = text_.substr(start, text_.find('\n', start) - start);
    return fmt::format(" in 'reader', line {}, column {}:\n    {}\n    {}^", mark.line + 1, mark.column + 1, line, std::string(std::min<std::size_t>(mark.column, 500), ' '));
  }

  std::string parse_error() const {
    std::string out;
    if (parser_.context) out += fmt::format("{}\n{}\n", parser_.context, snippet(parser_.context_mark));
    std::string problem = parser_.problem ? parser_.problem : "it cannot be read";
    if (problem == "mapping values are not allowed in this context") problem = "mapping values are not allowed here";
    out += fmt::format("{}\n{}", problem, snippet(parser_.problem_mark));
    return fmt::format("{}\n\n at [Source: (StringReader); line: {}, column: {}]", out, parser_.problem_mark.line + 1, parser_.problem_mark.column + 1);
  }

  static std::string_view text_of(const yaml_char_t* text, std::size_t length) { return {reinterpret_cast<const char*>(text), length}; }

  Value value(int depth) {
    if (depth > yaml_depth_max) {
      error_ = fmt::format("It is nested more than {} levels deep", yaml_depth_max);
      return {};
    }
    evaluator_.step();
    switch (event_.type) {
      case YAML_ALIAS_EVENT: {
        const auto* name = event_.data.alias.anchor;
        return evaluator_.text(reinterpret_cast<const char*>(name));
      }
      case YAML_SCALAR_EVENT: return scalar();
      case YAML_SEQUENCE_START_EVENT: {
        std::vector<Value> items;
        while (next() && event_.type != YAML_SEQUENCE_END_EVENT) items.push_back(value(depth + 1));
        return evaluator_.list(std::move(items));
      }
      case YAML_MAPPING_START_EVENT: {
        MapBuilder map;
        while (next() && event_.type != YAML_MAPPING_END_EVENT) {
          if (event_.type != YAML_SCALAR_EVENT) {
            error_ = fmt::format("Expected a field name (Scalar value in YAML), got a list or map\n at [Source: (StringReader); line: {}, column: {}]", event_.start_mark.line + 1, event_.start_mark.column + 2);
            break;
          }
          std::string key(text_of(event_.data.scalar.value, event_.data.scalar.length));
          if (!next()) break;
          Value held = value(depth + 1);
          evaluator_.spend(key.size() + sizeof(Value) * 2);
          map.put(std::move(key), std::move(held));
        }
        return std::move(map).linked();
      }
      default: return {};
    }
  }

  Value scalar() {
    const std::string text(text_of(event_.data.scalar.value, event_.data.scalar.length));
    const bool plain = event_.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const std::string tag = event_.data.scalar.tag ? reinterpret_cast<const char*>(event_.data.scalar.tag) : "";
    if (tag == "tag:yaml.org,2002:binary") {
      std::string digits = text;
      std::erase_if(digits, [](char c) { return std::isspace(static_cast<unsigned char>(c)); });
      if (auto bytes = base64_decode(digits)) return Value::text(std::move(*bytes), Kind::bytes);
    }
    if (!plain || tag == "tag:yaml.org,2002:str") return evaluator_.text(text);
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
    if (const auto truth = boolean(text)) return Value::of(*truth);
    return number(text);
  }

  static std::optional<bool> boolean(std::string_view text) {
    static const std::set<std::string_view> yes = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
    static const std::set<std::string_view> no = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"};
    if (text.size() > 1 && yes.contains(text)) return true;
    if (text.size() > 1 && no.contains(text)) return false;
    return std::nullopt;
  }

  Value number(const std::string& text) {
    std::string digits = text;
    std::erase(digits, '_');
    std::string_view body = digits;
    const bool negative = body.starts_with('-');
    if (negative || body.starts_with('+')) body.remove_prefix(1);
    if (body.empty() || text[0] == '_' || !(std::isdigit(static_cast<unsigned char>(body[0])) || body[0] == '.')) return evaluator_.text(text);
    const auto whole = [&](std::string_view part, int base) -> std::optional<Value> {
      std::uint64_t bits = 0;
      const auto end = std::from_chars(part.data(), part.data() + part.size(), bits, base);
      if (part.empty() || end.ptr != part.data() + part.size() || end.ec != std::errc() || bits > INT64_MAX) return std::nullopt;
      const auto signed_value = negative ? -static_cast<std::int64_t>(bits) : static_cast<std::int64_t>(bits);
      return signed_value >= INT32_MIN && signed_value <= INT32_MAX ? Value::int32(signed_value) : Value::int64(signed_value);
    };
    if (body.starts_with("0x") || body.starts_with("0X")) return whole(body.substr(2), 16).value_or(evaluator_.text(text));
    if (body.starts_with("0b") || body.starts_with("0B")) return whole(body.substr(2), 2).value_or(evaluator_.text(text));
    if (is_integer_text(body)) {
      if (body.size() > 1 && body[0] == '0') return whole(body, 8).value_or(evaluator_.text(text));
      if (auto made = whole(body, 10)) return *made;
      return Value::text((negative ? "-" : "") + std::string(body), Kind::big_integer);
    }
    if (body == ".inf" || body == ".Inf" || body == ".INF" || body == ".nan" || body == ".NaN" || body == ".NAN") {
      error_ = fmt::format("Malformed numeric value '{}'\n at [Source: (StringReader); line: {}, column: {}]", text, event_.end_mark.line + 1, event_.end_mark.column + 1);
      return {};
    }
    if (body.find_first_not_of("0123456789.eE+-") == std::string_view::npos) {
      if (const auto real = parse_double(digits)) return Value::float64(*real);
    }
    return evaluator_.text(text);
  }

  Evaluator& evaluator_;
  std::string_view text_;
  yaml_parser_t parser_;
  yaml_event_t event_;
  bool held_ = false;
  std::string error_;
};
}  // namespace

Read<Value> read_yaml(Evaluator& evaluator, std::string_view text) {
  if (text.size() > yaml_bytes_max) return std::unexpected(fmt::format("It is longer than {} bytes", yaml_bytes_max));
  return YamlReader(evaluator, text).run();
}

}  // namespace insula::expression
