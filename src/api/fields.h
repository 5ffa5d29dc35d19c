// Reads the fields of a JSON body and tells everything that is wrong with them at once, each with its path.
#pragma once
#include <span>

#include "base/base.h"

namespace insula::api {

struct TextRule {
  bool required = false;                   // present and not blank
  std::size_t bytes_max = 1'000;
};

// `null` counts as absent; fields that nobody asks for are passed over, as in the original.
class Fields {
 public:
  // `object` must outlive this; `entity` begins the paths: `role.name`.
  Fields(const JsonObject& object, std::string entity) : Fields(object, std::move(entity), std::make_shared<std::vector<Violation>>()) {}

  bool has(std::string_view key) const { return value(key) != nullptr; }
  std::string text(std::string_view key, TextRule rule = {});
  std::optional<bool> flag(std::string_view key);
  std::optional<bool> super_admin();                                            // `superAdmin`, or `instanceOwner` of 2.0
  std::optional<std::int64_t> number(std::string_view key, std::int64_t min, std::int64_t max);
  std::vector<std::string> texts(std::string_view key, std::size_t count_max = 1'000);
  std::string word(std::string_view key, std::span<const std::string_view> allowed, bool required = false);
  void words(std::string_view key, std::span<const std::string_view> allowed);  // a list of them
  const JsonObject* object(std::string_view key);
  const JsonArray* array(std::string_view key);
  // The fields of an object within, or of one member of a list; what is wrong there is told with the rest.
  Fields within(const JsonObject& inner, std::string_view step) const;
  void wrong(std::string_view key, std::string message);

  Result<void> result() const;                                                  // kind invalid, code `body-invalid`

 private:
  Fields(const JsonObject& object, std::string entity, std::shared_ptr<std::vector<Violation>> wrong) : object_(object), entity_(std::move(entity)), wrong_(std::move(wrong)) {}
  const Json* value(std::string_view key) const;

  const JsonObject& object_;
  std::string entity_;
  std::shared_ptr<std::vector<Violation>> wrong_;
};

}  // namespace insula::api
