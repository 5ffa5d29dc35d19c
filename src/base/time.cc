#include "base/time.h"

#include <cctype>

namespace insula {
namespace {

using namespace std::chrono;

struct Fields {
  int year, month, day, hour, minute, second;
  int microsecond;
};

Fields split(Instant instant) {
  const auto day_point = floor<days>(instant);
  const year_month_day date{day_point};
  const hh_mm_ss time{instant - day_point};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
          static_cast<int>(time.subseconds().count())};
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool take_letter(char upper) {
    if (std::toupper(static_cast<unsigned char>(peek())) != upper) return false;
    ++at_;
    return true;
  }
  std::optional<int> digits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (!is_digit()) return std::nullopt;
      value = value * 10 + (text_[at_++] - '0');
    }
    return value;
  }
  bool is_digit() const { return std::isdigit(static_cast<unsigned char>(peek())) != 0; }
  char next() { return text_[at_++]; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string format_instant(Instant instant) {
  const Fields f = split(instant);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", f.year, f.month, f.day, f.hour, f.minute, f.second, f.microsecond);
}

std::string format_instant_short(Instant instant) {
  const Fields f = split(instant);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", f.year, f.month, f.day, f.hour, f.minute, f.second);
  if (f.microsecond % 1000 != 0) {
    text += fmt::format(".{:06}", f.microsecond);
  } else if (f.microsecond != 0) {
    text += fmt::format(".{:03}", f.microsecond / 1000);
  }
  return text + "Z";
}

std::optional<Instant> parse_instant(std::string_view text) {
  Reader in(text);
  const auto y = in.digits(4);
  if (!y || !in.take('-')) return std::nullopt;
  const auto mo = in.digits(2);
  if (!mo || !in.take('-')) return std::nullopt;
  const auto d = in.digits(2);
  if (!d || !in.take_letter('T')) return std::nullopt;
  const auto h = in.digits(2);
  if (!h || !in.take(':')) return std::nullopt;
  const auto mi = in.digits(2);
  if (!mi) return std::nullopt;
  int s = 0;
  std::int64_t micro = 0;
  if (in.take(':')) {
    const auto sec = in.digits(2);
    if (!sec) return std::nullopt;
    s = *sec;
    if (in.take('.') || in.take(',')) {
      int count = 0;
      for (; in.is_digit() && count < 9; ++count) {
        const int digit = in.next() - '0';
        if (count < 6) micro = micro * 10 + digit;
      }
      if (count == 0) return std::nullopt;
      for (; count < 6; ++count) micro *= 10;
    }
  }
  minutes offset{0};
  if (!in.take_letter('Z')) {
    const char sign = in.done() ? '\0' : in.next();
    if (sign != '+' && sign != '-') return std::nullopt;
    const auto oh = in.digits(2);
    if (!oh) return std::nullopt;
    in.take(':');
    int om = 0;
    if (!in.done()) {
      const auto minute = in.digits(2);
      if (!minute) return std::nullopt;
      om = *minute;
    }
    offset = minutes((*oh * 60 + om) * (sign == '-' ? -1 : 1));
  }
  const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
  if (!in.done() || !date.ok() || *h > 23 || *mi > 59 || s > 59) return std::nullopt;
  return Instant(sys_days(date)) + hours(*h) + minutes(*mi) + seconds(s) + microseconds(micro) - offset;
}

std::string format_duration(Duration duration) {
  if (duration == Duration::zero()) return "PT0S";
  const std::int64_t total = duration.count();
  const std::int64_t whole = total / 1'000'000;  // truncated towards zero, like the parts of java.time.Duration's text
  const std::int64_t micro = total % 1'000'000;
  const std::int64_t h = whole / 3600;
  const std::int64_t m = (whole % 3600) / 60;
  const std::int64_t s = whole % 60;
  std::string text = "PT";
  if (h != 0) text += fmt::format("{}H", h);
  if (m != 0) text += fmt::format("{}M", m);
  if (s != 0 || micro != 0) {
    std::string fraction;
    if (micro != 0) {
      fraction = fmt::format(".{:06}", micro < 0 ? -micro : micro);
      while (fraction.back() == '0') fraction.pop_back();
    }
    text += fmt::format("{}{}{}S", s == 0 && total < 0 ? "-" : "", s, fraction);
  }
  return text;
}

std::optional<Duration> parse_duration(std::string_view text) {
  Reader in(text);
  std::int64_t sign = 1;
  if (in.take('-')) sign = -1;
  else in.take('+');
  if (!in.take_letter('P')) return std::nullopt;
  Duration total{0};
  bool time_part = false, any = false;
  int last_rank = -1;
  while (!in.done()) {
    if (!time_part && in.take_letter('T')) {
      time_part = true;
      if (in.done()) return std::nullopt;
      continue;
    }
    std::int64_t part_sign = 1;
    if (in.take('-')) part_sign = -1;
    else in.take('+');
    if (!in.is_digit()) return std::nullopt;
    std::int64_t whole = 0, micro = 0;
    while (in.is_digit()) {
      if (whole > 100'000'000'000) return std::nullopt;
      whole = whole * 10 + (in.next() - '0');
    }
    bool fraction = false;
    if (in.take('.') || in.take(',')) {
      fraction = true;
      int count = 0;
      for (; in.is_digit() && count < 9; ++count) {
        const int digit = in.next() - '0';
        if (count < 6) micro = micro * 10 + digit;
      }
      for (; count < 6; ++count) micro *= 10;
    }
    int rank;
    Duration unit;
    if (!time_part && in.take_letter('W')) rank = 0, unit = days(7);
    else if (!time_part && in.take_letter('D')) rank = 1, unit = days(1);
    else if (time_part && in.take_letter('H')) rank = 2, unit = hours(1);
    else if (time_part && in.take_letter('M')) rank = 3, unit = minutes(1);
    else if (time_part && in.take_letter('S')) rank = 4, unit = seconds(1);
    else return std::nullopt;
    if (rank <= last_rank || (fraction && rank != 4)) return std::nullopt;
    last_rank = rank;
    if (whole > INT64_MAX / 2 / unit.count()) return std::nullopt;
    total += part_sign * (whole * unit + microseconds(micro));
    any = true;
  }
  if (!any) return std::nullopt;
  return sign * total;
}

}  // namespace insula
