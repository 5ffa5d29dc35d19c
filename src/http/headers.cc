#include "http/headers.h"

#include <algorithm>

#include "base/text.h"

namespace insula::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool breaks_a_field(char c) { return c == '\r' || c == '\n' || c == '\0'; }

std::size_t append_clean(std::string& to, std::string_view text) {
  if (std::ranges::none_of(text, breaks_a_field)) {
    to.append(text);
    return text.size();
  }
  const auto before = to.size();
  std::ranges::copy_if(text, std::back_inserter(to), [](char c) { return !breaks_a_field(c); });
  return to.size() - before;
}

// Reads a quoted string whose opening quote stands at `at`; only `\"` and `\\` are escapes, since browsers send bare backslashes in file names.
std::string read_quoted(std::string_view text, std::size_t& at) {
  std::string value;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\')) ++at;
    value += text[at];
  }
  if (at < text.size()) ++at;
  return value;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

Headers::Headers(std::initializer_list<Field> fields) {
  for (const auto& field : fields) add(field.name, field.value);
}

void Headers::add(std::string_view name, std::string_view value) {
  if (slots_.empty()) {
    bytes_.reserve(384);
    slots_.reserve(12);
  }
  Slot slot{static_cast<std::uint32_t>(bytes_.size()), 0, 0};
  slot.name_length = static_cast<std::uint32_t>(append_clean(bytes_, name));
  slot.value_length = static_cast<std::uint32_t>(append_clean(bytes_, value));
  slots_.push_back(slot);
}

void Headers::set(std::string_view name, std::string_view value) {
  const std::string kept_name(name), kept_value(value);  // the arguments may be views into bytes_
  remove(kept_name);
  add(kept_name, kept_value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(slots_, [&](const Slot& slot) {
    return equal_ignoring_case(std::string_view(bytes_).substr(slot.start, slot.name_length), name);
  });
}

Headers::Field Headers::operator[](std::size_t index) const {
  const auto& slot = slots_[index];
  const std::string_view bytes = bytes_;
  return {bytes.substr(slot.start, slot.name_length), bytes.substr(slot.start + slot.name_length, slot.value_length)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].name_length == name.size() && equal_ignoring_case((*this)[i].name, name)) return (*this)[i].value;
  }
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const { return find(name).value_or(std::string_view{}); }

std::size_t Headers::count(std::string_view name) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) found += equal_ignoring_case((*this)[i].name, name) ? 1u : 0u;
  return found;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!equal_ignoring_case((*this)[i].name, name)) continue;
    auto rest = (*this)[i].value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      if (equal_ignoring_case(trim(rest.substr(0, comma)), token)) return true;
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return false;
}

void Headers::clear() {
  bytes_.clear();
  slots_.clear();
}

std::string media_type(std::string_view header_value) { return lower_ascii(trim(header_value.substr(0, header_value.find(';')))); }

std::optional<std::string> header_parameter(std::string_view header_value, std::string_view name) {
  auto at = header_value.find(';');
  while (at < header_value.size()) {
    ++at;
    const auto name_end = std::min(header_value.find_first_of("=;", at), header_value.size());
    const auto found = trim(header_value.substr(at, name_end - at));
    at = name_end;
    std::string value;
    if (at < header_value.size() && header_value[at] == '=') {
      at = std::min(header_value.find_first_not_of(" \t", at + 1), header_value.size());
      if (at < header_value.size() && header_value[at] == '"') {
        value = read_quoted(header_value, at);
        at = std::min(header_value.find(';', at), header_value.size());
      } else {
        const auto end = std::min(header_value.find(';', at), header_value.size());
        value = trim(header_value.substr(at, end - at));
        at = end;
      }
    }
    if (equal_ignoring_case(found, name)) return value;
  }
  return std::nullopt;
}

}  // namespace insula::http
