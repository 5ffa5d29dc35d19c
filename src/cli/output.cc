#include "cli/output.h"

#include <chrono>
#include <cstdio>

namespace insula::cli {
namespace {

const Json* reach(const Json& value, std::string_view key) {
  const Json* at = &value;
  while (!key.empty()) {
    const std::size_t dot = std::min(key.find('.'), key.size());
    if (!at->is_object()) return nullptr;
    at = insula::find(at->get_object(), key.substr(0, dot));
    if (at == nullptr) return nullptr;
    key.remove_prefix(std::min(dot + 1, key.size()));
  }
  return at;
}

std::string cell(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_array()) {
    std::string all;
    for (const Json& one : value.get_array()) {
      const Json* name = one.is_object() ? insula::find(one.get_object(), one.get_object().contains("name") ? "name" : "id") : &one;
      all += fmt::format("{}{}", all.empty() ? "" : ", ", name != nullptr ? cell(*name) : write_json(one));
    }
    return all;
  }
  if (value.is_object()) return write_json(value);
  // Control characters of a text must not reach the terminal as commands.
  std::string text = to_text(value);
  for (char& c : text) if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

// Places on the screen, close enough: continuation bytes take none.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string heading(std::string_view column) {
  std::string out;
  for (const char c : column.substr(column.rfind('.') == std::string_view::npos ? 0 : column.rfind('.') + 1)) {
    if (c >= 'A' && c <= 'Z') out += ' ';
    out += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return out;
}

void print_table(const JsonArray& rows, const std::vector<std::string>& columns) {
  std::vector<std::vector<std::string>> cells{{}};
  for (const std::string& column : columns) cells[0].push_back(heading(column));
  for (const Json& row : rows) {
    std::vector<std::string> line;
    for (const std::string& column : columns) {
      const Json* value = reach(row, column);
      line.push_back(value != nullptr ? cell(*value) : "");
    }
    cells.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& line : cells) for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  for (const auto& line : cells) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) text += line[i] + std::string(i + 1 < line.size() ? widths[i] - width_of(line[i]) + 2 : 0, ' ');
    fmt::print("{}\n", text);
  }
}

}  // namespace

void add_format_option(CLI::App& command, Format& format) {
  static const std::map<std::string, Format> names{{"table", Format::table}, {"json", Format::json}, {"yaml", Format::yaml}};
  command.add_option("-o,--output", format, "table, json or yaml")->transform(CLI::CheckedTransformer(names, CLI::ignore_case))->envname("INSULA_OUTPUT")->default_str("table");
}

void print(const Json& value, Format format, const std::vector<std::string>& columns) {
  if (format == Format::json) return fmt::print("{}\n", write_json_pretty(value));
  if (format == Format::yaml) return fmt::print("{}", flow::write_yaml(value));
  const Json* results = value.is_object() ? insula::find(value.get_object(), "results") : nullptr;
  if (results != nullptr && results->is_array()) {
    print_table(results->get_array(), columns);
    const Json* total = insula::find(value.get_object(), "total");
    if (total != nullptr && total->is_number() && static_cast<std::size_t>(total->to_number<std::int64_t>()) > results->get_array().size()) {
      fmt::print(stderr, "{} of {} shown; --size and --page show more\n", results->get_array().size(), to_text(*total));
    }
  } else if (value.is_array()) {
    print_table(value.get_array(), columns);
  } else if (value.is_object()) {
    print_table(JsonArray{value}, columns);
  } else if (!value.is_null()) {
    fmt::print("{}\n", cell(value));
  }
}

int show_progress(const std::string& what, const std::function<Result<std::pair<std::int64_t, std::int64_t>>()>& step) {
  const auto started = std::chrono::steady_clock::now();
  bool shown = false;
  while (true) {
    const auto at = step();
    if (!at) {
      if (shown) fmt::print(stderr, "\n");
      fmt::print(stderr, "insula: {}\n", at.error().message);
      return 1;
    }
    const auto& [done, total] = *at;
    if (Terminal::colours() && std::chrono::steady_clock::now() - started > std::chrono::seconds(1)) {
      constexpr std::int64_t places = 30;
      const std::int64_t full = total > 0 ? std::min(places, places * done / total) : 0;
      fmt::print(stderr, "\r{} [{}{}] {}/{} ", what, std::string(static_cast<std::size_t>(full), '#'), std::string(static_cast<std::size_t>(places - full), '.'), done, total);
      std::fflush(stderr);
      shown = true;
    }
    if (done >= total) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  if (shown) fmt::print(stderr, "\n");
  return 0;
}

}  // namespace insula::cli
