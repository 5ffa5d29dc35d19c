// JSON: boost::json::value to hold, simdjson to read (exact doubles), our own writer (shortest numbers; platform facts in docs/dependencies.md).
#pragma once
#include <boost/json.hpp>

#include "base/error.h"

namespace insula {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

struct JsonLimits {
  std::size_t bytes_max = 64u << 20;
  int depth_max = 200;
};

// Error code `json-invalid` with line and column in the message. The last of two equal keys wins.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

std::string write_json(const Json& value);
std::string write_json(const JsonObject& value);
void write_json(const Json& value, std::string& out);
std::string write_json_pretty(const Json& value);  // two spaces, for people

void write_json_string(std::string_view text, std::string& out);
std::string format_double(double value);  // shortest text that reads back equal; `1.0`, `0.5`, `1.0E10` as Java prints doubles

// nullptr when `value` is no object or has no such key.
const Json* find(const Json& value, std::string_view key);
const Json* find(const JsonObject& object, std::string_view key);
// The text at the key, or `otherwise` when absent, null or no string.
std::string text_or(const JsonObject& object, std::string_view key, std::string_view otherwise = {});
inline std::string_view as_view(const boost::json::string& text) { return {text.data(), text.size()}; }
// The text of a string; JSON text of anything else.
std::string to_text(const Json& value);

}  // namespace insula
