#include "engine/files.h"

#include "vault/vault.h"

namespace insula::engine {

namespace {

constexpr std::uint64_t kReadBytesMax = 16u << 20;

// The first argument under any of its names.
std::string argument(const expression::Lookup& lookup, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    std::string text = text_or(lookup.arguments, name);
    if (!text.empty()) return text;
  }
  return {};
}

expression::Answer unavailable(const expression::Lookup& lookup, std::string why) {
  return Error{ErrorKind::invalid, "function-unavailable", fmt::format("{}(): {}", lookup.name, why), {}, {}};
}

}  // namespace

expression::Answer answer_from_files(storage::Storage& storage, const TenantUid& tenant, const std::vector<std::string>& readable, const expression::Lookup& lookup) {
  if (lookup.name != "read" && lookup.name != "fileSize" && lookup.name != "fileExists" && lookup.name != "isFileEmpty") {
    return unavailable(lookup, "this function is not available in this version");
  }
  const std::string uri = argument(lookup, {"path", "uri"});
  if (!storage::is_uri(uri)) return unavailable(lookup, fmt::format("'{}' is not a file of an execution (kestra:///…); namespace files are not available in this version", uri));
  auto path = storage::path_of(uri);
  if (!path) return path.error();
  if (std::ranges::none_of(readable, [&](const std::string& prefix) { return path->starts_with(prefix); })) return Error{ErrorKind::invalid, "file-foreign", fmt::format("Unable to read the file '{}' as it is not an execution file", uri), {}, {}};
  if (lookup.name == "fileExists") {
    auto there = storage.exists(tenant, *path);
    return there ? expression::Answer(Json(*there)) : expression::Answer(there.error());
  }
  if (lookup.name == "read") {
    auto text = storage.read(tenant, *path, kReadBytesMax);
    return text ? expression::Answer(Json(*text)) : expression::Answer(text.error());
  }
  auto size = storage.size(tenant, *path);
  if (!size) return size.error();
  return lookup.name == "fileSize" ? Json(static_cast<std::int64_t>(*size)) : Json(*size == 0);
}

expression::Answer answer_from_secrets(const std::map<std::string, std::string>& secrets, const expression::Lookup& lookup) {
  const std::string key = text_or(lookup.arguments, "key");
  std::string name = key;
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto at = secrets.find(name);
  if (at == secrets.end()) return Error{ErrorKind::invalid, "secret-unknown", fmt::format("Cannot find secret for key '{}'.", key), {}, {}};
  const std::string subkey = text_or(lookup.arguments, "subkey");
  if (subkey.empty()) return Json(at->second);
  auto part = vault::subkey_of(at->second, key, subkey);
  return part ? expression::Answer(Json(std::move(*part))) : expression::Answer(part.error());
}

}  // namespace insula::engine
