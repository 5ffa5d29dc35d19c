#include "vault/environment_secrets.h"

namespace insula::vault {
namespace {

constexpr std::string_view prefix = "SECRET_";

std::string upper_ascii(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

// Java's decoder takes texts without padding too.
std::optional<std::string> decode(std::string_view value) {
  std::string text;
  std::copy_if(value.begin(), value.end(), std::back_inserter(text), [](char c) { return c != '\n' && c != '\r'; });
  while (text.size() % 4 != 0 && !text.ends_with("==")) text += '=';
  auto plain = base64_decode(text);
  if (!plain || !is_utf8(*plain)) return std::nullopt;
  return plain;
}

}  // namespace

EnvironmentSecrets EnvironmentSecrets::read(std::span<const std::string> environment) {
  EnvironmentSecrets secrets;
  for (const std::string& variable : environment) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = upper_ascii(variable.substr(0, equals));
    if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
    if (auto plain = decode(std::string_view(variable).substr(equals + 1))) secrets.secrets_.insert_or_assign(name.substr(prefix.size()), std::move(*plain));
    else secrets.unreadable_.push_back(name.substr(prefix.size()));
  }
  return secrets;
}

const std::string* EnvironmentSecrets::find(std::string_view name) const {
  const auto found = secrets_.find(upper_ascii(name));
  return found == secrets_.end() ? nullptr : &found->second;
}

Result<std::string> EnvironmentSecrets::get(std::string_view name) const {
  if (const std::string* secret = find(name)) return *secret;
  return fail(ErrorKind::not_found, "secret-missing", fmt::format("Cannot find secret for key '{}'.", name));
}

std::vector<std::string> EnvironmentSecrets::names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : secrets_) names.push_back(name);
  return names;
}

std::vector<std::string> EnvironmentSecrets::values() const {
  std::vector<std::string> values;
  for (const auto& [name, value] : secrets_) values.push_back(value);
  return values;
}

Result<std::string> subkey_of(std::string_view secret, std::string_view name, std::string_view subkey) {
  const auto json = parse_json(secret);  // its own error would show the text
  if (!json || !json->is_object()) {
    return fail(ErrorKind::invalid, "secret-no-json", fmt::format("the secret '{}' is no JSON object, so it has no key '{}'", name, subkey));
  }
  const Json* value = insula::find(*json, subkey);
  if (!value) return fail(ErrorKind::not_found, "secret-subkey-missing", fmt::format("Cannot find secret sub-key '{}' in secret '{}'.", subkey, name));
  return to_text(*value);
}

}  // namespace insula::vault
