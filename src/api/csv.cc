#include "api/csv.h"

namespace insula::api {
namespace {

void write_java(const Json& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : *object) {
      if (!std::exchange(first, false)) out += ", ";
      out += std::string_view(key.data(), key.size());
      out += '=';
      write_java(member, out);
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    bool first = true;
    for (const Json& item : *array) {
      if (!std::exchange(first, false)) out += ", ";
      write_java(item, out);
    }
    out += ']';
  } else {
    out += to_text(value);
  }
}

std::string cell(const Json& value) {
  std::string text;
  if (!value.is_null()) write_java(value, text);
  if (value.is_string() && !text.empty() && std::string_view("=+-@\t").contains(text.front())) text.insert(text.begin(), '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string write_csv(const std::vector<JsonObject>& rows) {
  std::vector<std::string> columns;
  for (const JsonObject& row : rows)
    for (const auto& [key, value] : row)
      if (std::string name(key.data(), key.size()); std::ranges::find(columns, name) == columns.end()) columns.push_back(std::move(name));
  if (columns.empty()) return {};
  std::string out = join(columns, ",") + '\n';
  for (const JsonObject& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i != 0) out += ',';
      if (const Json* value = find(row, columns[i])) out += cell(*value);
    }
    out += '\n';
  }
  return out;
}

}  // namespace insula::api
