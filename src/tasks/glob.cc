#include "tasks/glob.h"

namespace insula::tasks {
namespace {

constexpr std::size_t kAlternativesMax = 64;
constexpr std::size_t kPatternBytesMax = 1'000;

std::unexpected<Error> wrong(std::string_view pattern, std::string_view why) {
  return fail(ErrorKind::invalid, "glob-invalid", fmt::format("The file pattern '{}' is not valid: {}.", pattern.substr(0, 200), why));
}

// The first `{…}` replaced by each of its alternatives, and so on; braces may be nested.
Result<std::vector<std::string>> expand(std::string_view whole) {
  std::vector<std::string> done, open{std::string(whole)};
  while (!open.empty()) {
    if (open.size() + done.size() > kAlternativesMax) return wrong(whole, fmt::format("it has more than {} alternatives", kAlternativesMax));
    const std::string pattern = std::move(open.back());
    open.pop_back();
    std::size_t begin = 0;
    while (begin < pattern.size() && pattern[begin] != '{') begin += pattern[begin] == '\\' ? 2 : 1;
    if (begin >= pattern.size()) {
      done.push_back(pattern);
      continue;
    }
    std::vector<std::size_t> cuts{begin};
    int depth = 0;
    std::size_t at = begin;
    for (; at < pattern.size(); ++at) {
      if (pattern[at] == '\\') ++at;
      else if (pattern[at] == '{') ++depth;
      else if (pattern[at] == ',' && depth == 1) cuts.push_back(at);
      else if (pattern[at] == '}' && --depth == 0) break;
    }
    if (at >= pattern.size()) return wrong(whole, "a '{' is not closed");
    cuts.push_back(at);
    for (std::size_t i = cuts.size() - 1; i > 0; --i) {
      open.push_back(pattern.substr(0, begin) + pattern.substr(cuts[i - 1] + 1, cuts[i] - cuts[i - 1] - 1) + pattern.substr(at + 1));
    }
  }
  return done;
}

}  // namespace

Result<Glob> Glob::compile(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) return wrong(pattern, fmt::format("it is longer than {} bytes", kPatternBytesMax));
  while (pattern.starts_with("./")) pattern.remove_prefix(2);
  const Result<std::vector<std::string>> expanded = expand(pattern);
  if (!expanded) return fail(expanded.error());
  Glob glob;
  for (const std::string& one : *expanded) {
    Result<Steps> steps = parse(one);
    if (!steps) return fail(steps.error());
    glob.alternatives_.push_back(std::move(*steps));
  }
  const Steps& first = glob.alternatives_.front();
  if (glob.alternatives_.size() == 1 && std::ranges::all_of(first, [](const Step& step) { return step.what == Step::What::character; })) {
    for (const Step& step : first) glob.literal_ += step.character;
  }
  return glob;
}

Result<Glob::Steps> Glob::parse(std::string_view pattern) {
  using enum Step::What;
  Steps steps;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '?') {
      steps.push_back({any});
    } else if (c == '*' && pattern.substr(at).starts_with("**")) {
      const bool at_part_start = at == 0 || pattern[at - 1] == '/';
      while (at + 1 < pattern.size() && pattern[at + 1] == '*') ++at;
      const bool with_slash = at_part_start && at + 1 < pattern.size() && pattern[at + 1] == '/';
      if (with_slash) ++at;
      steps.push_back({with_slash ? star_star_slash : star_star});
    } else if (c == '*') {
      steps.push_back({star});
    } else if (c == '[') {
      Step step{set};
      std::size_t i = at + 1;
      if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) step.negated = true, ++i;
      for (const std::size_t first = i; i < pattern.size() && (pattern[i] != ']' || i == first); ++i) {
        const bool is_range = i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
        step.ranges.emplace_back(pattern[i], is_range ? pattern[i + 2] : pattern[i]);
        if (is_range) i += 2;
      }
      if (i >= pattern.size()) return wrong(pattern, "a '[' is not closed");
      at = i;
      steps.push_back(std::move(step));
    } else {
      if (c == '\\' && at + 1 < pattern.size()) ++at;
      steps.push_back({character, pattern[at]});
    }
  }
  return steps;
}

bool Glob::matches(std::string_view path) const {
  return std::ranges::any_of(alternatives_, [&](const Steps& steps) { return matches(steps, path); });
}

// All positions of the pattern that the path read so far may stand at, moved along byte by byte: no backtracking.
bool Glob::matches(const Steps& steps, std::string_view path) {
  using enum Step::What;
  const std::size_t end = steps.size();
  std::vector<char> now(end + 1, 0), next(end + 1, 0);
  // What may match nothing is passed over; `**/` only where a part of the path starts.
  const auto pass = [&](std::vector<char>& at, bool part_starts) {
    for (std::size_t i = 0; i < end; ++i) {
      const Step::What what = steps[i].what;
      if (at[i] != 0 && (what == star || what == star_star || (what == star_star_slash && part_starts))) at[i + 1] = 1;
    }
  };
  now[0] = 1;
  pass(now, true);
  for (const char c : path) {
    std::ranges::fill(next, 0);
    for (std::size_t i = 0; i < end; ++i) {
      if (now[i] == 0) continue;
      const Step& step = steps[i];
      const auto inside = [&] { return std::ranges::any_of(step.ranges, [&](const auto& range) { return c >= range.first && c <= range.second; }); };
      const bool stays = step.what == star_star || step.what == star_star_slash || (step.what == star && c != '/');
      const bool moves = (step.what == character && c == step.character) || (step.what == any && c != '/') || (step.what == set && c != '/' && inside() != step.negated);
      if (stays) next[i] = 1;
      if (moves) next[i + 1] = 1;
    }
    pass(next, c == '/');
    std::swap(now, next);
  }
  return now[end] != 0;
}

}  // namespace insula::tasks
