#include "http/request.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace insula::http {
namespace {

constexpr std::size_t query_parameters_max = 2000;
constexpr std::array<std::pair<Method, std::string_view>, 7> method_names{{{Method::get, "GET"},
                                                                            {Method::head, "HEAD"},
                                                                            {Method::post, "POST"},
                                                                            {Method::put, "PUT"},
                                                                            {Method::patch, "PATCH"},
                                                                            {Method::del, "DELETE"},
                                                                            {Method::options, "OPTIONS"}}};

auto bad_target(std::string message) { return fail(ErrorKind::bad_request, "bad-target", std::move(message)); }

bool is_plain(std::string_view text, bool plus_is_space) {
  return std::ranges::all_of(text, [&](char c) { return c > 0x20 && c < 0x7f && c != '%' && (c != '+' || !plus_is_space); });
}

// `what` names the place for the message: "path", "query".
Result<std::string> decode(std::string_view text, bool plus_is_space, std::string_view what) {
  if (is_plain(text, plus_is_space)) return std::string(text);
  auto decoded = percent_decode(text, plus_is_space);
  if (!decoded) return bad_target(fmt::format("The {} holds a broken escape: `%` must be followed by two hexadecimal digits (`%25` for a plain `%`).", what));
  if (decoded->find('\0') != std::string::npos) return bad_target(fmt::format("The {} holds the character NUL (`%00`), which no name may contain.", what));
  if (!is_utf8(*decoded)) return bad_target(fmt::format("The {} is not UTF-8 after decoding its escapes.", what));
  return std::move(*decoded);
}

// `http://host:port/path` → `/path` (RFC 9112 §3.2.2 obliges servers to accept the absolute form).
std::string_view origin_form(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.size() < scheme.size() || !equal_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
    const auto start = text.find_first_of("/?", scheme.size());
    if (start == std::string_view::npos) return "/";
    return text.substr(start);
  }
  return text;
}

}  // namespace

std::string_view to_string(Method method) {
  for (const auto& [value, name] : method_names) {
    if (value == method) return name;
  }
  return "OTHER";
}

Method method_of(std::string_view text) {
  for (const auto& [value, name] : method_names) {
    if (name == text) return value;
  }
  return Method::other;
}

std::optional<std::string_view> Target::first(std::string_view key) const {
  for (const auto& [name, value] : query) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Target::all(std::string_view key) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : query) {
    if (name == key) values.push_back(value);
  }
  return values;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> query;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    if (query.size() == query_parameters_max) return bad_target(fmt::format("More than {} query parameters.", query_parameters_max));
    const auto equals = std::min(item.find('='), item.size());
    auto key = decode(item.substr(0, equals), true, "query");
    if (!key) return fail(std::move(key.error()));
    auto value = decode(item.substr(std::min(equals + 1, item.size())), true, "query");
    if (!value) return fail(std::move(value.error()));
    query.emplace_back(std::move(*key), std::move(*value));
  }
  return query;
}

Result<Target> parse_target(std::string_view text) {
  Target target;
  if (text == "*") {  // OPTIONS *: about the server as a whole
    target.raw = target.path = "*";
    return target;
  }
  const auto origin = origin_form(text);
  target.raw = origin.starts_with('?') ? fmt::format("/{}", origin) : std::string(origin);
  const std::string_view raw = target.raw;
  if (!raw.starts_with('/')) return bad_target("The request target must start with `/`.");
  if (raw.find('#') != std::string_view::npos) return bad_target("The request target holds `#`; a fragment is not sent to servers (`%23` for a plain `#`).");
  const auto question = std::min(raw.find('?'), raw.size());
  target.path = raw.substr(0, question);
  if (target.path.size() > 1) {
    std::string_view rest = std::string_view(target.path).substr(1);
    target.segments.reserve(static_cast<std::size_t>(std::ranges::count(rest, '/')) + 1);
    for (bool more = true; more;) {
      const auto slash = rest.find('/');
      more = slash != std::string_view::npos;
      auto segment = decode(rest.substr(0, slash), false, "path");
      if (!segment) return fail(std::move(segment.error()));
      target.segments.push_back(std::move(*segment));
      if (more) rest.remove_prefix(slash + 1);
    }
  }
  if (question < raw.size()) {
    auto query = parse_query(raw.substr(question + 1));
    if (!query) return fail(std::move(query.error()));
    target.query = std::move(*query);
  }
  return target;
}

const Part* Request::part(std::string_view name) const {
  const auto found = std::ranges::find(parts, name, &Part::name);
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace insula::http
