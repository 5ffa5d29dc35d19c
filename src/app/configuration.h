// The configuration: one YAML file, then environment variables over it. Every key is declared once (name, kind, default, documentation); an
// unknown one is refused with the nearest known one.
#pragma once
#include "base/base.h"

namespace insula::app {

struct KeyInfo {
  enum class Kind { text, secret, integer, boolean, duration, bytes, map, text_list } kind;
  std::string name;                        // `insula.server.port`; segments in kebab-case
  std::string default_value;
  std::string doc;
  std::vector<std::string> values = {};    // when only these are allowed
};
const std::vector<KeyInfo>& configuration_keys();
// The page docs/reference/configuration.md.
std::string configuration_reference();

class Configuration {
 public:
  // `text`: YAML, may be empty. `environment`: NAME=value pairs. A key's variable is its name in upper case with `.` and `-` as `_`
  // (`INSULA_SERVER_PORT`); `${NAME:default}` inside a value is replaced; lists may be texts separated by commas. camelCase spellings are accepted. Error kind invalid, code `configuration-invalid`, all
  // violations at once with line and column.
  static Result<Configuration> read(std::string_view text, const std::map<std::string, std::string>& environment);

  std::string text(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  bool boolean(std::string_view key) const;
  Duration duration(std::string_view key) const;
  JsonObject map(std::string_view key) const;
  std::vector<std::string> list(std::string_view key) const;
  bool is_set(std::string_view key) const { return values_.contains(key); }   // by file, environment or command line
  void set(std::string_view key, Json value) { values_.insert_or_assign(std::string(key), std::move(value)); }
  // Effective values as YAML, secrets hidden.
  std::string shown() const;

 private:
  std::map<std::string, Json, std::less<>> values_;
  const Json& value(std::string_view key) const;
};

}  // namespace insula::app
