// A file of lines cut into several. Private to this folder.
#pragma once
#include "tasks/types.h"

namespace insula::tasks {

// How: by the first group of `pattern`, else by `bytes`, else into `partitions`, else by `rows`.
struct SplitRules {
  std::optional<std::int64_t> rows, bytes, partitions;
  std::string separator = "\n";          // written after each line
  std::string pattern;                   // empty: none
};

// `batch` (or the like), as ForEachItem writes it: {rows, bytes, partitions, separator, regexPattern}. `10KB` is understood for bytes.
Result<SplitRules> read_split_rules(const Json& written);
// The URIs of the pieces, in order. Lines end with \n, \r\n or \r. Pieces without lines are not made.
Result<std::vector<std::string>> split_file(JobContext& context, std::string_view uri, const SplitRules& rules);

}  // namespace insula::tasks
