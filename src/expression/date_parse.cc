// Text → Moment: ISO forms, and the patterns of DateTimeFormatter read backwards (smart resolution: February 30th is the 28th or 29th).
#include "expression/date.h"
#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
constexpr std::size_t text_bytes_max = 1000;

struct Parts {
  std::optional<std::int64_t> year;
  std::optional<int> month, day, day_of_year, hour, clock_hour, minute, second, iso_day;
  std::optional<bool> afternoon;
  std::int32_t nanos = 0;
  bool has_nanos = false;
  std::optional<std::int64_t> epoch_seconds;
  std::optional<Zone> zone;
  std::optional<std::int32_t> offset_seconds;  // beside a region: it decides in the hour that clocks show twice
};

// Reads one text by one pattern. `at` ends where it could not go on.
class PatternParser {
 public:
  PatternParser(std::string_view text, std::string_view pattern, std::string_view locale) : text_(text), pattern_(pattern), locale_(locale) {}

  bool run(Parts& parts) {
    if (!section(parts, 0, pattern_.size())) return false;
    return true;
  }
  std::size_t at() const { return at_; }
  const std::string& pattern_error() const { return error_; }

 private:
  std::size_t closing(std::size_t open, std::size_t end) const {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = open; i < end; ++i) {
      if (pattern_[i] == '\'') quoted = !quoted;
      if (quoted) continue;
      if (pattern_[i] == '[') ++depth;
      if (pattern_[i] == ']' && --depth == 0) return i;
    }
    return end;
  }

  bool section(Parts& parts, std::size_t i, std::size_t end) {
    while (i < end) {
      const char c = pattern_[i];
      if (c == '[') {
        const std::size_t close = closing(i, end);
        Parts tried = parts;
        const std::size_t before = at_;
        if (section(tried, i + 1, close)) parts = tried;
        else at_ = before;
        i = close + 1;
      } else if (c == ']') {
        ++i;
      } else if (c == '\'') {
        std::size_t stop = i + 1;
        if (stop < end && pattern_[stop] == '\'') {
          if (!expect('\'')) return false;
          i = stop + 1;
          continue;
        }
        for (; stop < end && pattern_[stop] != '\''; ++stop) if (!expect(pattern_[stop])) return false;
        i = stop + 1;
      } else if (std::isalpha(static_cast<unsigned char>(c))) {
        std::size_t stop = i;
        while (stop < end && pattern_[stop] == c) ++stop;
        const int count = static_cast<int>(stop - i);
        if (!field(parts, c, count, reserved_after(stop, end))) return false;
        i = stop;
      } else {
        if (!expect(c)) return false;
        ++i;
      }
    }
    return true;
  }

  // Digits that the fixed-width fields right behind a variable one need (`yyyyMMdd`).
  std::size_t reserved_after(std::size_t i, std::size_t end) const {
    std::size_t width = 0;
    while (i < end && std::string_view("MdDHhkKmsSu").find(pattern_[i]) != std::string_view::npos) {
      std::size_t stop = i;
      while (stop < end && pattern_[stop] == pattern_[i]) ++stop;
      if (stop - i > 2 && pattern_[i] != 'S' && pattern_[i] != 'D') break;
      if (stop - i < 2 && pattern_[i] != 'S') break;
      width += stop - i;
      i = stop;
    }
    return width;
  }

  bool expect(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::size_t digits_ahead() const {
    std::size_t count = 0;
    while (at_ + count < text_.size() && text_[at_ + count] >= '0' && text_[at_ + count] <= '9') ++count;
    return count;
  }

  bool number(std::int64_t& value, std::size_t least, std::size_t most, std::size_t reserved) {
    const std::size_t ahead = digits_ahead();
    std::size_t take = std::min(ahead, most);
    if (most > least && reserved > 0) take = std::min(take, ahead > reserved ? ahead - reserved : 0);
    if (take < least || take == 0) return false;
    if (std::from_chars(text_.data() + at_, text_.data() + at_ + take, value).ec != std::errc()) return false;
    at_ += take;
    return true;
  }

  bool number(std::optional<int>& into, int count, std::size_t reserved) {
    std::int64_t value = 0;
    const auto width = static_cast<std::size_t>(count);
    if (!number(value, count == 1 ? 1 : width, count == 1 ? 9 : width, reserved)) return false;
    into = static_cast<int>(value);
    return true;
  }

  template <class NameOf>
  bool name(std::optional<int>& into, int items, int count, NameOf name_of) {
    int best = 0;
    std::size_t length = 0;
    for (int i = 1; i <= items; ++i) {
      const std::string_view word = name_of(i, count == 4 ? TextStyle::full : TextStyle::short_, locale_);
      if (word.size() > length && text_.substr(at_).starts_with(word)) {
        best = i;
        length = word.size();
      }
    }
    if (best == 0) return false;
    at_ += length;
    into = best;
    return true;
  }

  bool year(Parts& parts, int count, std::size_t reserved) {
    std::int64_t value = 0;
    if (count == 2) {
      if (!number(value, 2, 2, 0)) return false;
      parts.year = 2000 + value;
      return true;
    }
    const bool negative = count >= 4 && at_ < text_.size() && text_[at_] == '-' && expect('-');
    const std::size_t before = at_;
    if (!number(value, static_cast<std::size_t>(count), 18, reserved)) return false;
    if (count >= 4 && !negative && at_ - before > static_cast<std::size_t>(count)) {  // more digits than the pattern has need a plus sign
      at_ = before;
      return false;
    }
    parts.year = negative ? -value : value;
    return true;
  }

  bool field(Parts& parts, char letter, int count, std::size_t reserved) {
    switch (letter) {
      case 'y': case 'u': return year(parts, count, reserved);
      case 'M': case 'L': return count <= 2 ? number(parts.month, count, reserved) : name(parts.month, 12, count, month_name);
      case 'd': return number(parts.day, count, reserved);
      case 'D': return number(parts.day_of_year, count, reserved);
      case 'H': case 'k': return number(parts.hour, count, reserved);
      case 'h': case 'K': return number(parts.clock_hour, count, reserved);
      case 'm': return number(parts.minute, count, reserved);
      case 's': return number(parts.second, count, reserved);
      case 'E': return name(parts.iso_day, 7, count, day_name);
      case 'a': return half_day(parts);
      case 'S': case 'n': return fraction(parts, letter, count);
      case 'X': case 'x': case 'Z': case 'O': return offset(parts, letter, count);
      case 'V': case 'z': case 'v': return zone(parts);
      case 'G':
        if (!text_.substr(at_).starts_with("AD")) return false;
        at_ += 2;
        return true;
      case 'e': case 'c': case 'w': case 'W': case 'Y': case 'Q': case 'q': case 'A': case 'N': case 'F': case 'g': case 'B': {
        std::optional<int> ignored;
        return number(ignored, count, reserved);
      }
      default: error_ = fmt::format("Unknown pattern letter: {}", letter); return false;
    }
  }

  bool half_day(Parts& parts) {
    const std::string_view word = text_.substr(at_, 2);
    if (word != "AM" && word != "PM") return false;
    parts.afternoon = word == "PM";
    at_ += 2;
    return true;
  }

  bool fraction(Parts& parts, char letter, int count) {
    std::int64_t value = 0;
    const auto width = static_cast<std::size_t>(count);
    if (!number(value, width, letter == 'n' ? 9 : width, 0)) return false;
    for (int i = count; letter == 'S' && i < 9; ++i) value *= 10;
    parts.nanos = static_cast<std::int32_t>(value);
    parts.has_nanos = true;
    return true;
  }

  bool offset(Parts& parts, char letter, int count) {
    Zone made;
    if ((letter == 'X' || (letter == 'Z' && count == 5)) && at_ < text_.size() && text_[at_] == 'Z') {
      ++at_;
      made.id = "Z";
      parts.zone = made;
      parts.offset_seconds = 0;
      return true;
    }
    if ((letter == 'O' || (letter == 'Z' && count == 4)) && text_.substr(at_).starts_with("GMT")) at_ += 3;
    if (at_ >= text_.size() || (text_[at_] != '+' && text_[at_] != '-')) return letter == 'O' || (letter == 'Z' && count == 4);
    const bool colon = letter == 'O' || count == 3 || count == 5 || (letter == 'Z' && count == 4);
    const bool hours_only = (letter == 'X' || letter == 'x') && count == 1;
    const int sign = text_[at_] == '-' ? -1 : 1;
    const std::size_t start = at_++;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    bool fine = number(hours, letter == 'O' ? 1 : 2, 2, 0);
    if (fine && colon) fine = letter == 'O' && (at_ >= text_.size() || text_[at_] != ':') ? true : expect(':') && number(minutes, 2, 2, 0);
    else if (fine && (!hours_only || digits_ahead() >= 2)) fine = number(minutes, 2, 2, 0);
    if (!fine || hours > 18 || minutes > 59) {
      at_ = start;
      return false;
    }
    made.offset_seconds = static_cast<std::int32_t>(sign * (hours * 3600 + minutes * 60));
    made.id = std::string(text_.substr(start, at_ - start));
    parts.zone = made;
    parts.offset_seconds = made.offset_seconds;
    return true;
  }

  bool zone(Parts& parts) {
    std::size_t end = at_;
    while (end < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[end])) || std::string_view("/_+-:").find(text_[end]) != std::string_view::npos)) ++end;
    auto found = find_zone(text_.substr(at_, end - at_));
    if (!found) return false;
    parts.zone = *found;
    at_ = end;
    return true;
  }

  std::string_view text_;
  std::string_view pattern_;
  std::string_view locale_;
  std::size_t at_ = 0;
  std::string error_;
};

int month_length(std::int64_t year, int month) {
  constexpr std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : lengths[static_cast<std::size_t>(month - 1)];
}

std::string time_text(const Parts& parts) {
  std::string out = fmt::format("{:02}:{:02}", parts.hour.value_or(0), parts.minute.value_or(0));
  if (parts.second.value_or(0) != 0 || parts.nanos != 0) out += fmt::format(":{:02}", parts.second.value_or(0));
  return out;
}

// What is missing for a date, in the words of java.time.
std::string no_date(std::string_view text, const Parts& parts) {
  std::vector<std::pair<std::string, std::string>> fields;
  if (parts.month) fields.emplace_back("MonthOfYear", std::to_string(*parts.month));
  if (parts.day) fields.emplace_back("DayOfMonth", std::to_string(*parts.day));
  if (parts.year) fields.emplace_back("Year", std::to_string(*parts.year));
  std::string list;
  for (const auto& [name, value] : fields) list += fmt::format("{}{}={}", list.empty() ? "" : ", ", name, value);
  const std::string time = parts.hour ? fmt::format(" resolved to {}", time_text(parts)) : "";
  return fmt::format("Text '{}' could not be parsed: Unable to obtain LocalDate from TemporalAccessor: {{{}}},ISO{} of type java.time.format.Parsed", text, list, time);
}

Dated<Moment> resolve(std::string_view text, Parts parts, const Zone& zone) {
  const auto invalid = [&](std::string_view field, int low, int high, std::int64_t value) {
    return std::unexpected(fmt::format("Text '{}' could not be parsed: Invalid value for {} (valid values {} - {}): {}", text, field, low, high, value));
  };
  if (parts.clock_hour && parts.afternoon) parts.hour = *parts.clock_hour % 12 + (*parts.afternoon ? 12 : 0);
  if (parts.month && (*parts.month < 1 || *parts.month > 12)) return invalid("MonthOfYear", 1, 12, *parts.month);
  if (parts.hour && *parts.hour > 23) return invalid("HourOfDay", 0, 23, *parts.hour);
  if (parts.minute && *parts.minute > 59) return invalid("MinuteOfHour", 0, 59, *parts.minute);
  if (parts.second && *parts.second > 59) return invalid("SecondOfMinute", 0, 59, *parts.second);
  if (parts.day && (*parts.day < 1 || *parts.day > 31)) return std::unexpected(fmt::format("Text '{}' could not be parsed: Invalid value for DayOfMonth (valid values 1 - 28/31): {}", text, *parts.day));
  std::int64_t epoch_day = 0;
  if (parts.year && parts.day_of_year) epoch_day = days_from_civil(*parts.year, 1, 1) + *parts.day_of_year - 1;
  else if (parts.year && parts.month && parts.day) epoch_day = days_from_civil(*parts.year, *parts.month, std::min(*parts.day, month_length(*parts.year, *parts.month)));
  else return std::unexpected(no_date(text, parts));
  if (*parts.year > year_max || *parts.year < -year_max) return std::unexpected(fmt::format("Text '{}' could not be parsed: Invalid value for Year (valid values -{} - {}): {}", text, year_max, year_max, *parts.year));
  // Without an hour there is no time of day: the date begins at midnight.
  const std::int64_t second = parts.hour ? *parts.hour * 3600 + parts.minute.value_or(0) * 60 + parts.second.value_or(0) : 0;
  if (parts.zone && parts.hour && parts.offset_seconds) return Moment{epoch_day * 86'400 + second - *parts.offset_seconds, parts.nanos, *parts.zone};
  return from_wall_time(epoch_day, second, parts.hour ? parts.nanos : 0, parts.zone && parts.hour ? *parts.zone : zone);
}

Dated<Moment> parse_with(std::string_view text, std::string_view pattern, std::string_view locale, const Zone& zone) {
  PatternParser parser(text, pattern, locale);
  Parts parts;
  if (!parser.run(parts)) {
    if (!parser.pattern_error().empty()) return std::unexpected(parser.pattern_error());
    return std::unexpected(fmt::format("Text '{}' could not be parsed at index {}", text, utf16_length(text.substr(0, parser.at()))));
  }
  if (parser.at() < text.size()) return std::unexpected(fmt::format("Text '{}' could not be parsed, unparsed text found at index {}", text, utf16_length(text.substr(0, parser.at()))));
  return resolve(text, parts, zone);
}

// ISO texts have fractions of any length, which no pattern can say: the fraction is cut out and read apart.
Dated<Moment> parse_iso(std::string_view text, std::string_view pattern, const Zone& zone) {
  std::string plain(text);
  std::int32_t nanos = 0;
  const std::size_t clock = text.find('T');
  const std::size_t point = clock == std::string_view::npos ? std::string_view::npos : text.find('.', clock);
  if (point == clock + 9 && clock != std::string_view::npos) {
    std::size_t end = point + 1;
    std::int32_t unit = 100'000'000;
    for (; end < text.size() && text[end] >= '0' && text[end] <= '9' && end <= point + 9; ++end, unit /= 10) nanos += (text[end] - '0') * unit;
    plain.erase(point, end - point);
  }
  auto moment = parse_with(plain, pattern, "", zone);
  if (!moment) return std::unexpected(fmt::format("Text '{}'{}", text, moment.error().substr(moment.error().find("' could") + 1)));
  moment->nanos = nanos;
  return moment;
}

constexpr std::string_view iso_zoned = "yyyy-MM-dd'T'HH:mm[:ss]XXX['['VV']']";
constexpr std::string_view iso_local = "yyyy-MM-dd'T'HH:mm[:ss]";
constexpr std::string_view iso_date = "yyyy-MM-dd";
}  // namespace

Dated<Moment> parse_date(std::string_view text, std::string_view format, std::string_view locale, const Zone& zone) {
  if (text.size() > text_bytes_max || format.size() > text_bytes_max) return std::unexpected(fmt::format("A date text or pattern is longer than {} characters", text_bytes_max));
  static const std::set<std::string_view> iso_names = {"iso_date_time", "iso_zoned_date_time", "iso_local_date_time", "iso_instant", "iso_date", "iso_local_date"};
  if (format.empty() || iso_names.contains(format)) {
    for (const std::string_view pattern : {iso_zoned, iso_local}) {
      if (auto moment = parse_iso(text, pattern, zone)) return moment;
    }
    return parse_iso(text, iso_date, zone);
  }
  if (format == "rfc_1123_date_time") {
    for (const std::string_view pattern : {"[EEE, ]d MMM yyyy HH:mm[:ss] 'GMT'", "[EEE, ]d MMM yyyy HH:mm[:ss] xx"}) {
      Zone utc;
      if (auto moment = parse_with(text, pattern, "", utc)) return moment;
    }
    return parse_with(text, "[EEE, ]d MMM yyyy HH:mm[:ss] xx", "", zone);
  }
  static const std::map<std::string_view, std::string_view> names = {{"iso", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}, {"iso_sec", "yyyy-MM-dd'T'HH:mm:ssXXX"}, {"iso_milli", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"},
                                                                     {"full", "EEEE, MMMM d, y, h:mm:ss\u202fa zzzz"}, {"long", "MMMM d, y, h:mm:ss\u202fa z"}, {"medium", "MMM d, y, h:mm:ss\u202fa"}, {"short", "M/d/yy, h:mm\u202fa"},
                                                                     {"sql", "yyyy-MM-dd HH:mm:ss.SSSSSS"}, {"sql_sec", "yyyy-MM-dd HH:mm:ss"}, {"sql_milli", "yyyy-MM-dd HH:mm:ss.SSS"}};
  const auto named = names.find(format);
  return parse_with(text, named == names.end() ? format : named->second, locale, zone);
}

}  // namespace insula::expression
