#include "flow/temporal.h"

namespace insula::flow {
namespace {

using std::chrono::nanoseconds;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads along a text and remembers where it no longer fits.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  int number(std::size_t digits) {
    if (failed_) return 0;
    const std::size_t start = at_;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (start + i >= text_.size() || !is_digit(text_[start + i])) return refuse(start), 0;
      value = value * 10 + (text_[start + i] - '0');
    }
    at_ = start + digits;
    return value;
  }
  void expect(char c) {
    if (failed_) return;
    if (at_ < text_.size() && text_[at_] == c) ++at_;
    else refuse(at_);
  }
  bool take(char c) {
    if (failed_ || at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // Up to nine digits of a second, as nanoseconds.
  std::int64_t fraction() {
    std::int64_t value = 0;
    int digits = 0;
    for (; at_ < text_.size() && is_digit(text_[at_]) && digits < 9; ++digits) value = value * 10 + (text_[at_++] - '0');
    for (; digits < 9; ++digits) value *= 10;
    return value;
  }
  bool at_end() const { return at_ == text_.size(); }
  std::optional<std::string> fault() const {
    if (failed_) return fmt::format("Text '{}' could not be parsed at index {}", text_, failed_at_);
    if (!at_end()) return fmt::format("Text '{}' could not be parsed, unparsed text found at index {}", text_, at_);
    return std::nullopt;
  }
  std::string wrong(std::string_view why) const { return fmt::format("Text '{}' could not be parsed: {}", text_, why); }
  void refuse(std::size_t at) {
    if (!failed_) failed_at_ = at;
    failed_ = true;
  }
  std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
  std::size_t failed_at_ = 0;
};

struct DateParts { int year = 0, month = 0, day = 0; };

DateParts date_parts(Reader& reader) {
  DateParts parts;
  parts.year = reader.number(4);
  reader.expect('-');
  parts.month = reader.number(2);
  reader.expect('-');
  parts.day = reader.number(2);
  return parts;
}

std::optional<std::string> date_fault(const Reader& reader, DateParts parts) {
  static constexpr std::array<std::string_view, 12> kMonths = {"JANUARY", "FEBRUARY", "MARCH",     "APRIL",   "MAY",      "JUNE",
                                                               "JULY",    "AUGUST",   "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"};
  if (parts.month < 1 || parts.month > 12) return reader.wrong(fmt::format("Invalid value for MonthOfYear (valid values 1 - 12): {}", parts.month));
  if (parts.day < 1 || parts.day > 31) return reader.wrong(fmt::format("Invalid value for DayOfMonth (valid values 1 - 28/31): {}", parts.day));
  const std::chrono::year_month_day date(std::chrono::year(parts.year), std::chrono::month(static_cast<unsigned>(parts.month)), std::chrono::day(static_cast<unsigned>(parts.day)));
  if (!date.ok()) return reader.wrong(fmt::format("Invalid date '{} {}'", kMonths[static_cast<std::size_t>(parts.month - 1)], parts.day));
  return std::nullopt;
}

std::string fraction_text(std::int64_t nanos) {
  if (nanos == 0) return "";
  if (nanos % 1'000'000 == 0) return fmt::format(".{:03}", nanos / 1'000'000);
  if (nanos % 1'000 == 0) return fmt::format(".{:06}", nanos / 1'000);
  return fmt::format(".{:09}", nanos);
}

std::string time_text(nanoseconds time, bool may_drop_seconds) {
  const std::int64_t seconds = time.count() / 1'000'000'000;
  const std::int64_t nanos = time.count() % 1'000'000'000;
  std::string text = fmt::format("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
  if (may_drop_seconds && seconds % 60 == 0 && nanos == 0) return text;
  return text + fmt::format(":{:02}{}", seconds % 60, fraction_text(nanos));
}

}  // namespace

std::expected<std::chrono::sys_days, std::string> read_date(std::string_view text) {
  Reader reader(text);
  const DateParts parts = date_parts(reader);
  if (auto fault = reader.fault()) return std::unexpected(*fault);
  if (auto fault = date_fault(reader, parts)) return std::unexpected(*fault);
  return std::chrono::sys_days(std::chrono::year(parts.year) / parts.month / parts.day);
}

std::expected<nanoseconds, std::string> read_time_of_day(std::string_view text) {
  Reader reader(text);
  const int hour = reader.number(2);
  reader.expect(':');
  const int minute = reader.number(2);
  int second = 0;
  std::int64_t nanos = 0;
  if (reader.take(':')) {
    second = reader.number(2);
    if (reader.take('.')) nanos = reader.fraction();
  }
  if (auto fault = reader.fault()) return std::unexpected(*fault);
  if (hour > 23) return std::unexpected(reader.wrong(fmt::format("Invalid value for HourOfDay (valid values 0 - 23): {}", hour)));
  if (minute > 59) return std::unexpected(reader.wrong(fmt::format("Invalid value for MinuteOfHour (valid values 0 - 59): {}", minute)));
  if (second > 59) return std::unexpected(reader.wrong(fmt::format("Invalid value for SecondOfMinute (valid values 0 - 59): {}", second)));
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) + nanoseconds(nanos);
}

std::expected<Instant, std::string> read_instant(std::string_view text) {
  if (const auto instant = parse_instant(text)) return *instant;
  Reader reader(text);
  date_parts(reader);
  reader.expect('T');
  reader.number(2);
  reader.expect(':');
  reader.number(2);
  reader.expect(':');
  reader.number(2);
  if (reader.take('.')) reader.fraction();
  reader.refuse(reader.at());   // what is left is neither `Z` nor an offset
  return std::unexpected(*reader.fault());
}

std::string format_date(std::chrono::sys_days date) {
  const std::chrono::year_month_day ymd(date);
  return fmt::format("{:04}-{:02}-{:02}", int(ymd.year()), unsigned(ymd.month()), unsigned(ymd.day()));
}

std::string format_time_of_day(nanoseconds time) { return time_text(time, false); }
std::string format_time_of_day_short(nanoseconds time) { return time_text(time, true); }

}  // namespace insula::flow
