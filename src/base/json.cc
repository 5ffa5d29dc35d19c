#include "base/json.h"

#include <simdjson.h>

#include <cmath>

namespace insula {
namespace {

Json convert(simdjson::dom::element element) {
  using Type = simdjson::dom::element_type;
  switch (element.type()) {
    case Type::ARRAY: {
      JsonArray array;
      for (simdjson::dom::element item : simdjson::dom::array(element)) array.emplace_back(convert(item));
      return array;
    }
    case Type::OBJECT: {
      JsonObject object;
      for (simdjson::dom::key_value_pair field : simdjson::dom::object(element)) {
        object[boost::json::string_view(field.key.data(), field.key.size())] = convert(field.value);
      }
      return object;
    }
    case Type::INT64: return Json(std::int64_t(element));
    case Type::UINT64: return Json(std::uint64_t(element));
    case Type::DOUBLE: return Json(double(element));
    case Type::STRING: {
      const std::string_view text = element;
      return Json(boost::json::string_view(text.data(), text.size()));
    }
    case Type::BOOL: return Json(bool(element));
    case Type::NULL_VALUE: return Json(nullptr);
  }
  return Json(nullptr);
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return fail(ErrorKind::too_large, "json-too-large", fmt::format("the JSON text has {} bytes; at most {} are read", text.size(), limits.bytes_max));
  }
  thread_local simdjson::dom::parser parser;
  if (parser.max_depth() != static_cast<std::size_t>(limits.depth_max)) {
    if (parser.allocate(std::max<std::size_t>(text.size(), 4096), static_cast<std::size_t>(limits.depth_max)) != simdjson::SUCCESS) {
      return fail(ErrorKind::unavailable, "json-no-memory", "not enough memory to read the JSON text");
    }
  }
  simdjson::dom::element root;
  if (const auto code = parser.parse(simdjson::padded_string(text)).get(root); code != simdjson::SUCCESS) {
    return fail(ErrorKind::invalid, "json-invalid", fmt::format("the text is not valid JSON: {}", simdjson::error_message(code)));
  }
  Json value = convert(root);
  if (text.size() > (1u << 20)) parser = simdjson::dom::parser();  // do not keep a large buffer per thread
  return value;
}

void write_json_string(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

std::string format_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  char buffer[64];
  const double magnitude = std::fabs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
    std::string text(buffer, end.ptr);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
  }
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string text(buffer, end.ptr);
  const std::size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  int exponent = 0;
  const char* digits = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(digits, text.data() + text.size(), exponent);
  return fmt::format("{}E{}", mantissa, exponent);
}

void write_json(const Json& value, std::string& out) {
  switch (value.kind()) {
    case boost::json::kind::null: out += "null"; break;
    case boost::json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case boost::json::kind::int64: fmt::format_to(std::back_inserter(out), "{}", value.get_int64()); break;
    case boost::json::kind::uint64: fmt::format_to(std::back_inserter(out), "{}", value.get_uint64()); break;
    case boost::json::kind::double_:
      if (std::isfinite(value.get_double())) out += format_double(value.get_double());
      else write_json_string(format_double(value.get_double()), out);
      break;
    case boost::json::kind::string: write_json_string(as_view(value.get_string()), out); break;
    case boost::json::kind::array: {
      out += '[';
      bool first = true;
      for (const Json& item : value.get_array()) {
        if (!first) out += ',';
        first = false;
        write_json(item, out);
      }
      out += ']';
      break;
    }
    case boost::json::kind::object: {
      out += '{';
      bool first = true;
      for (const auto& [key, item] : value.get_object()) {
        if (!first) out += ',';
        first = false;
        write_json_string({key.data(), key.size()}, out);
        out += ':';
        write_json(item, out);
      }
      out += '}';
      break;
    }
  }
}

std::string write_json(const Json& value) {
  std::string out;
  write_json(value, out);
  return out;
}

std::string write_json(const JsonObject& value) {
  std::string out = "{";
  for (const auto& [key, item] : value) {
    if (out.size() > 1) out += ',';
    write_json_string({key.data(), key.size()}, out);
    out += ':';
    write_json(item, out);
  }
  return out + "}";
}

namespace {
void write_pretty(const Json& value, int depth, std::string& out) {
  const std::string inner(static_cast<std::size_t>(depth + 1) * 2, ' ');
  const std::string outer(static_cast<std::size_t>(depth) * 2, ' ');
  if (value.is_array() && !value.get_array().empty()) {
    out += "[\n";
    bool first = true;
    for (const Json& item : value.get_array()) {
      out += first ? inner : ",\n" + inner;
      first = false;
      write_pretty(item, depth + 1, out);
    }
    out += "\n" + outer + "]";
  } else if (value.is_object() && !value.get_object().empty()) {
    out += "{\n";
    bool first = true;
    for (const auto& [key, item] : value.get_object()) {
      out += first ? inner : ",\n" + inner;
      first = false;
      write_json_string({key.data(), key.size()}, out);
      out += ": ";
      write_pretty(item, depth + 1, out);
    }
    out += "\n" + outer + "}";
  } else {
    write_json(value, out);
  }
}
}  // namespace

std::string write_json_pretty(const Json& value) {
  std::string out;
  write_pretty(value, 0, out);
  return out;
}

const Json* find(const JsonObject& object, std::string_view key) {
  return object.if_contains(boost::json::string_view(key.data(), key.size()));
}
const Json* find(const Json& value, std::string_view key) { return value.is_object() ? find(value.get_object(), key) : nullptr; }

std::string text_or(const JsonObject& object, std::string_view key, std::string_view otherwise) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_string() ? std::string(as_view(value->get_string())) : std::string(otherwise);
}

std::string to_text(const Json& value) { return value.is_string() ? std::string(as_view(value.get_string())) : write_json(value); }

}  // namespace insula
