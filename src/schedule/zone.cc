#include "schedule/zone.h"

#include <date/tz.h>

namespace insula::schedule {
namespace {

using std::chrono::seconds;
constexpr std::size_t name_bytes_max = 64;

std::optional<int> two_digits(std::string_view text) {
  if (text.size() != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

// java.time.ZoneOffset.of: `Z`, `+h`, `+hh`, `+hh:mm`, `+hhmm`, `+hh:mm:ss`, `+hhmmss`; within ±18:00.
std::optional<seconds> parse_offset(std::string_view text) {
  if (text == "Z") return seconds(0);
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool negative = text[0] == '-';
  text.remove_prefix(1);
  std::string digits;
  if (text.size() == 1) {
    digits = '0' + std::string(text);
  } else if (text.size() == 5 || text.size() == 8) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i % 3 != 2) digits += text[i];
      else if (text[i] != ':') return std::nullopt;
    }
  } else if (text.size() == 2 || text.size() == 4 || text.size() == 6) {
    digits = text;
  } else {
    return std::nullopt;
  }
  int total = 0;
  for (std::size_t at = 0, unit = 3600; at < digits.size(); at += 2, unit /= 60) {
    const auto part = two_digits(std::string_view(digits).substr(at, 2));
    if (!part || (at > 0 && *part > 59)) return std::nullopt;
    total += *part * static_cast<int>(unit);
  }
  if (total > 18 * 3600) return std::nullopt;
  return seconds(negative ? -total : total);
}

// `UTC`, `GMT`, `UT`, alone or with an offset behind: `UTC+2`.
std::optional<seconds> parse_fixed(std::string_view name) {
  if (const auto offset = parse_offset(name)) return offset;
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view rest = name.substr(prefix.size());
    if (rest.empty()) return seconds(0);
    if (rest[0] == '+' || rest[0] == '-') return parse_offset(rest);
  }
  return std::nullopt;
}

const date::time_zone* region_of(const void* region) { return static_cast<const date::time_zone*>(region); }

std::unexpected<Error> unknown_zone(std::string_view name) {
  const auto near = nearest_word(name.substr(0, name_bytes_max), zone_names());
  return fail(ErrorKind::invalid, "zone-unknown",
              fmt::format("'{}' is no time zone{}. Use a region such as Europe/Paris, UTC, or an offset such as +02:00", name.substr(0, name_bytes_max),
                          near ? fmt::format("; did you mean '{}'?", *near) : std::string()));
}

}  // namespace

Zone Zone::utc() { return {"UTC", seconds(0), nullptr}; }

OffsetPeriod Zone::period_at(Instant instant) const {
  if (!region_) return {Instant::min(), Instant::max(), fixed_};
  const date::sys_info info = region_of(region_)->get_info(std::chrono::floor<seconds>(instant));
  // date/tz marks "always" with the ends of its own calendar, which are outside what microseconds can hold.
  const auto clamp = [](date::sys_seconds end) {
    constexpr auto low = std::chrono::ceil<seconds>(Instant::min());
    constexpr auto high = std::chrono::floor<seconds>(Instant::max());
    return end < low ? Instant::min() : end > high ? Instant::max() : Instant(end);
  };
  return {clamp(info.begin), clamp(info.end), info.offset};
}

Result<Zone> zone(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max) return unknown_zone(name);
  if (const auto fixed = parse_fixed(name)) return Zone(std::string(name), *fixed, nullptr);
  try {
    return Zone(std::string(name), seconds(0), date::locate_zone(name));
  } catch (const std::exception&) {
    return unknown_zone(name);
  }
}

std::vector<std::string> zone_names() {
  std::vector<std::string> names;
  for (const date::time_zone& region : date::get_tzdb().zones) names.push_back(region.name());
  std::sort(names.begin(), names.end());
  return names;
}

std::string format_zoned(Instant instant, const Zone& zone) {
  const seconds offset = zone.offset_at(instant);
  std::string text = format_instant(instant + offset);  // `…:05.250000Z`
  text.pop_back();
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  if (offset == seconds(0)) return text + 'Z';
  const auto total = std::abs(offset.count());
  text += fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', total / 3600, total / 60 % 60);
  if (total % 60 != 0) text += fmt::format(":{:02}", total % 60);
  return text;
}

Result<Instant> parse_zoned(std::string_view text) {
  std::string_view date = text;
  if (text.ends_with(']')) {
    const std::size_t open = text.find('[');
    if (open != std::string_view::npos) {
      if (const auto region = zone(text.substr(open + 1, text.size() - open - 2)); !region) return fail(region.error());
      date = text.substr(0, open);
    }
  }
  if (const auto instant = parse_instant(date)) return *instant;
  return fail(ErrorKind::invalid, "date-invalid",
              fmt::format("'{}' is no date with a time and an offset; write it like 2026-11-24T18:00:00Z or 2026-11-24T18:00:00+01:00", text.substr(0, 100)));
}

}  // namespace insula::schedule
