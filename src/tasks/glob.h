// Path patterns of outputFiles. Private to this folder.
#pragma once
#include "base/base.h"

namespace insula::tasks {

// `?` and `*` within one folder, `**` across folders (`**/` also none), `[abc]`, `[!a-z]`, `{a,b}`, `\` before a special character. Paths are relative.
// Linear in the length of the path for each part of the pattern: a hostile pattern costs little.
class Glob {
 public:
  // Error: a bracket or brace that is not closed, more than 64 alternatives, more than 1,000 characters.
  static Result<Glob> compile(std::string_view pattern);
  bool matches(std::string_view path) const;
  // The pattern when it names exactly one file, else empty.
  const std::string& literal() const { return literal_; }

 private:
  struct Step {
    enum class What { character, any, star, star_star, star_star_slash, set } what;
    char character = 0;
    bool negated = false;
    std::vector<std::pair<char, char>> ranges = {};
  };
  using Steps = std::vector<Step>;
  static Result<Steps> parse(std::string_view pattern);
  static bool matches(const Steps& steps, std::string_view path);
  std::vector<Steps> alternatives_;
  std::string literal_;
};

}  // namespace insula::tasks
