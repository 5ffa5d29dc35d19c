// Text → fields. What is accepted and refused was compared with cron-utils 9.2.1 as Kestra 1.3 configures it.
#include "schedule/cron.h"

namespace insula::schedule {
namespace {

constexpr std::size_t text_bytes_max = 256;

struct FieldRule {
  std::string_view name;
  int low;
  int high;
  std::span<const std::string_view> names;  // names[0] stands for `first_name_value`
  int first_name_value = 0;
};

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
// Monday first, so that SAT-SUN is 6–7.
constexpr std::array<std::string_view, 7> weekday_names{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"};
const std::array<FieldRule, 6> rules{{{"second", 0, 59, {}, 0},
                                      {"minute", 0, 59, {}, 0},
                                      {"hour", 0, 23, {}, 0},
                                      {"day-of-month", 1, 31, {}, 0},
                                      {"month", 1, 12, month_names, 1},
                                      {"day-of-week", 0, 7, weekday_names, 1}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> nicknames{{{"@yearly", "0 0 1 1 *"},
                                                                                  {"@annually", "0 0 1 1 *"},
                                                                                  {"@monthly", "0 0 1 * *"},
                                                                                  {"@weekly", "0 0 * * 0"},
                                                                                  {"@daily", "0 0 * * *"},
                                                                                  {"@midnight", "0 0 * * *"},
                                                                                  {"@hourly", "0 * * * *"}}};

// The values of one field, by number; `any` when it was `*` or `*/1` as a whole.
struct Values {
  std::bitset<60> set;
  bool any = false;
};

class FieldReader {
 public:
  FieldReader(const FieldRule& rule, std::size_t position) : rule_(rule), position_(position) {}

  Result<Values> read(std::string_view text) const {
    Values values;
    values.any = text == "*" || text == "*/1";
    for (const std::string& part : split(text, ',')) {
      if (const auto added = read_part(part, values); !added) return fail(added.error());
    }
    return values;
  }

 private:
  Result<bool> read_part(std::string_view part, Values& values) const {
    if (part.empty()) return wrong("there is an empty entry in the list; remove the extra comma");
    int step = 1;
    const std::size_t slash = part.find('/');
    if (slash != std::string_view::npos) {
      const auto number = read_step(part.substr(slash + 1));
      if (!number) return fail(number.error());
      step = *number;
    }
    const std::string_view base = part.substr(0, slash);
    int first = rule_.low;
    int last = rule_.high;
    if (base != "*") {
      const std::size_t dash = base.find('-');
      const auto from = read_value(base.substr(0, dash), base);
      if (!from) return fail(from.error());
      first = *from;
      if (dash != std::string_view::npos) {
        const auto to = read_value(base.substr(dash + 1), base);
        if (!to) return fail(to.error());
        last = *to;
        if (first > last) return wrong(fmt::format("the range {} runs backwards; write it as two ranges, such as {}-{},{}-{}", base, first, rule_.high, rule_.low, last));
      } else if (slash == std::string_view::npos) {
        last = first;
      } else if (rule_.low == 0 && first == 7 && last == 7) {
        first = 0;  // `7/2` of weekdays: Sunday begins the week
      }
    }
    for (int value = first; value <= last; value += step) values.set.set(static_cast<std::size_t>(value));
    return true;
  }

  Result<int> read_step(std::string_view text) const {
    const auto step = number(text);
    if (!step) return wrong(fmt::format("'{}' is no step; write a number after the slash", text));
    if (*step < std::max(rule_.low, 1) || *step > rule_.high) {
      return wrong(fmt::format("the step {} is not in {}–{}", text, std::max(rule_.low, 1), rule_.high));
    }
    return *step;
  }

  Result<int> read_value(std::string_view text, std::string_view range) const {
    if (text.empty()) return wrong(fmt::format("'{}' lacks a value beside the dash; negative numbers and open ranges do not exist", range));
    if (const auto value = number(text)) {
      if (*value < rule_.low || *value > rule_.high) return wrong(fmt::format("{} is not in {}–{}", text, rule_.low, rule_.high));
      return *value;
    }
    for (std::size_t i = 0; i < rule_.names.size(); ++i) {
      if (lower_ascii(text) == lower_ascii(rule_.names[i])) return rule_.first_name_value + static_cast<int>(i);
    }
    std::string hint = fmt::format("use a number from {} to {}", rule_.low, rule_.high);
    if (!rule_.names.empty()) hint += fmt::format(" or a name such as {}", rule_.names[0]);
    return wrong(fmt::format("'{}' is not understood; {}, `*`, a range `1-5`, a step `*/2` or a list of these (`?`, `L`, `W` and `#` do not exist here)", text, hint));
  }

  static std::optional<int> number(std::string_view text) {
    if (text.empty() || text.size() > 9) return std::nullopt;
    int value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return value;
  }

  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorKind::invalid, "cron-invalid", fmt::format("field {} ({}): {}", position_, rule_.name, what));
  }

  const FieldRule& rule_;
  std::size_t position_;
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = text.find_first_not_of(" \t\n\r\f\v", at);
    if (start == std::string_view::npos) break;
    at = std::min(text.find_first_of(" \t\n\r\f\v", start), text.size());
    words.emplace_back(text.substr(start, at - start));
  }
  return words;
}

std::unexpected<Error> malformed(std::string_view what) { return fail(ErrorKind::invalid, "cron-invalid", std::string(what)); }

Result<Cron::Fields> read_fields(std::span<const std::string> words) {
  const std::size_t skipped = rules.size() - words.size();  // 1 when there are no seconds
  std::array<Values, 6> values;
  values[0].set.set(0);
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto read = FieldReader(rules[i + skipped], i + 1).read(words[i]);
    if (!read) return fail(read.error());
    values[i + skipped] = *read;
  }
  Cron::Fields fields;
  fields.seconds = values[0].set;
  fields.minutes = values[1].set;
  fields.any_day = values[3].any;
  fields.any_weekday = values[5].any;
  for (std::size_t value = 0; value < 60; ++value) {
    if (values[2].set[value]) fields.hours.set(value);
    if (values[3].set[value]) fields.days.set(value);
    if (values[4].set[value]) fields.months.set(value);
    if (values[5].set[value]) fields.weekdays.set(value % 7);  // 7 is Sunday too
  }
  return fields;
}

// `0|30 1|5 * * *` → `0 1 * * *` and `30 5 * * *`: fields with bars have equally many alternatives, the others stand in each.
Result<std::vector<std::vector<std::string>>> spread_bars(const std::vector<std::string>& words) {
  std::size_t count = 1;
  std::vector<std::vector<std::string>> parts;
  for (const std::string& word : words) {
    parts.push_back(split(word, '|'));
    if (parts.back().size() == 1) continue;
    if (count != 1 && parts.back().size() != count) return malformed("fields with '|' must have equally many alternatives");
    count = parts.back().size();
  }
  std::vector<std::vector<std::string>> spread(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (const auto& part : parts) spread[i].push_back(part.size() == 1 ? part[0] : part[i]);
  }
  return spread;
}

Result<std::vector<Cron::Fields>> read_one(std::string_view text, bool with_seconds) {
  auto words = words_of(text);
  if (words.empty()) return malformed("it is empty; write five fields: minute hour day-of-month month day-of-week");
  const std::size_t expected = with_seconds ? 6 : 5;
  if (words.size() == 1 && words[0].starts_with('@')) {
    const auto found = std::find_if(nicknames.begin(), nicknames.end(), [&](const auto& nickname) { return nickname.first == words[0]; });
    if (found == nicknames.end()) {
      return malformed(fmt::format("there is no nickname '{}'; the nicknames are @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly", words[0]));
    }
    words = words_of(found->second);
  } else if (words.size() != expected) {
    return malformed(fmt::format("it has {} field{}, but {} are expected{}{}", words.size(), words.size() == 1 ? "" : "s", expected,
                                 with_seconds ? ": second minute hour day-of-month month day-of-week" : ": minute hour day-of-month month day-of-week",
                                 !with_seconds && words.size() == 6 ? "; set `withSeconds: true` to start with seconds" : ""));
  }
  const auto spread = spread_bars(words);
  if (!spread) return fail(spread.error());
  std::vector<Cron::Fields> alternatives;
  for (const auto& each : *spread) {
    auto fields = read_fields(each);
    if (!fields) return fail(fields.error());
    alternatives.push_back(*fields);
  }
  return alternatives;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text, bool with_seconds) {
  const auto invalid = [&](std::string_view why) {
    return fail(ErrorKind::invalid, "cron-invalid", fmt::format("invalid cron expression '{}': {}", text.substr(0, text_bytes_max), why));
  };
  if (text.size() > text_bytes_max) return invalid(fmt::format("it is longer than {} bytes; use several triggers", text_bytes_max));
  Cron cron;
  cron.text_ = text;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t bars = std::min(text.find("||", at), text.size());
    const auto read = read_one(text.substr(at, bars - at), with_seconds);
    if (!read) return invalid(read.error().message);
    cron.alternatives_.insert(cron.alternatives_.end(), read->begin(), read->end());
    at = bars + 2;
  }
  return cron;
}

}  // namespace insula::schedule
