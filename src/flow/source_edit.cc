// Edits of the text that keep comments and formatting (sharp edge 3).
#include "flow/read.h"
#include "flow/yaml.h"

namespace insula::flow {
namespace {

// Where a top-level key stands in the text, and whether the root is written `{…}`.
struct TopKey {
  std::size_t begin = 0;
  bool inline_map = false;
};

std::size_t offset_of(std::string_view text, Position at) {
  std::size_t start = at.line == 1 && text.starts_with("\xEF\xBB\xBF") ? 3 : 0;   // columns are counted after a byte order mark
  for (int line = 1; line < at.line; ++line) start = text.find('\n', start) + 1;
  for (int column = 1; column < at.column; ++column)   // columns count characters, not bytes
    do ++start;
    while (start < text.size() && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80);
  return start;
}

std::optional<TopKey> find_top_key(std::string_view source, std::string_view key) {
  const auto document = read_yaml(source);
  if (!document) return std::nullopt;
  const auto at = document->positions.find(std::string(key));
  if (at == document->positions.end()) return std::nullopt;
  const auto first = source.find_first_not_of(" \t\r\n");
  return TopKey{offset_of(source, at->second), first != std::string_view::npos && source[first] == '{'};
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
  const auto newline = text.find('\n', at);
  return newline == std::string_view::npos ? text.size() : newline + 1;
}

}  // namespace

std::vector<std::string> split_documents(std::string_view text) {
  std::vector<std::string> documents(1);
  bool separated = false;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = end_of_line(text, start);
    const std::string_view line = text.substr(start, end - start);
    if (line.starts_with("---") && trim(line) == "---") {
      documents.emplace_back();
      separated = true;
    } else {
      documents.back() += line;
    }
    start = end;
  }
  std::erase_if(documents, [](const std::string& document) { return trim(document).empty(); });
  if (separated && documents.size() > 1)   // as 1.3 keeps them: without the blank lines around the separator
    for (std::string& document : documents) {
      document.erase(0, document.find_first_not_of("\r\n"));
      document.erase(document.find_last_not_of("\r\n") + 1);
    }
  return documents;
}

std::string with_disabled(std::string_view source, bool disabled) {
  const std::string_view word = disabled ? "true" : "false";
  std::string out(source);
  if (const auto key = find_top_key(source, "disabled")) {
    std::size_t value = source.find(':', key->begin);
    value = value == std::string_view::npos ? source.size() : value + 1;
    const std::size_t begin = std::min(source.find_first_not_of(" \t", value), source.size());
    std::size_t end = std::min(source.find_first_of(key->inline_map ? " \t\r\n,}" : " \t\r\n", begin), source.size());
    const bool only_comment = begin < source.size() && source[begin] == '#';
    if (only_comment) end = begin;
    return out.replace(begin, end - begin, fmt::format("{}{}{}", begin == value ? " " : "", word, only_comment ? " " : ""));
  }
  const auto first = source.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && source[first] == '{') return out.insert(first + 1, fmt::format("\"disabled\": {}, ", word));
  if (source.ends_with('\n') || source.empty()) return out + fmt::format("disabled: {}\n", word);
  return out + fmt::format("\ndisabled: {}", word);
}

std::string without_revision(std::string_view source) {
  const auto key = find_top_key(source, "revision");
  std::string out(source);
  if (!key) return out;
  if (!key->inline_map) return out.erase(key->begin, end_of_line(source, key->begin) - key->begin);
  const std::size_t end = std::min(source.find_first_of(",}", key->begin), source.size());
  if (end < source.size() && source[end] == ',') {
    const std::size_t next = std::min(source.find_first_not_of(" \t\r\n", end + 1), source.size());
    return out.erase(key->begin, next - key->begin);
  }
  const std::size_t comma = source.find_last_of(",{", key->begin);
  const std::size_t begin = comma != std::string_view::npos && source[comma] == ',' ? comma : key->begin;
  return out.erase(begin, end - begin);
}

}  // namespace insula::flow
