#include "expression/regex.h"

#include <re2/re2.h>

#include <cwctype>

namespace insula::expression {

namespace {
constexpr std::size_t pattern_bytes_max = 10'000;

// RE2 takes nearly all of what Java's syntax has; these are written differently.
std::string to_re2(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[i + 1];
      if (next == 'h') out += in_class ? " \\t" : "[ \\t]";
      else if (next == 'R' && !in_class) out += "(?:\\r\\n|[\\n\\r])";
      else if (next == 'Z' && !in_class) out += "\\z";
      else if (next == 'e') out += "\\x1b";
      else if (next == 'u' && i + 5 < pattern.size()) {
        out += fmt::format("\\x{{{}}}", pattern.substr(i + 2, 4));
        i += 4;
      } else {
        out += c;
        out += next;
      }
      ++i;
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (c == '(' && !in_class && pattern.substr(i).starts_with("(?<") && i + 3 < pattern.size() && pattern[i + 3] != '=' && pattern[i + 3] != '!') {
      out += "(?P<";
      i += 2;
      continue;
    }
    out += c;
  }
  return out;
}
}  // namespace

std::expected<Regex, std::string> Regex::compile(std::string_view pattern) {
  if (pattern.size() > pattern_bytes_max) return std::unexpected(fmt::format("The regular expression is longer than {} bytes", pattern_bytes_max));
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  auto regex = std::make_shared<RE2>(to_re2(pattern), options);
  if (!regex->ok()) {
    switch (regex->error_code()) {
      case RE2::ErrorMissingParen: return std::unexpected(fmt::format("Unclosed group near index {}\n{}", utf16_length(pattern), pattern));
      case RE2::ErrorMissingBracket: return std::unexpected(fmt::format("Unclosed character class near index {}\n{}\n{:>{}}", utf16_length(pattern) - 1, pattern, "^", utf16_length(pattern)));
      case RE2::ErrorRepeatArgument:
        return std::unexpected(fmt::format("Dangling meta character '{}' near index 0\n{}\n^", regex->error_arg().substr(0, 1), pattern));
      default: return std::unexpected(fmt::format("The regular expression cannot be used: {}. Look-around and back references are not supported\n{}", regex->error(), pattern));
    }
  }
  Regex made;
  made.regex_ = std::move(regex);
  return made;
}

bool Regex::matches_whole(std::string_view text) const { return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *regex_); }

bool Regex::find(std::string_view text, std::size_t from, std::size_t& start, std::size_t& end) const {
  re2::StringPiece match;
  if (from > text.size() || !regex_->Match(re2::StringPiece(text.data(), text.size()), from, text.size(), RE2::UNANCHORED, &match, 1)) return false;
  start = static_cast<std::size_t>(match.data() - text.data());
  end = start + match.size();
  return true;
}

namespace {
// Appends what `$1`, `${name}` and `\c` of a Java replacement stand for; an error text, or empty.
std::string append_replacement(const RE2& regex, std::string_view replacement, const std::vector<re2::StringPiece>& groups, std::string& out) {
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    if (c == '\\') {
      if (++i >= replacement.size()) return "character to be escaped is missing";
      out += replacement[i];
    } else if (c == '$') {
      if (++i >= replacement.size()) return "Illegal group reference: group index is missing";
      std::size_t group = 0;
      if (replacement[i] == '{') {
        const std::size_t close = replacement.find('}', i);
        if (close == std::string_view::npos) return "named capturing group is missing trailing '}'";
        const std::string name(replacement.substr(i + 1, close - i - 1));
        const auto found = regex.NamedCapturingGroups().find(name);
        if (found == regex.NamedCapturingGroups().end()) return fmt::format("No group with name {{{}}}", name);
        group = static_cast<std::size_t>(found->second);
        i = close;
      } else {
        if (replacement[i] < '0' || replacement[i] > '9') return "Illegal group reference";
        group = static_cast<std::size_t>(replacement[i] - '0');
        if (group >= groups.size()) return fmt::format("No group {}", group);
        while (i + 1 < replacement.size() && replacement[i + 1] >= '0' && replacement[i + 1] <= '9' && group * 10 + static_cast<std::size_t>(replacement[i + 1] - '0') < groups.size()) {
          group = group * 10 + static_cast<std::size_t>(replacement[++i] - '0');
        }
      }
      if (groups[group].data()) out.append(groups[group].data(), groups[group].size());
    } else {
      out += c;
    }
  }
  return {};
}
}  // namespace

Value Regex::replace(Evaluator& evaluator, std::string_view text, std::string_view replacement, bool first_only) const {
  const int count = regex_->NumberOfCapturingGroups() + 1;
  if (count > 100) return evaluator.fail(Failure::Type::plain, "The regular expression has more than 99 groups");
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(count));
  const re2::StringPiece whole(text.data(), text.size());
  std::string out;
  std::size_t at = 0;
  std::size_t copied = 0;
  while (at <= text.size() && regex_->Match(whole, at, text.size(), RE2::UNANCHORED, groups.data(), count)) {
    const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t before = out.size();
    out += text.substr(copied, start - copied);
    if (std::string error = append_replacement(*regex_, replacement, groups, out); !error.empty()) return evaluator.fail(Failure::Type::plain, std::move(error));
    evaluator.step();
    evaluator.spend(out.size() - before);
    copied = start + groups[0].size();
    at = groups[0].empty() ? copied + 1 : copied;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
    if (first_only) break;
  }
  out += text.substr(std::min(copied, text.size()));
  return evaluator.text(std::move(out));
}

Value split_text(Evaluator& evaluator, std::string_view text, std::string_view pattern, std::int64_t limit, int line) {
  static_cast<void>(line);
  const auto regex = Regex::compile(pattern);
  if (!regex) return evaluator.fail(Failure::Type::plain, regex.error());
  std::vector<Value> parts;
  std::size_t piece = 0;
  std::size_t at = 0;
  std::size_t start = 0;
  std::size_t end = 0;
  while (at <= text.size() && (limit <= 0 || parts.size() + 1 < static_cast<std::size_t>(limit)) && regex->find(text, at, start, end)) {
    evaluator.step();
    if (end == start && start >= text.size()) break;
    if (end > 0 && !(start == 0 && end == start)) {  // an empty match at the start makes no empty first part
      if (!(start == 0 && end == 0)) parts.push_back(Value::text(std::string(text.substr(piece, start - piece))));
      piece = end;
    }
    at = end == start ? end + 1 : end;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  }
  parts.push_back(Value::text(std::string(text.substr(piece))));
  if (parts.size() == 1) return evaluator.list(std::move(parts), Shape::string_array);
  if (limit == 0) while (!parts.empty() && parts.back().view().empty()) parts.pop_back();
  evaluator.spend(text.size());
  return evaluator.list(std::move(parts), Shape::string_array);
}

Value replace_all(Evaluator& evaluator, std::string_view text, std::string_view search, std::string_view replacement) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t found = text.find(search, at);
    if (found == std::string_view::npos) break;
    out += text.substr(at, found - at);
    out += replacement;
    at = found + search.size();
    evaluator.step();
    evaluator.spend(replacement.size());
    if (search.empty()) {
      if (at >= text.size()) break;
      const std::size_t start = at;
      next_point(text, at);
      out += text.substr(start, at - start);
      if (at == text.size()) {
        out += replacement;
        break;
      }
    }
  }
  out += text.substr(at);
  return evaluator.text(std::move(out));
}

std::uint32_t next_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  std::size_t length = lead < 0x80 ? 1 : (lead >> 5) == 6 ? 2 : (lead >> 4) == 14 ? 3 : (lead >> 3) == 30 ? 4 : 1;
  length = std::min(length, text.size() - at);
  std::uint32_t point = length == 1 ? lead : lead & (0xffu >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) point = (point << 6) | (static_cast<unsigned char>(text[at + k]) & 0x3fu);
  at += length;
  return point;
}

void append_point(std::uint32_t point, std::string& out) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point >= 0x10000) {
    const char16_t pair[] = {static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10)), static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff))};
    out += utf16_to_utf8({pair, 2});
  } else {
    const auto unit = static_cast<char16_t>(point);
    out += utf16_to_utf8({&unit, 1});
  }
}

// Latin, Greek, Cyrillic and Armenian by rule: the process has no locale to ask, and must not depend on one.
std::uint32_t to_upper(std::uint32_t p) {
  if (p < 0x80) return p >= 'a' && p <= 'z' ? p - 32 : p;
  if ((p >= 0xe0 && p <= 0xfe && p != 0xf7) || (p >= 0x3b1 && p <= 0x3cb && p != 0x3c2) || (p >= 0x430 && p <= 0x44f)) return p - 32;
  if (p == 0xff) return 0x178;
  if (p == 0xb5) return 0x39c;
  if (p == 0x131) return 'I';
  if (p == 0x17f) return 'S';
  if (p == 0x3c2) return 0x3a3;
  if (p == 0x3ac) return 0x386;
  if (p >= 0x3ad && p <= 0x3af) return p - 37;
  if (p == 0x3cc) return 0x38c;
  if (p == 0x3cd || p == 0x3ce) return p - 63;
  if (p >= 0x450 && p <= 0x45f) return p - 80;
  if (p >= 0x561 && p <= 0x586) return p - 48;
  if ((p >= 0x100 && p <= 0x137) || (p >= 0x14a && p <= 0x177) || (p >= 0x460 && p <= 0x481) || (p >= 0x48a && p <= 0x4bf) || (p >= 0x4d0 && p <= 0x52f) || (p >= 0x1e00 && p <= 0x1e95) || (p >= 0x1ea0 && p <= 0x1eff)) return p & ~1u;
  if ((p >= 0x139 && p <= 0x148) || (p >= 0x179 && p <= 0x17e)) return p % 2 == 0 ? p - 1 : p;
  return p;
}

std::uint32_t to_lower(std::uint32_t p) {
  if (p < 0x80) return p >= 'A' && p <= 'Z' ? p + 32 : p;
  if ((p >= 0xc0 && p <= 0xde && p != 0xd7) || (p >= 0x391 && p <= 0x3ab && p != 0x3a2) || (p >= 0x410 && p <= 0x42f)) return p + 32;
  if (p == 0x178) return 0xff;
  if (p == 0x386) return 0x3ac;
  if (p >= 0x388 && p <= 0x38a) return p + 37;
  if (p == 0x38c) return 0x3cc;
  if (p == 0x38e || p == 0x38f) return p + 63;
  if (p >= 0x400 && p <= 0x40f) return p + 80;
  if (p >= 0x531 && p <= 0x556) return p + 48;
  if (p == 0x130) return 'i';
  if ((p >= 0x100 && p <= 0x137) || (p >= 0x14a && p <= 0x177) || (p >= 0x460 && p <= 0x481) || (p >= 0x48a && p <= 0x4bf) || (p >= 0x4d0 && p <= 0x52f) || (p >= 0x1e00 && p <= 0x1e95) || (p >= 0x1ea0 && p <= 0x1eff)) return p | 1u;
  if ((p >= 0x139 && p <= 0x148) || (p >= 0x179 && p <= 0x17e)) return p % 2 == 1 ? p + 1 : p;
  return p;
}

std::string upper_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t point = next_point(text, at);
    if (point == 0xdf) out += "SS";
    else append_point(to_upper(point), out);
  }
  return out;
}

std::string lower_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_point(to_lower(next_point(text, at)), out);
  return out;
}

}  // namespace insula::expression
