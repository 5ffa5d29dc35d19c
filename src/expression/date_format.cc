// Moment → text: the patterns of java.time.format.DateTimeFormatter.
#include "expression/date.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
// Names that stand for a pattern.
std::string_view named_pattern(std::string_view name) {
  static const std::map<std::string_view, std::string_view> patterns = {
      {"iso", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}, {"iso_sec", "yyyy-MM-dd'T'HH:mm:ssXXX"}, {"iso_milli", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"},
      {"sql", "yyyy-MM-dd HH:mm:ss.SSSSSS"}, {"sql_sec", "yyyy-MM-dd HH:mm:ss"}, {"sql_milli", "yyyy-MM-dd HH:mm:ss.SSS"},
      {"full", "EEEE, MMMM d, y, h:mm:ss\u202fa zzzz"}, {"long", "MMMM d, y, h:mm:ss\u202fa z"}, {"medium", "MMM d, y, h:mm:ss\u202fa"}, {"short", "M/d/yy, h:mm\u202fa"}};
  const auto found = patterns.find(name);
  return found == patterns.end() ? std::string_view() : found->second;
}

std::string year_text(std::int64_t year) {
  if (year < 0) return fmt::format("-{:04}", -year);
  return fmt::format("{}{:04}", year > 9999 ? "+" : "", year);
}

std::string offset_text(std::int32_t seconds, std::string_view zero, bool colon, bool minutes_optional) {
  if (seconds == 0) return std::string(zero);
  const int magnitude = std::abs(seconds);
  std::string out = fmt::format("{}{:02}", seconds < 0 ? '-' : '+', magnitude / 3600);
  if (minutes_optional && magnitude / 60 % 60 == 0) return out;
  return out + fmt::format("{}{:02}", colon ? ":" : "", magnitude / 60 % 60);
}

std::string with_seconds(std::string text, std::int32_t seconds, bool colon) {
  const int rest = std::abs(seconds) % 60;
  return rest ? text + fmt::format("{}{:02}", colon ? ":" : "", rest) : text;
}

std::string fraction_text(std::int32_t nanos) {
  if (nanos == 0) return {};
  std::string digits = fmt::format(".{:09}", nanos);
  while (digits.back() == '0') digits.pop_back();
  return digits;
}

int iso_day(const Fields& fields) { return static_cast<int>(((fields.epoch_day + 3) % 7 + 7) % 7) + 1; }
int day_of_year(const Fields& fields) { return static_cast<int>(fields.epoch_day - days_from_civil(fields.year, 1, 1)) + 1; }

// Weeks that begin on Monday, the first with four days in the year.
void iso_week(const Fields& fields, std::int64_t& year, int& week) {
  const std::int64_t thursday = fields.epoch_day - (iso_day(fields) - 4);
  int month = 0;
  int day = 0;
  civil_from_days(thursday, year, month, day);
  week = static_cast<int>((thursday - days_from_civil(year, 1, 1)) / 7) + 1;
}

// The ISO names: not patterns, since their fractions are as long as needed.
bool iso_format(const Moment& moment, std::string_view name, std::string& out) {
  const Fields f = fields_of(moment);
  const std::string date = fmt::format("{}-{:02}-{:02}", year_text(f.year), f.month, f.day);
  const std::string time = fmt::format("{:02}:{:02}:{:02}{}", f.hour, f.minute, f.second, fraction_text(f.nanos));
  const std::string offset = with_seconds(offset_text(f.offset_seconds, "Z", true, false), f.offset_seconds, true);
  const std::string region = moment.zone.rules || moment.zone.id == "UTC" || moment.zone.id == "GMT" || moment.zone.id.starts_with("UTC+") ? "[" + moment.zone.id + "]" : "";
  if (name == "iso_date_time" || name == "iso_zoned_date_time") out = date + "T" + time + offset + region;
  else if (name == "iso_date") out = date + offset;
  else if (name == "iso_time" || name == "iso_offset_time") out = time + offset;
  else if (name == "iso_local_date") out = date;
  else if (name == "iso_local_date_time") out = date + "T" + time;
  else if (name == "iso_local_time") out = time;
  else if (name == "iso_instant") out = iso_instant(moment.seconds, moment.nanos);
  else if (name == "iso_ordinal_date") out = fmt::format("{}-{:03}{}", year_text(f.year), day_of_year(f), offset);
  else if (name == "iso_week_date") {
    std::int64_t year = 0;
    int week = 0;
    iso_week(f, year, week);
    out = fmt::format("{}-W{:02}-{}{}", year_text(year), week, iso_day(f), offset);
  } else if (name == "rfc_1123_date_time") {
    out = fmt::format("{}, {} {} {} {:02}:{:02}:{:02} {}", day_name(iso_day(f), TextStyle::short_, ""), f.day, month_name(f.month, TextStyle::short_, ""), year_text(f.year), f.hour, f.minute, f.second,
                      offset_text(f.offset_seconds, "GMT", false, false));
  } else {
    return false;
  }
  return true;
}

std::string day_period(int hour, int minute) {
  if (hour == 0 && minute == 0) return "midnight";
  if (hour == 12 && minute == 0) return "noon";
  if (hour < 12) return "in the morning";
  if (hour < 18) return "in the afternoon";
  return hour < 21 ? "in the evening" : "at night";
}

class Formatter {
 public:
  Formatter(const Moment& moment, std::string_view pattern, std::string_view locale) : moment_(moment), fields_(fields_of(moment)), pattern_(pattern), locale_(locale) {}

  Dated<std::string> run() {
    int open = 0;
    for (std::size_t at = 0; at < pattern_.size() && error_.empty();) {
      const char c = pattern_[at];
      if (std::isalpha(static_cast<unsigned char>(c))) {
        std::size_t end = at;
        while (end < pattern_.size() && pattern_[end] == c) ++end;
        if (c == 'p') {
          at = padded(at, end);
          continue;
        }
        field(c, static_cast<int>(end - at));
        at = end;
      } else if (c == '\'') {
        at = literal(at);
      } else if (c == '[') {
        ++open;
        ++at;
      } else if (c == ']') {
        if (--open < 0) return std::unexpected("Pattern invalid as it contains ] without previous [");
        ++at;
      } else if (c == '#' || c == '{' || c == '}') {
        return std::unexpected(fmt::format("Pattern includes reserved character: '{}'", c));
      } else {
        out_ += c;
        ++at;
      }
    }
    if (!error_.empty()) return std::unexpected(std::move(error_));
    return std::move(out_);
  }

 private:
  std::size_t literal(std::size_t at) {
    const std::size_t start = at++;
    for (; at < pattern_.size(); ++at) {
      if (pattern_[at] != '\'') {
        out_ += pattern_[at];
      } else if (at + 1 < pattern_.size() && pattern_[at + 1] == '\'') {
        out_ += '\'';
        ++at;
      } else {
        if (at == start + 1) out_ += '\'';
        return at + 1;
      }
    }
    error_ = fmt::format("Pattern ends with an incomplete string literal: {}", pattern_);
    return at;
  }

  std::size_t padded(std::size_t at, std::size_t end) {
    const std::size_t width = end - at;
    std::size_t stop = end;
    while (stop < pattern_.size() && pattern_[stop] == pattern_[end]) ++stop;
    if (end >= pattern_.size() || !std::isalpha(static_cast<unsigned char>(pattern_[end]))) {
      error_ = fmt::format("Pad letter 'p' must be followed by valid pad pattern: {}", pattern_);
      return stop;
    }
    std::string before = std::exchange(out_, {});
    field(pattern_[end], static_cast<int>(stop - end));
    if (error_.empty() && out_.size() > width) error_ = fmt::format("Cannot print as output of {} characters exceeds pad width of {}", out_.size(), width);
    out_ = before + std::string(out_.size() < width ? width - out_.size() : 0, ' ') + out_;
    return stop;
  }

  void number(std::int64_t value, int width) {
    if (width > 19) error_ = fmt::format("The minimum width must be from 1 to 19 inclusive but was {}", width);
    else if (value < 0) out_ += fmt::format("-{:0{}}", -value, width);
    else out_ += fmt::format("{:0{}}", value, width);
  }
  bool at_most(char letter, int count, int limit) {
    if (count <= limit) return true;
    error_ = fmt::format("Too many pattern letters: {}", letter);
    return false;
  }
  void small(char letter, std::int64_t value, int count, int limit = 2) {
    if (at_most(letter, count, limit)) number(value, count);
  }
  static TextStyle style(int count) { return count == 4 ? TextStyle::full : count == 5 ? TextStyle::narrow : TextStyle::short_; }

  void year(std::int64_t value, int count) {
    if (count == 2) out_ += fmt::format("{:02}", ((value % 100) + 100) % 100);
    else if (count >= 4 && value > 9999 && count < 20) out_ += "+", number(value, count);
    else number(value, count);
  }

  void field(char letter, int count) {
    const Fields& f = fields_;
    switch (letter) {
      case 'G':
        if (at_most(letter, count, 5)) out_ += f.year > 0 ? (count == 4 ? "Anno Domini" : count == 5 ? "A" : "AD") : (count == 4 ? "Before Christ" : count == 5 ? "B" : "BC");
        break;
      case 'u': year(f.year, count); break;
      case 'y': year(f.year > 0 ? f.year : 1 - f.year, count); break;
      case 'D': small(letter, day_of_year(f), count, 3); break;
      case 'M': case 'L':
        if (count <= 2) number(f.month, count);
        else if (at_most(letter, count, 5)) out_ += month_name(f.month, style(count), locale_);
        break;
      case 'd': small(letter, f.day, count); break;
      case 'Q': case 'q': quarter(letter, count); break;
      case 'Y': case 'w': case 'W': week(letter, count); break;
      case 'E':
        if (at_most(letter, count, 5)) out_ += day_name(iso_day(f), style(count), locale_);
        break;
      case 'e': case 'c': local_day(letter, count); break;
      case 'F':
        if (at_most(letter, count, 1)) number((f.day - 1) / 7 + 1, 1);
        break;
      case 'a':
        if (at_most(letter, count, 1)) out_ += f.hour < 12 ? "AM" : "PM";
        break;
      case 'B':
        if (count == 1 || count == 4 || count == 5) out_ += day_period(f.hour, f.minute);
        else error_ = fmt::format("Wrong number of pattern letters: {}", letter);
        break;
      default: clock(letter, count); break;
    }
  }

  void clock(char letter, int count) {
    const Fields& f = fields_;
    const std::int64_t second_of_day = f.hour * 3600 + f.minute * 60 + f.second;
    switch (letter) {
      case 'h': small(letter, f.hour % 12 == 0 ? 12 : f.hour % 12, count); break;
      case 'H': small(letter, f.hour, count); break;
      case 'k': small(letter, f.hour == 0 ? 24 : f.hour, count); break;
      case 'K': small(letter, f.hour % 12, count); break;
      case 'm': small(letter, f.minute, count); break;
      case 's': small(letter, f.second, count); break;
      case 'S':
        if (count > 9) error_ = fmt::format("The maximum width must be from 1 to 9 inclusive but was {}", count);
        else out_ += fmt::format("{:09}", f.nanos).substr(0, static_cast<std::size_t>(count));
        break;
      case 'A': number(second_of_day * 1000 + f.nanos / 1'000'000, count); break;
      case 'n': number(f.nanos, count); break;
      case 'N': number(second_of_day * 1'000'000'000 + f.nanos, count); break;
      case 'g': number(f.epoch_day + 40587, count); break;
      default: zone(letter, count); break;
    }
  }

  void quarter(char letter, int count) {
    const int quarter = (fields_.month - 1) / 3 + 1;
    static constexpr std::array<std::string_view, 4> names = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};
    if (count <= 2) number(quarter, count);
    else if (at_most(letter, count, 5)) out_ += count == 3 ? fmt::format("Q{}", quarter) : count == 4 ? std::string(names[static_cast<std::size_t>(quarter - 1)]) : std::to_string(quarter);
  }

  // English weeks begin on Sunday, the first holds January 1st; elsewhere they are as in ISO.
  void week(char letter, int count) {
    const bool sunday = locale_.empty() || locale_ == "en" || locale_.ends_with("US");
    const int day = sunday ? iso_day(fields_) % 7 + 1 : iso_day(fields_);
    const int least = sunday ? 1 : 4;
    const auto week_of = [&](int day_number) {
      const int start = ((day_number - day) % 7 + 7) % 7;
      const int offset = start + 1 > least ? 7 - start : -start;
      return (7 + offset + day_number - 1) / 7;
    };
    if (letter == 'W') {
      if (at_most(letter, count, 1)) number(week_of(fields_.day), 1);
      return;
    }
    std::int64_t week_year = fields_.year;
    int week = week_of(day_of_year(fields_));
    if (week == 0) {
      const std::int64_t last = fields_.epoch_day - (day_of_year(fields_));
      --week_year;
      week = week_of(day_of_year(fields_) + static_cast<int>(last - days_from_civil(week_year, 1, 1)) + 1);
    } else if (week > 51) {
      const int length = static_cast<int>(days_from_civil(fields_.year + 1, 1, 1) - days_from_civil(fields_.year, 1, 1));
      const int start = ((day_of_year(fields_) - day) % 7 + 7) % 7;
      const int offset = start + 1 > least ? 7 - start : -start;
      const int next = (7 + offset + length + least - 1) / 7;
      if (week >= next) {
        week -= next - 1;
        ++week_year;
      }
    }
    if (letter == 'w') small(letter, week, count);
    else year(week_year, count);
  }

  void local_day(char letter, int count) {
    const bool sunday = locale_.empty() || locale_ == "en" || locale_.ends_with("US");
    if (letter == 'c' && count == 2) error_ = "Invalid pattern \"cc\"";
    else if (count <= 2) number(sunday ? iso_day(fields_) % 7 + 1 : iso_day(fields_), count);
    else if (at_most(letter, count, 5)) out_ += day_name(iso_day(fields_), style(count), locale_);
  }

  void zone(char letter, int count) {
    const std::int32_t offset = fields_.offset_seconds;
    switch (letter) {
      case 'V':
        if (count != 2) error_ = "Pattern letter count must be 2: V";
        else out_ += moment_.zone.id;
        break;
      case 'v':
        if (count != 1 && count != 4) error_ = "Wrong number of pattern letters: v";
        else named_zone(count == 4, true);
        break;
      case 'z':
        if (at_most(letter, count, 4)) named_zone(count == 4, false);
        break;
      case 'O':
        if (count == 1) out_ += localized_offset(false);
        else if (count == 4) out_ += localized_offset(true);
        else error_ = "Pattern letter count must be 1 or 4: O";
        break;
      case 'X': case 'x':
        if (at_most(letter, count, 5)) {
          const std::string_view zero = letter == 'X' ? "Z" : count == 1 ? "+00" : count == 2 || count == 4 ? "+0000" : "+00:00";
          const bool colon = count == 3 || count == 5;
          const std::string text = offset_text(offset, zero, colon, count == 1);
          out_ += count >= 4 ? with_seconds(text, offset, colon) : text;
        }
        break;
      case 'Z':
        if (count < 4) out_ += offset_text(offset, "+0000", false, false);
        else if (count == 4) out_ += localized_offset(true);
        else if (at_most(letter, count, 5)) out_ += with_seconds(offset_text(offset, "Z", true, false), offset, true);
        break;
      default: error_ = fmt::format("Unknown pattern letter: {}", letter); break;
    }
  }

  void named_zone(bool full, bool generic) {
    const std::string name = zone_name(moment_.zone, fields_.summer_time, full, generic);
    out_ += name.empty() ? localized_offset(true) : name;
  }

  std::string localized_offset(bool full) const {
    const std::int32_t offset = fields_.offset_seconds;
    if (offset == 0) return "GMT";
    const int magnitude = std::abs(offset);
    std::string out = fmt::format("GMT{}", offset < 0 ? '-' : '+');
    if (full) return with_seconds(out + fmt::format("{:02}:{:02}", magnitude / 3600, magnitude / 60 % 60), offset, true);
    out += std::to_string(magnitude / 3600);
    if (magnitude % 3600) out += fmt::format(":{:02}", magnitude / 60 % 60);
    return with_seconds(out, offset, true);
  }

  const Moment& moment_;
  Fields fields_;
  std::string_view pattern_;
  std::string_view locale_;
  std::string out_;
  std::string error_;
};
}  // namespace

Dated<std::string> format_date(const Moment& moment, std::string_view format, std::string_view locale) {
  std::string out;
  if (iso_format(moment, format, out)) return out;
  if (format.size() > 1000) return std::unexpected("The date pattern is longer than 1000 characters");
  const std::string_view pattern = named_pattern(format);
  return Formatter(moment, pattern.empty() ? format : pattern, locale).run();
}

}  // namespace insula::expression
