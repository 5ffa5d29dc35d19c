// Regular expressions of Java on RE2: what RE2 lacks (look-around, back references) is refused with a clear error, never slow.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "expression/evaluate.h"

namespace re2 {
class RE2;
}

namespace insula::expression {

class Regex {
 public:
  // The error is the text that is shown.
  static std::expected<Regex, std::string> compile(std::string_view pattern);
  bool matches_whole(std::string_view text) const;
  // Java's replaceAll: `$1`, `${name}` and `\x` in the replacement. Failures are reported through the evaluator.
  Value replace(Evaluator& evaluator, std::string_view text, std::string_view replacement, bool first_only = false) const;
  // The next match at or after `from`; false when there is none.
  bool find(std::string_view text, std::size_t from, std::size_t& start, std::size_t& end) const;

 private:
  std::shared_ptr<const re2::RE2> regex_;
};

// Java's String.split: limit 0 drops trailing empty parts.
Value split_text(Evaluator& evaluator, std::string_view text, std::string_view pattern, std::int64_t limit, int line);
// Java's String.replace: literally; an empty search stands before every character.
Value replace_all(Evaluator& evaluator, std::string_view text, std::string_view search, std::string_view replacement);
std::string upper_text(std::string_view text);
std::string lower_text(std::string_view text);
std::uint32_t to_upper(std::uint32_t point);
std::uint32_t to_lower(std::uint32_t point);
std::uint32_t next_point(std::string_view text, std::size_t& at);  // decodes UTF-8
void append_point(std::uint32_t point, std::string& out);

}  // namespace insula::expression
