// Value → YAML text in the layout of 1.3: block style, list items one space in, quotes only where a plain scalar would be read as something else.
#include "expression/data_text.h"
#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
bool is_reserved(std::string_view text) {
  static const std::set<std::string, std::less<>> words = {"true", "false", "yes", "no", "on", "off", "null", "~", "y", "n"};
  return words.contains(lower_text(text));
}

// Jackson's own check, with minimal quotes: reserved words, and texts that begin or hold what YAML gives a meaning.
bool needs_double_quotes(std::string_view text) {
  if (text.empty() || is_reserved(text)) return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '[' || c == ']' || c == '{' || c == '}' || c == ',') return true;
    if (c == '#' && i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t')) return true;
    if (c == ':' && i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\t')) return true;
  }
  return false;
}

// The emitter's check of a plain scalar.
bool needs_single_quotes(std::string_view text) {
  const char first = text.front();
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return true;
  if (std::string_view("#&*!|>'\"%@`").find(first) != std::string_view::npos) return true;
  if ((first == '-' || first == '?' || first == ':') && (text.size() == 1 || text[1] == ' ')) return true;
  return text.starts_with("---") || text.starts_with("...");
}

void append_double_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t point = next_point(text, at);
    switch (point) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\0': out += "\\0"; break;
      default:
        if (point < 32 || point == 0x7f) out += fmt::format("\\x{:02x}", point);
        else append_point(point, out);
    }
  }
  out += '"';
}

void append_literal(std::string_view text, int indent, std::string& out) {
  out += '|';
  if (text.front() == ' ' || text.front() == '\n') out += '2';
  if (!text.ends_with('\n')) out += '-';
  else if (text.size() == 1 || text[text.size() - 2] == '\n') out += '+';
  const std::string pad(static_cast<std::size_t>(indent + 2), ' ');
  bool line_start = true;
  out += '\n';
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (line_start && text[i] != '\n') out += pad;
    line_start = text[i] == '\n';
    if (!line_start || i + 1 < text.size()) out += text[i];
  }
}

void append_text(std::string_view text, int indent, std::string& out) {
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 32 || c == '\n' || c == '\t'; });
  if (!printable) return append_double_quoted(text, out);
  if (text.find('\n') != std::string_view::npos) return append_literal(text, indent, out);
  if (needs_double_quotes(text)) return append_double_quoted(text, out);
  if (needs_single_quotes(text)) {
    out += '\'';
    for (const char c : text) {
      if (c == '\'') out += '\'';
      out += c;
    }
    out += '\'';
    return;
  }
  out += text;
}

bool is_block(const Value& value) { return (value.is(Kind::list) || value.is(Kind::map)) && value.size() > 0; }

void append_scalar(const Value& value, int indent, std::string& out) {
  switch (value.kind()) {
    case Kind::text: case Kind::character: append_text(value.view(), indent, out); break;
    case Kind::bytes: out += "!!binary |-\n" + std::string(static_cast<std::size_t>(indent + 2), ' ') + base64_encode(value.view()); break;
    case Kind::list: out += "[]"; break;
    case Kind::map: out += "{}"; break;
    default: append_java_text(value, out); break;
  }
}

// `indent`: of the lines of this block. Lists stand one further in, their items' blocks two.
void append_block(const Value& value, int indent, std::string& out) {
  if (value.is(Kind::map)) {
    const std::string pad(static_cast<std::size_t>(indent), ' ');
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto [key, held] = value.entry_at(i);
      out += pad;
      append_text(java_text(key), indent, out);
      out += ':';
      if (is_block(held)) {
        out += '\n';
        append_block(held, held.is(Kind::map) ? indent + 2 : indent, out);
      } else {
        out += ' ';
        append_scalar(held, indent, out);
        out += '\n';
      }
    }
    return;
  }
  const std::string pad(static_cast<std::size_t>(indent + 1), ' ');
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Value item = value.at(i);
    out += pad + "-";
    if (is_block(item)) {
      out += '\n';
      append_block(item, item.is(Kind::map) ? indent + 2 : indent + 2, out);
    } else {
      out += ' ';
      append_scalar(item, indent + 1, out);
      out += '\n';
    }
  }
}
}  // namespace

void write_yaml(const Value& value, std::string& out) {
  if (is_block(value)) return append_block(value, 0, out);
  if (value.is_text() && value.view().empty()) {
    out += "--- \"\"\n";
    return;
  }
  append_scalar(value, 0, out);
  out += '\n';
}

}  // namespace insula::expression
