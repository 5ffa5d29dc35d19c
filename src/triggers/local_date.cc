#include "triggers/local_date.h"

#include "schedule/schedule.h"

namespace insula::triggers {

namespace {

std::unexpected<Error> no(std::string_view what, std::string_view text) {
  return fail(ErrorKind::invalid, "condition-invalid", fmt::format("'{}' is no {}", text.substr(0, 100), what));
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.starts_with('-')) return std::nullopt;
  return value;
}

// `Z`, `+02:00`, `-0330`, `+02`.
std::optional<Duration> offset_of(std::string_view text) {
  if (text == "Z") return Duration(0);
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = number(text.substr(1, 2));
  std::string_view rest = text.substr(3);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  const auto minutes = rest.empty() ? std::optional(0) : rest.size() == 2 ? number(rest) : std::nullopt;
  if (!hours || !minutes || *hours > 18 || *minutes > 59) return std::nullopt;
  const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<Duration> read_local_time(std::string_view text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() < 2 || parts.size() > 3 || parts[0].size() != 2 || parts[1].size() != 2) return std::nullopt;
  // Seconds with their fraction are read where dates are read.
  const auto instant = parse_instant(fmt::format("1970-01-01T{}:{}:{}Z", parts[0], parts[1], parts.size() == 3 ? parts[2] : "00"));
  if (!instant) return std::nullopt;
  return instant->time_since_epoch();
}

Result<std::chrono::year_month_day> read_local_date(std::string_view text) {
  const std::string_view day = text.substr(0, 10);
  const bool shaped = day.size() == 10 && day[4] == '-' && day[7] == '-';
  const auto year = shaped ? number(day.substr(0, 4)) : std::nullopt;
  const auto month = shaped ? number(day.substr(5, 2)) : std::nullopt;
  const auto of_month = shaped ? number(day.substr(8, 2)) : std::nullopt;
  if (!year || !month || !of_month) return no("date", text);
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)), std::chrono::day(static_cast<unsigned>(*of_month))};
  if (!date.ok()) return no("date", text);
  const std::string_view rest = text.substr(10);
  if (rest.empty() || offset_of(rest)) return date;
  if (!schedule::parse_zoned(text) && !parse_instant(std::string(text) + "Z")) return no("date", text);
  return date;
}

Result<Instant> read_zoned_date(std::string_view text) { return schedule::parse_zoned(text); }

Result<Duration> read_offset_time(std::string_view text) {
  const std::size_t at = text.find_first_of("Z+-");
  if (at == std::string_view::npos) return no("time with an offset, such as 16:00:00+02:00", text);
  const auto local = read_local_time(text.substr(0, at));
  const auto offset = offset_of(text.substr(at));
  if (!local || !offset) return no("time with an offset, such as 16:00:00+02:00", text);
  return *local - *offset;
}

Result<Duration> read_time_of_date(std::string_view text) {
  if (auto instant = schedule::parse_zoned(text); !instant) return fail(instant.error());
  const std::size_t time = text.find_first_of("Tt");
  const std::size_t region = text.find('[');
  return read_offset_time(text.substr(time + 1, region == std::string_view::npos ? region : region - time - 1));
}

Result<std::chrono::weekday> read_weekday(std::string_view name) {
  static constexpr std::array<std::string_view, 7> names{"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"};
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return no("day of the week (MONDAY … SUNDAY)", name);
  return std::chrono::weekday(static_cast<unsigned>(found - names.begin()));
}

}  // namespace insula::triggers
