#include "flow/inputs_value.h"

#include <re2/re2.h>

#include <cmath>

#include "flow/check.h"
#include "flow/temporal.h"

namespace insula::flow {
namespace {

std::unexpected<std::string> cause(std::string text) { return std::unexpected(std::move(text)); }
std::unexpected<std::string> not_a_number(const Json& value) { return cause(fmt::format("For input string: \"{}\"", to_text(value))); }

const Json* bound_of(const Input& input, std::string_view name) {
  const Json* bound = find(input.properties, name);
  return is_absent(bound) ? nullptr : bound;
}

Parsed parse_text(const Input& input, const Json& value, std::string_view prefix) {
  const std::string text = to_text(value);
  const std::string pattern = text_or(input.properties, "validator");
  if (!pattern.empty() && !RE2::FullMatch(text, RE2(pattern, RE2::Quiet))) return cause(fmt::format("{}it must match the pattern `{}`", prefix, pattern));
  return Json(text);
}

Parsed parse_int(const Input& input, const Json& value) {
  std::int64_t number = 0;
  if (value.is_string()) {
    std::string_view text = as_view(value.as_string());
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return not_a_number(value);
  } else if (value.is_int64()) {
    number = value.as_int64();
  } else if (value.is_double() && std::abs(value.as_double()) < 1e15) {
    number = static_cast<std::int64_t>(value.as_double());
  } else {
    return not_a_number(value);
  }
  if (number < std::numeric_limits<std::int32_t>::min() || number > std::numeric_limits<std::int32_t>::max()) return not_a_number(value);   // a Java int
  if (const Json* min = bound_of(input, "min"))
    if (const auto bound = read_integer(*min); bound && number < *bound) return cause(fmt::format("it must be more than `{}`", *bound));
  if (const Json* max = bound_of(input, "max"))
    if (const auto bound = read_integer(*max); bound && number > *bound) return cause(fmt::format("it must be less than `{}`", *bound));
  return Json(number);
}

// The double whose shortest text is that of the float: 1.3 keeps 32 bits and prints them so.
double as_shown(float value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  double shown = value;
  std::from_chars(buffer.data(), end, shown);
  return shown;
}

Parsed parse_float(const Input& input, const Json& value) {
  const auto number = read_number(value);
  if (!number || !std::isfinite(*number) || std::abs(*number) > std::numeric_limits<float>::max()) return not_a_number(value);
  const auto narrow = static_cast<float>(*number);
  const auto bound_at = [&](std::string_view name) -> std::optional<float> {
    const Json* bound = bound_of(input, name);
    const auto wide = bound ? read_number(*bound) : std::nullopt;
    return wide ? std::optional(static_cast<float>(*wide)) : std::nullopt;
  };
  if (const auto min = bound_at("min"); min && narrow < *min) return cause(fmt::format("it must be more than `{}`", format_double(as_shown(*min))));
  if (const auto max = bound_at("max"); max && narrow > *max) return cause(fmt::format("it must be less than `{}`", format_double(as_shown(*max))));
  return Json(as_shown(narrow));
}

Parsed parse_bool(const Json& value) {
  if (value.is_bool()) return value;
  return Json(lower_ascii(to_text(value)) == "true");   // sharp edge 10: anything else is false
}

// Reads, bounds by after and before, and prints. `show` is for messages, `store` for the value.
template <class Read, class Show, class Store>
Parsed parse_moment(const Input& input, const Json& value, const Read& read, const Show& show, const Store& store) {
  const auto moment = read(to_text(value));
  if (!moment) return cause(moment.error());
  if (const Json* after = bound_of(input, "after"))
    if (const auto bound = read(to_text(*after)); bound && *moment < *bound) return cause(fmt::format("it must be after `{}`", show(*bound)));
  if (const Json* before = bound_of(input, "before"))
    if (const auto bound = read(to_text(*before)); bound && *moment > *bound) return cause(fmt::format("it must be before `{}`", show(*bound)));
  return Json(store(*moment));
}

Parsed parse_duration_input(const Input& input, const Json& value) {
  const auto duration = read_duration(value);
  if (!duration) return cause("Text cannot be parsed to a Duration");
  const auto bound_at = [&](std::string_view name) -> std::optional<Duration> {
    const Json* bound = bound_of(input, name);
    return bound ? read_duration(*bound) : std::nullopt;
  };
  if (const auto min = bound_at("min"); min && *duration < *min) return cause(fmt::format("It must be more than `{}`", format_duration(*min)));
  if (const auto max = bound_at("max"); max && *duration > *max) return cause(fmt::format("It must be less than `{}`", format_duration(*max)));
  return Json(format_duration(*duration));
}

Parsed parse_json_text(const Json& value) {
  if (!value.is_string()) return value;
  auto parsed = parse_json(as_view(value.as_string()));
  if (!parsed) return cause(parsed.error().message);
  return std::move(*parsed);
}

Parsed parse_yaml_text(const Json& value) {
  if (!value.is_string()) return value;
  auto parsed = read_yaml(as_view(value.as_string()));
  if (!parsed) return cause(parsed.error().message);
  return std::move(parsed->value);
}

// Where java.net.URI would stop, or nothing.
std::optional<std::string> uri_fault(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t scheme_end = colon != std::string_view::npos && colon < text.find_first_of("/?#") ? colon : 0;
  for (std::size_t i = 0; i < scheme_end; ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool allowed = letter || (i > 0 && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'));
    if (!allowed) return fmt::format("Illegal character in scheme name at index {}: {}", i, text);
  }
  const bool has_authority = text.substr(scheme_end).starts_with(scheme_end ? "://" : "//");
  std::string_view part = has_authority ? "authority" : "path";
  for (std::size_t i = scheme_end ? scheme_end + 1 + (has_authority ? 2 : 0) : 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (part == "authority" && c == '/') part = "path";
    if (c == '?' && part != "fragment") part = "query";
    if (c == '#') part = "fragment";
    const bool broken_escape = c == '%' && !percent_decode(text.substr(i, 3));
    if (c <= 0x20 || c == 0x7F || std::string_view("\"<>\\^`{|}").contains(static_cast<char>(c)) || broken_escape)
      return fmt::format("Illegal character in {} at index {}: {}", part, i, text);
  }
  if (scheme_end == 0) return "Invalid URI format.";
  return std::nullopt;
}

Parsed parse_uri(const Json& value) {
  const std::string text = to_text(value);
  if (auto fault = uri_fault(text)) return cause(std::move(*fault));
  return Json(text);
}

Parsed parse_file(const Json& value) {
  const std::string uri = to_text(value);
  for (const std::string_view scheme : {"kestra://", "nsfile://", "file://"})
    if (uri.starts_with(scheme)) return Json(uri);
  return cause(fmt::format("`{}` is no file: upload one, or send a URI that begins with kestra://, nsfile:// or file://", uri));
}

std::string list_text(const std::vector<std::string>& values) { return fmt::format("[{}]", join(values, ", ")); }

bool allows_custom(const Input& input) {
  const Json* flag = find(input.properties, "allowCustomValue");
  return !is_absent(flag) && read_bool(*flag).value_or(false);
}

Parsed parse_choice(const Input& input, const InputKind& kind, const Json& value, const Choices& choices) {
  const std::string text = to_text(value);
  static const std::vector<std::string> none;
  const std::vector<std::string>& allowed = choices ? *choices : none;
  // An optional SELECT takes any text in 1.3.
  const bool free = allows_custom(input) || (kind.type == "SELECT" && !input.required);
  if (!free && std::ranges::find(allowed, text) == allowed.end()) return cause(fmt::format("it must match the values `{}`", list_text(allowed)));
  return Json(text);
}

Parsed parse_list(const Input& input, const Json& value, const Choices& choices) {
  auto parsed = parse_json_text(value);
  if (!parsed) return parsed;
  if (!parsed->is_array()) return cause(describe_mismatch("java.util.ArrayList<java.lang.Object>", *parsed));
  const std::string item_type = text_or(input.properties, "itemType", "STRING");
  const InputKind* item_kind = find_input_kind(item_type);
  if (!item_kind) return cause(fmt::format("itemType `{}` is not known", item_type));
  const Input item{.id = input.id, .type = item_type};
  JsonArray list;
  for (const Json& element : parsed->as_array()) {
    const Json given = item_type == "INT" && element.is_double() ? Json(to_text(element)) : element;   // here, unlike in defaults, 1.5 is no INT
    const auto each = element.is_null() ? cause("null") : parse_input_value(item, *item_kind, given, std::nullopt);
    if (!each) return cause(fmt::format("Unable to parse array element as `{}` on `{}`", item_type, to_text(element)));
    if (choices && !allows_custom(input) && std::ranges::find(*choices, to_text(*each)) == choices->end())
      return cause(fmt::format("value `{}` doesn't match the values `{}`", to_text(*each), list_text(*choices)));
    list.push_back(*each);
  }
  return Json(std::move(list));
}

Parsed parse_email(const Json& value) {
  static const RE2 pattern("[a-zA-Z0-9_!#$%&'*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+");
  const std::string text = to_text(value);
  if (!text.empty() && !RE2::FullMatch(text, pattern)) return cause("The input must be a valid email");
  return Json(text);
}

}  // namespace

Parsed parse_input_value(const Input& input, const InputKind& kind, const Json& value, const Choices& choices) {
  const std::string_view type = kind.type;
  if (type == "STRING") return parse_text(input, value, "");
  if (type == "SECRET") return parse_text(input, value, input.id + ": ");   // 1.3 names the input twice here
  if (type == "SELECT" || type == "ENUM") return parse_choice(input, kind, value, choices);
  if (type == "MULTISELECT" || type == "ARRAY") return parse_list(input, value, choices);
  if (type == "INT") return parse_int(input, value);
  if (type == "FLOAT") return parse_float(input, value);
  if (type == "BOOL" || type == "BOOLEAN") return parse_bool(value);
  if (type == "DATETIME") return parse_moment(input, value, read_instant, format_instant_short, format_instant);
  if (type == "DATE") return parse_moment(input, value, read_date, format_date, format_date);
  if (type == "TIME") return parse_moment(input, value, read_time_of_day, format_time_of_day_short, format_time_of_day);
  if (type == "DURATION") return parse_duration_input(input, value);
  if (type == "FILE") return parse_file(value);
  if (type == "JSON") return parse_json_text(value);
  if (type == "YAML") return parse_yaml_text(value);
  if (type == "URI") return parse_uri(value);
  INSULA_ASSERT(type == "EMAIL");
  return parse_email(value);
}

Json stored_form(const Input& input, const Json& value) {
  const auto seconds = [](const Json& text) -> Json {
    const auto duration = read_duration(text);
    return duration ? Json(static_cast<double>(duration->count()) / 1e6) : text;
  };
  if (input.type == "DURATION" && value.is_string()) return seconds(value);
  const bool durations = (input.type == "ARRAY" || input.type == "MULTISELECT") && text_or(input.properties, "itemType") == "DURATION";
  if (!durations || !value.is_array()) return value;
  JsonArray list;
  for (const Json& item : value.as_array()) list.push_back(seconds(item));
  return list;
}

}  // namespace insula::flow
