// Secrets of the open-source edition: variables `SECRET_<NAME>` with base64 values, read-only, one set for all namespaces.
#pragma once
#include "base/base.h"

namespace insula::vault {

class EnvironmentSecrets {
 public:
  // `environment`: `NAME=value` texts (as in `environ`). Names match in any case. Line breaks in values are ignored; a value that is no base64
  // is left out and its name reported by `unreadable`.
  static EnvironmentSecrets read(std::span<const std::string> environment);

  // Names in any case; nullptr when there is none.
  const std::string* find(std::string_view name) const;
  // Error `secret-missing`: `Cannot find secret for key 'X'.`
  Result<std::string> get(std::string_view name) const;
  std::vector<std::string> names() const;  // upper case, sorted, without the prefix
  const std::vector<std::string>& unreadable() const { return unreadable_; }
  std::vector<std::string> values() const;  // for masking

 private:
  std::map<std::string, std::string, std::less<>> secrets_;
  std::vector<std::string> unreadable_;
};

// `secret(key, subkey=…)`: the value at a key of a secret whose text is a JSON object. Errors `secret-no-json`, `secret-subkey-missing`.
Result<std::string> subkey_of(std::string_view secret, std::string_view name, std::string_view subkey);

}  // namespace insula::vault
