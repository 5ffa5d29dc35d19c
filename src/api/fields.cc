#include "api/fields.h"

#include <algorithm>

namespace insula::api {

const Json* Fields::value(std::string_view key) const {
  const Json* found = find(object_, key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

void Fields::wrong(std::string_view key, std::string message) { wrong_->push_back({fmt::format("{}.{}", entity_, key), std::move(message), 0, 0, {}}); }

std::string Fields::text(std::string_view key, TextRule rule) {
  const Json* found = value(key);
  if (found != nullptr && !found->is_string()) {
    wrong(key, "must be a text");
    return {};
  }
  std::string text = found != nullptr ? std::string(as_view(found->get_string())) : std::string();
  if (rule.required && trim(text).empty()) wrong(key, "must not be blank");
  if (text.size() > rule.bytes_max) wrong(key, fmt::format("must have at most {} bytes", rule.bytes_max));
  if (text.find('\0') != std::string::npos) wrong(key, "must not contain the character NUL");
  return text;
}

std::optional<bool> Fields::flag(std::string_view key) {
  const Json* found = value(key);
  if (found == nullptr) return std::nullopt;
  if (found->is_bool()) return found->get_bool();
  wrong(key, "must be true or false");
  return std::nullopt;
}

std::optional<bool> Fields::super_admin() {
  const std::optional<bool> old = flag("superAdmin");
  const std::optional<bool> renamed = flag("instanceOwner");
  if (old && renamed && *old != *renamed) wrong("superAdmin", "must be equal to instanceOwner, which is its new name");
  return old ? old : renamed;
}

std::optional<std::int64_t> Fields::number(std::string_view key, std::int64_t min, std::int64_t max) {
  const Json* found = value(key);
  if (found == nullptr) return std::nullopt;
  const bool is_whole = found->is_int64() || (found->is_uint64() && found->get_uint64() <= static_cast<std::uint64_t>(INT64_MAX));
  const std::int64_t number = !is_whole ? 0 : found->is_int64() ? found->get_int64() : static_cast<std::int64_t>(found->get_uint64());
  if (!is_whole) wrong(key, "must be a whole number");
  else if (number < min) wrong(key, fmt::format("must be greater than or equal to {}", min));
  else if (number > max) wrong(key, fmt::format("must be less than or equal to {}", max));
  else return number;
  return std::nullopt;
}

std::vector<std::string> Fields::texts(std::string_view key, std::size_t count_max) {
  std::vector<std::string> out;
  const JsonArray* list = array(key);
  if (list == nullptr) return out;
  if (list->size() > count_max) wrong(key, fmt::format("must have at most {} members", count_max));
  for (const Json& one : *list) {
    if (!one.is_string()) {
      wrong(key, "must be a list of texts");
      return {};
    }
    out.emplace_back(as_view(one.get_string()));
  }
  return out;
}

std::string Fields::word(std::string_view key, std::span<const std::string_view> allowed, bool required) {
  const std::string word = text(key, {.required = required});
  if (!word.empty() && std::ranges::find(allowed, word) == allowed.end()) wrong(key, fmt::format("must be one of {}", fmt::join(allowed, ", ")));
  return word;
}

void Fields::words(std::string_view key, std::span<const std::string_view> allowed) {
  for (const std::string& word : texts(key)) {
    if (std::ranges::find(allowed, word) == allowed.end()) wrong(key, fmt::format("'{}' is none of {}", word, fmt::join(allowed, ", ")));
  }
}

const JsonObject* Fields::object(std::string_view key) {
  const Json* found = value(key);
  if (found == nullptr) return nullptr;
  if (!found->is_object()) wrong(key, "must be an object");
  return found->if_object();
}

const JsonArray* Fields::array(std::string_view key) {
  const Json* found = value(key);
  if (found == nullptr) return nullptr;
  if (!found->is_array()) wrong(key, "must be a list");
  return found->if_array();
}

Fields Fields::within(const JsonObject& inner, std::string_view step) const { return {inner, fmt::format("{}.{}", entity_, step), wrong_}; }

Result<void> Fields::result() const {
  if (wrong_->empty()) return {};
  std::vector<std::string> texts;
  for (const Violation& one : *wrong_) texts.push_back(fmt::format("{}: {}", one.path, one.message));
  Error error{ErrorKind::invalid, "body-invalid", join(texts, ", "), {}, {}};
  error.violations = *wrong_;
  return fail(std::move(error));
}

}  // namespace insula::api
