// A JSON tree → block-style YAML that reads back equal.
#include "flow/yaml.h"
#include "flow/yaml_scalar.h"

namespace insula::flow {
namespace {

bool has_control(std::string_view text, bool newlines_too) {
  return std::ranges::any_of(text, [&](unsigned char c) { return c == 0x7F || (c < 0x20 && (newlines_too || c != '\n')); });
}

bool can_be_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':' || has_control(text, true)) return false;
  if (std::string_view("?:,[]{}#&*!|>'\"%@`").contains(text.front())) return false;
  if (text.front() == '-' && (text.size() == 1 || text[1] == ' ' || text.starts_with("---"))) return false;
  if (text.starts_with("...") || text == "<<" || text == "=") return false;
  if (text.contains(": ") || text.contains(" #")) return false;
  const auto value = resolve_plain(text);
  return value && value->is_string();
}

bool can_be_literal(std::string_view text) { return text.contains('\n') && !has_control(text, false); }

// A text that begins with a space or an empty line: the reader could not tell the indentation by itself (YAML 1.1 §9.2.1).
bool needs_indentation(std::string_view text) { return text.front() == ' ' || text.front() == '\n'; }

void write_text(std::string_view text, int indent, std::string& out) {
  if (can_be_plain(text)) {
    out += text;
  } else if (can_be_literal(text) && (indent >= 2 || !needs_indentation(text)) && text.find_first_not_of(" \n") != std::string_view::npos) {
    const bool ends = text.ends_with('\n');
    out += '|';
    if (needs_indentation(text)) out += '2';
    out += ends ? (text.ends_with("\n\n") ? "+" : "") : "-";
    std::string_view rest = ends ? text.substr(0, text.size() - 1) : text;
    for (const std::string& line : split(rest, '\n')) {
      out += '\n';
      if (!line.empty()) out.append(static_cast<std::size_t>(indent), ' ').append(line);
    }
  } else {
    write_json_string(text, out);
  }
}

void write_node(const Json& value, int indent, std::string& out);

void write_child(const Json& value, int indent, bool in_list, std::string& out) {
  const bool block_map = value.is_object() && !value.as_object().empty();
  const bool block_list = value.is_array() && !value.as_array().empty();
  if (in_list && (block_map || block_list)) {   // `- key: …` begins on the line of the dash
    std::string inner;
    write_node(value, indent, inner);
    out += ' ';
    out += std::string_view(inner).substr(static_cast<std::size_t>(indent));
    return;
  }
  if (block_map || block_list) {
    out += '\n';
    write_node(value, indent, out);
    return;
  }
  out += ' ';
  if (value.is_string()) write_text(as_view(value.as_string()), indent, out);
  else out += write_json(value);
  out += '\n';
}

void write_node(const Json& value, int indent, std::string& out) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  if (value.is_object()) {
    for (const auto& [key, child] : value.as_object()) {
      out += margin;
      const std::string_view name(key.data(), key.size());
      if (can_be_plain(name)) out += name;
      else write_json_string(name, out);
      out += ':';
      write_child(child, indent + 2, false, out);
    }
    return;
  }
  for (const Json& item : value.as_array()) {
    out += margin + "-";
    write_child(item, indent + 2, true, out);
  }
}

}  // namespace

std::string write_yaml(const Json& value) {
  std::string out;
  const bool block = (value.is_object() && !value.as_object().empty()) || (value.is_array() && !value.as_array().empty());
  if (block) {
    write_node(value, 0, out);
  } else {
    if (value.is_string()) write_text(as_view(value.as_string()), 2, out);
    else out = write_json(value);
    out += '\n';
  }
  return out;
}

}  // namespace insula::flow
