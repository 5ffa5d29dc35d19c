#include "app/configuration.h"

#include "flow/flow.h"

namespace insula::app {

namespace {

const KeyInfo* find_key(std::string_view name) {
  for (const KeyInfo& key : configuration_keys()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

// `basicAuth` → `basic-auth`: both spellings bind.
std::string kebab(std::string_view segment) {
  std::string out;
  for (const char c : segment) {
    if (c >= 'A' && c <= 'Z') {
      if (!out.empty()) out += '-';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

std::string variable_of(std::string_view key) {
  std::string name;
  for (const char c : key) name += c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string interpolate(std::string_view text, const std::map<std::string, std::string>& environment) {
  std::string out;
  for (;;) {
    const std::size_t begin = text.find("${");
    const std::size_t end = begin == std::string_view::npos ? std::string_view::npos : text.find('}', begin);
    if (end == std::string_view::npos) return out + std::string(text);
    out += text.substr(0, begin);
    const std::string_view inside = text.substr(begin + 2, end - begin - 2);
    const std::size_t colon = inside.find(':');
    const auto at = environment.find(std::string(inside.substr(0, colon)));
    if (at != environment.end()) out += at->second;
    else if (colon != std::string_view::npos) out += inside.substr(colon + 1);
    text.remove_prefix(end + 1);
  }
}

// The value in the type of its key, or what is wrong with it.
std::expected<Json, std::string> convert(const KeyInfo& key, const Json& raw) {
  const std::string text = to_text(raw);
  switch (key.kind) {
    case KeyInfo::Kind::text:
    case KeyInfo::Kind::secret:
      if (raw.is_structured()) return std::unexpected("must be a text");
      if (!key.values.empty() && std::find(key.values.begin(), key.values.end(), text) == key.values.end()) {
        return std::unexpected(fmt::format("must be one of {}", join(key.values, ", ")));
      }
      return Json(text);
    case KeyInfo::Kind::integer:
    case KeyInfo::Kind::bytes: {
      std::int64_t number = 0;
      const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (code != std::errc() || end != text.data() + text.size() || number < 0) return std::unexpected("must be a whole number from 0 on");
      return Json(number);
    }
    case KeyInfo::Kind::boolean:
      if (text != "true" && text != "false") return std::unexpected("must be true or false");
      return Json(text == "true");
    case KeyInfo::Kind::duration:
      if (!parse_duration(text)) return std::unexpected("must be an ISO-8601 duration such as PT30S");
      return Json(text);
    case KeyInfo::Kind::map: {
      if (raw.is_object()) return raw;
      auto parsed = parse_json(text);
      if (!parsed || !parsed->is_object()) return std::unexpected("must be a map");
      return std::move(*parsed);
    }
    case KeyInfo::Kind::text_list: {
      if (raw.is_object()) return std::unexpected("must be a list");
      if (raw.is_array()) return raw;
      JsonArray list;
      for (const std::string& part : split(text, ','))
        if (!trim(part).empty()) list.emplace_back(std::string(trim(part)));
      return Json(std::move(list));
    }
  }
  return std::unexpected("has an unknown kind");
}

class Reader {
 public:
  Reader(const flow::Positions& positions, const std::map<std::string, std::string>& environment) : positions_(positions), environment_(environment) {}

  void walk(const JsonObject& object, const std::string& name, const std::string& path) {
    for (const auto& [segment, value] : object) {
      const std::string written(segment);
      std::string full = name;
      for (const std::string& part : split(written, '.')) full += (full.empty() ? "" : ".") + kebab(part);
      const std::string place = path.empty() ? written : path + "." + written;
      const KeyInfo* key = find_key(full);
      if (key != nullptr) take(*key, value, place);
      else if (value.is_object() && is_prefix(full)) walk(value.get_object(), full, place);
      else if (!(value.is_null() && is_prefix(full))) unknown(full, place);
    }
  }

  void take(const KeyInfo& key, const Json& raw, const std::string& place) {
    if (raw.is_null()) return;
    const Json given = raw.is_string() ? Json(interpolate(as_view(raw.get_string()), environment_)) : raw;
    auto converted = convert(key, given);
    if (converted) values.insert_or_assign(key.name, std::move(*converted));
    else wrong(place, fmt::format("`{}` {}", key.name, converted.error()), {});
  }

  std::map<std::string, Json, std::less<>> values;
  std::vector<Violation> violations;

 private:
  static bool is_prefix(const std::string& name) {
    return std::any_of(configuration_keys().begin(), configuration_keys().end(), [&](const KeyInfo& key) { return key.name.starts_with(name + "."); });
  }
  void unknown(const std::string& name, const std::string& place) {
    std::vector<std::string> names;
    for (const KeyInfo& key : configuration_keys()) names.push_back(key.name);
    wrong(place, fmt::format("unknown key `{}`", name), nearest_word(name, names).value_or(""));
  }
  void wrong(const std::string& place, std::string message, std::string near) {
    const auto at = positions_.find(place);
    const flow::Position position = at != positions_.end() ? at->second : flow::Position{};
    violations.push_back({place, std::move(message), position.line, position.column, std::move(near)});
  }

  const flow::Positions& positions_;
  const std::map<std::string, std::string>& environment_;
};

}  // namespace

Result<Configuration> Configuration::read(std::string_view text, const std::map<std::string, std::string>& environment) {
  flow::YamlDocument document;
  if (!trim(text).empty()) {
    auto read = flow::read_yaml(text);
    if (!read) return fail(read.error());
    document = std::move(*read);
  }
  Reader reader(document.positions, environment);
  reader.violations = document.duplicate_keys;
  if (document.value.is_object()) reader.walk(document.value.get_object(), "", "");
  else if (!document.value.is_null()) reader.violations.push_back({"", "the configuration must be a map", 1, 1, ""});
  for (const KeyInfo& key : configuration_keys()) {
    const auto at = environment.find(variable_of(key.name));
    if (at != environment.end()) reader.take(key, Json(at->second), variable_of(key.name));
  }
  if (!reader.violations.empty()) {
    Error error{ErrorKind::invalid, "configuration-invalid", "the configuration is not valid:", {}, std::move(reader.violations)};
    for (const Violation& violation : error.violations) {
      error.message += fmt::format("\n  {}{}{}", violation.line > 0 ? fmt::format("{}:{}: ", violation.line, violation.column) : "", violation.message,
                                   violation.suggestion.empty() ? "" : fmt::format("; did you mean `{}`?", violation.suggestion));
    }
    return fail(std::move(error));
  }
  Configuration configuration;
  configuration.values_ = std::move(reader.values);
  // Names that other installations use for the same thing.
  static constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
      {"kestra.server.basic-auth.username", "insula.admin.email"},
      {"kestra.server.basic-auth.password", "insula.admin.password"},
      {"micronaut.server.port", "insula.server.port"},
      {"micronaut.server.host", "insula.server.host"},
      {"kestra.ee.tenants.enabled", "insula.tenants.enabled"},
      {"kestra.ee.tenants.default-tenant", "insula.tenants.default-tenant"},
      {"kestra.ee.tenants.fallback-tenant", "insula.tenants.fallback"},
      {"kestra.ee.require-existing-namespace", "insula.tenants.require-existing-namespace"},
      {"micronaut.security.token.cookie.cookie-max-age", "insula.session.max-age"},
  };
  for (const auto& [other, name] : kOtherNames) {
    if (configuration.is_set(other) && !configuration.is_set(name)) configuration.values_.emplace(name, configuration.values_.find(other)->second);
  }
  return configuration;
}

const Json& Configuration::value(std::string_view key) const {
  if (const auto at = values_.find(key); at != values_.end()) return at->second;
  static const std::map<std::string, Json, std::less<>> defaults = [] {
    std::map<std::string, Json, std::less<>> made;
    for (const KeyInfo& info : configuration_keys()) made.emplace(info.name, convert(info, Json(info.default_value)).value_or(Json(info.default_value)));
    return made;
  }();
  const auto at = defaults.find(key);
  INSULA_INVARIANT(at != defaults.end());  // a key that nobody declared
  return at->second;
}

std::string Configuration::text(std::string_view key) const { return to_text(value(key)); }
std::int64_t Configuration::integer(std::string_view key) const { return value(key).to_number<std::int64_t>(); }
bool Configuration::boolean(std::string_view key) const { return value(key).as_bool(); }
Duration Configuration::duration(std::string_view key) const { return *parse_duration(to_text(value(key))); }
JsonObject Configuration::map(std::string_view key) const { return value(key).is_object() ? value(key).get_object() : JsonObject{}; }

std::vector<std::string> Configuration::list(std::string_view key) const {
  std::vector<std::string> texts;
  if (const auto* array = value(key).if_array())
    for (const Json& one : *array) texts.push_back(to_text(one));
  return texts;
}

std::string Configuration::shown() const {
  std::string out;
  for (const KeyInfo& key : configuration_keys()) {
    const std::string shown = key.kind == KeyInfo::Kind::secret ? (text(key.name).empty() ? "" : "******") : to_text(value(key.name));
    out += fmt::format("{}: {}\n", key.name, shown.empty() ? "\"\"" : shown);
  }
  return out;
}

}  // namespace insula::app
