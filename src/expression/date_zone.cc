// Zones and the arithmetic of dates.
#include <date/tz.h>

#include <mutex>  // tidy: pure, because it guards a cache of the zone tables, which never change

#include "expression/date.h"
#include "expression/number.h"

namespace insula::expression {

namespace {
constexpr std::int64_t day_seconds = 86'400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

// `+2`, `+02:00`, `-0230`, `+01:02:03`: seconds, or nothing.
std::optional<std::int32_t> parse_offset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::string digits;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ':' && (i == 3 || i == 6)) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    digits += text[i];
  }
  if (digits.size() == 1) digits.insert(0, "0");
  if (digits.size() != 2 && digits.size() != 4 && digits.size() != 6) return std::nullopt;
  digits.append(6 - digits.size(), '0');
  const int hours = std::atoi(digits.substr(0, 2).c_str());
  const int minutes = std::atoi(digits.substr(2, 2).c_str());
  const int seconds = std::atoi(digits.substr(4, 2).c_str());
  if (hours > 18 || minutes > 59 || seconds > 59 || hours * 3600 + minutes * 60 + seconds > 64'800) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

std::string offset_id(std::int32_t seconds) {
  if (seconds == 0) return "Z";
  const int magnitude = std::abs(seconds);
  std::string out = fmt::format("{}{:02}:{:02}", seconds < 0 ? '-' : '+', magnitude / 3600, magnitude / 60 % 60);
  if (magnitude % 60) out += fmt::format(":{:02}", magnitude % 60);
  return out;
}

const ::date::time_zone* rules_of(std::string_view id) {
  // The names of three letters that stand for an offset only are no zones in Java.
  static const std::set<std::string, std::less<>> unknown = {"EST", "MST", "HST", "ROC"};
  if (unknown.contains(id)) return nullptr;
  try {
    return ::date::locate_zone(std::string(id));
  } catch (const std::exception&) {
    return nullptr;
  }
}
}  // namespace

Dated<Zone> find_zone(std::string_view id) {
  Zone zone;
  if (id == "Z" || id == "z") {
    zone.id = "Z";
    return zone;
  }
  if (id == "UTC" || id == "GMT" || id == "UT") {
    zone.id = std::string(id);
    return zone;
  }
  if (!id.empty() && (id[0] == '+' || id[0] == '-')) {
    const auto offset = parse_offset(id);
    if (!offset) return std::unexpected(fmt::format("Invalid ID for ZoneOffset, invalid format: {}", id));
    zone.offset_seconds = *offset;
    zone.id = offset_id(*offset);
    return zone;
  }
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (!id.starts_with(prefix) || id.size() == prefix.size() || (id[prefix.size()] != '+' && id[prefix.size()] != '-')) continue;
    const auto offset = parse_offset(id.substr(prefix.size()));
    if (!offset) return std::unexpected(fmt::format("Invalid ID for offset-based ZoneId: {}", id));
    zone.offset_seconds = *offset;
    zone.id = std::string(prefix) + (*offset == 0 ? "" : offset_id(*offset));
    return zone;
  }
  const bool plausible = id.size() > 1 && std::isalpha(static_cast<unsigned char>(id[0])) &&
                         std::all_of(id.begin(), id.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("/._~+-").find(c) != std::string_view::npos; });
  if (!plausible) return std::unexpected(fmt::format("Invalid ID for region-based ZoneId, invalid format: {}", id));
  zone.rules = rules_of(id);
  if (!zone.rules) return std::unexpected(fmt::format("Unknown time-zone ID: {}", id));
  zone.id = std::string(id);
  return zone;
}

std::int32_t offset_at(const Zone& zone, std::int64_t utc_seconds, bool* summer_time) {
  if (!zone.rules) return zone.offset_seconds;
  const auto info = zone.rules->get_info(::date::sys_seconds(std::chrono::seconds(utc_seconds)));
  if (summer_time) *summer_time = info.save != std::chrono::minutes(0);
  return static_cast<std::int32_t>(info.offset.count());
}

Fields fields_of(const Moment& moment) {
  Fields fields;
  fields.offset_seconds = offset_at(moment.zone, moment.seconds, &fields.summer_time);
  const std::int64_t local = moment.seconds + fields.offset_seconds;
  fields.epoch_day = floor_div(local, day_seconds);
  const auto second = static_cast<int>(local - fields.epoch_day * day_seconds);
  civil_from_days(fields.epoch_day, fields.year, fields.month, fields.day);
  fields.hour = second / 3600;
  fields.minute = second / 60 % 60;
  fields.second = second % 60;
  fields.nanos = moment.nanos;
  return fields;
}

Moment from_wall_time(std::int64_t epoch_day, std::int64_t second_of_day, std::int32_t nanos, const Zone& zone) {
  const std::int64_t local = epoch_day * day_seconds + second_of_day;
  Moment moment{local - zone.offset_seconds, nanos, zone};
  if (zone.rules) {
    const auto info = zone.rules->get_info(::date::local_seconds(std::chrono::seconds(local)));
    moment.seconds = local - info.first.offset.count();  // in a gap the offset before it, which moves forward; in an overlap the earlier one
  }
  return moment;
}

namespace {
Moment add_seconds(Moment moment, std::int64_t seconds, std::int64_t nanos) {
  const std::int64_t total = moment.nanos + nanos;
  moment.seconds += seconds + floor_div(total, 1'000'000'000);
  moment.nanos = static_cast<std::int32_t>(total - floor_div(total, 1'000'000'000) * 1'000'000'000);
  return moment;
}

int month_length(std::int64_t year, int month) {
  constexpr std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : lengths[static_cast<std::size_t>(month - 1)];
}

Dated<Moment> add_days(const Moment& moment, std::int64_t months, std::int64_t days) {
  Fields fields = fields_of(moment);
  const std::int64_t month = fields.year * 12 + fields.month - 1 + months;
  const std::int64_t year = floor_div(month, 12);
  if (year > year_max || year < -year_max || days > year_max * 366 || days < -year_max * 366) return std::unexpected(fmt::format("Invalid value for Year (valid values -{0} - {0}): {1}", year_max, year));
  const int month_of_year = static_cast<int>(month - year * 12) + 1;
  const int day = std::min(fields.day, month_length(year, month_of_year));
  const std::int64_t epoch_day = days_from_civil(year, month_of_year, day) + days;
  Moment made = from_wall_time(epoch_day, fields.hour * 3600 + fields.minute * 60 + fields.second, fields.nanos, moment.zone);
  // As ZonedDateTime: in an overlap the offset stays what it was.
  if (moment.zone.rules) {
    const std::int64_t kept = epoch_day * day_seconds + fields.hour * 3600 + fields.minute * 60 + fields.second - fields.offset_seconds;
    if (offset_at(moment.zone, kept) == fields.offset_seconds) made.seconds = kept;
  }
  return made;
}
}  // namespace

Dated<Moment> add_to_date(const Moment& moment, std::int64_t amount, std::string_view unit) {
  struct Unit {
    std::string_view name;
    std::int64_t months, days, seconds, nanos;
  };
  static constexpr std::array<Unit, 13> units = {{{"NANOS", 0, 0, 0, 1}, {"MICROS", 0, 0, 0, 1000}, {"MILLIS", 0, 0, 0, 1'000'000}, {"SECONDS", 0, 0, 1, 0}, {"MINUTES", 0, 0, 60, 0}, {"HOURS", 0, 0, 3600, 0},
                                                  {"HALF_DAYS", 0, 0, 43'200, 0}, {"DAYS", 0, 1, 0, 0}, {"WEEKS", 0, 7, 0, 0}, {"MONTHS", 1, 0, 0, 0}, {"YEARS", 12, 0, 0, 0}, {"DECADES", 120, 0, 0, 0}, {"CENTURIES", 1200, 0, 0, 0}}};
  if (unit == "ERAS") {
    if (amount == 0) return moment;
    return std::unexpected(fmt::format("Invalid value for Era (valid values 0 - 1): {}", 1 + amount));
  }
  if (unit == "FOREVER") return std::unexpected("Unsupported unit: Forever");
  Unit found{unit, 0, 0, 0, 0};
  if (unit == "MILLENNIA") found.months = 12'000;
  for (const Unit& candidate : units) if (candidate.name == unit) found = candidate;
  if (found.months == 0 && found.days == 0 && found.seconds == 0 && found.nanos == 0) return std::unexpected(fmt::format("No enum constant java.time.temporal.ChronoUnit.{}", unit));
  constexpr std::int64_t amount_max = INT64_MAX / 1'000'000'000;
  if (found.nanos && (amount > INT64_MAX / found.nanos || amount < INT64_MIN / found.nanos)) {
    return add_seconds(moment, amount / (1'000'000'000 / found.nanos), amount % (1'000'000'000 / found.nanos) * found.nanos);
  }
  if (!found.nanos && (amount > amount_max || amount < -amount_max)) return std::unexpected("long overflow");
  if (found.months || found.days) return add_days(moment, found.months * amount, found.days * amount);
  Moment made = add_seconds(moment, found.seconds * amount, found.nanos * amount);
  if (made.seconds > year_max * 31'556'952 || made.seconds < -year_max * 31'556'952) return std::unexpected(fmt::format("Invalid value for Year (valid values -{0} - {0})", year_max));
  return made;
}

Dated<Moment> to_moment(const Value& value, std::string_view existing_format, std::string_view locale, const Zone& zone) {
  if (value.is(Kind::instant)) return Moment{value.integer(), value.nanos(), zone};
  if (value.is(Kind::local_date)) return from_wall_time(value.integer(), 12 * 3600, 0, zone);
  if (value.is(Kind::int64)) {
    const std::int64_t number = value.integer();
    const auto digits = std::to_string(number).size();
    const auto scaled = [&](std::int64_t unit) {
      const std::int64_t seconds = floor_div(number, unit);
      return Moment{seconds, static_cast<std::int32_t>((number - seconds * unit) * (1'000'000'000 / unit)), zone};
    };
    if (digits == 13) return scaled(1000);
    if (digits == 19) {  // nanoseconds, of which 1.3 keeps the last six digits as microseconds
      const std::int64_t seconds = floor_div(number, 1'000'000'000);
      return Moment{seconds, static_cast<std::int32_t>((number % 1'000'000 + 1'000'000) % 1'000'000 * 1000), zone};
    }
    if (number > year_max * 31'556'952 || number < -year_max * 31'556'952) return std::unexpected("Instant exceeds minimum or maximum instant");
    return Moment{number, 0, zone};
  }
  auto moment = parse_date(value.view(), existing_format, locale, zone);
  if (!moment) return moment;
  moment->zone = zone;
  return moment;
}

std::optional<Value> ion_timestamp(std::string_view text) {
  const auto digits = [&](std::size_t at, std::size_t count) -> int {
    if (at + count > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      value = value * 10 + text[i] - '0';
    }
    return value;
  };
  const int year = digits(0, 4);
  int month = 1;
  int day = 1;
  std::size_t at = 4;
  if (at < text.size() && text[at] == '-') {
    month = digits(5, 2);
    at = 7;
    if (at < text.size() && text[at] == '-') {
      day = digits(8, 2);
      at = 10;
    }
  }
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_length(year, month)) return std::nullopt;
  const std::int64_t epoch_day = days_from_civil(year, month, day);
  if (at == text.size() && at != 10) return std::nullopt;  // without a day a `T` must follow
  if (at == text.size() || (at + 1 == text.size() && text[at] == 'T')) return Value::local_date(epoch_day);
  const int hour = digits(at + 1, 2);
  const int minute = digits(at + 4, 2);
  if (text[at] != 'T' || hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  at += 6;
  int second = 0;
  std::int32_t nanos = 0;
  if (at < text.size() && text[at] == ':') {
    second = digits(at + 1, 2);
    if (second < 0 || second > 59) return std::nullopt;
    at += 3;
    if (at < text.size() && text[at] == '.') {
      std::int32_t unit = 100'000'000;
      for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) nanos += (text[at] - '0') * unit;
    }
  }
  std::int32_t offset = 0;
  if (text.substr(at) != "Z") {
    const auto parsed = parse_offset(text.substr(at));
    if (!parsed) return std::nullopt;
    offset = *parsed;
  }
  const std::int64_t seconds = epoch_day * day_seconds + hour * 3600 + minute * 60 + second - offset;
  // 1.3 gives a date for what has no time of day in UTC.
  if (seconds % day_seconds == 0 && nanos == 0) return Value::local_date(floor_div(seconds, day_seconds));
  return Value::instant(seconds, nanos);
}

}  // namespace insula::expression
