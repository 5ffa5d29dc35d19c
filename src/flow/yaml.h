// YAML text → tree with line and column of every key and value (libyaml events, own composer).
#pragma once
#include "base/base.h"

namespace insula::flow {

struct YamlLimits {
  std::size_t bytes_max = 4u << 20;
  int depth_max = 64;
  std::size_t nodes_max = 200'000;      // aliases counted as often as they are used
};

struct Position { int line = 0; int column = 0; };  // 1-based; 0 = unknown

// Where each value stands: path (`tasks[0].message`) → position of its key (or of the item, in lists).
using Positions = std::unordered_map<std::string, Position>;

struct YamlDocument {
  Json value;                           // YAML 1.1 scalars as Jackson reads them: true/false, ints, floats, null; anything else a text
  Positions positions;
  std::vector<Violation> duplicate_keys;  // not an error of reading: creation refuses them, /flows/validate lets them pass (versions.md)
};

// One document. Merge keys applied. Error kind invalid, code `yaml-invalid`, one violation with line and column.
Result<YamlDocument> read_yaml(std::string_view text, YamlLimits limits = {});
// The documents of a stream, split at lines that are exactly `---` (features.md §3.3); blank documents are left out.
std::vector<std::string> split_documents(std::string_view text);
// Block-style YAML of a value, for exports and for the yaml filter's larger brother.
std::string write_yaml(const Json& value);

}  // namespace insula::flow
