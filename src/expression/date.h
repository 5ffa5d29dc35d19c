// Dates as the filters of 1.3 see them: java.time's ZonedDateTime, its patterns and its messages.
#pragma once
#include <expected>

#include "expression/value.h"

namespace date {
class time_zone;
}

namespace insula::expression {

struct Zone {
  std::string id = "UTC";                    // as it prints: `Europe/Paris`, `+02:00`, `Z`
  const ::date::time_zone* rules = nullptr;  // nullptr: a fixed offset
  std::int32_t offset_seconds = 0;
};

struct Moment {
  std::int64_t seconds = 0;  // since 1970 in UTC
  std::int32_t nanos = 0;
  Zone zone = {};
};

struct Fields {  // wall time of a Moment
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int32_t nanos = 0;
  std::int64_t epoch_day = 0;
  std::int32_t offset_seconds = 0;
  bool summer_time = false;
};

template <class T>
using Dated = std::expected<T, std::string>;  // the error is the text that is shown

inline constexpr std::int64_t year_max = 29'000;  // of the zone rules behind; years beyond are refused

Dated<Zone> find_zone(std::string_view id);
std::int32_t offset_at(const Zone& zone, std::int64_t utc_seconds, bool* summer_time = nullptr);
Fields fields_of(const Moment& moment);
// Wall time → instant: a gap moves forward by its length, an overlap takes the earlier offset.
Moment from_wall_time(std::int64_t epoch_day, std::int64_t second_of_day, std::int32_t nanos, const Zone& zone);

// Names: iso, iso_sec, iso_milli, sql, …; anything else is a pattern of DateTimeFormatter. `locale`: a language tag, empty for English.
Dated<std::string> format_date(const Moment& moment, std::string_view format, std::string_view locale);
// A date text by a pattern or name, or (empty format) as ISO zoned date-time, local date-time or date.
Dated<Moment> parse_date(std::string_view text, std::string_view format, std::string_view locale, const Zone& zone);
// A value as the filters take it: dates, texts, integers of seconds, 13 digits of milliseconds, 19 of nanoseconds; converted to the zone.
Dated<Moment> to_moment(const Value& value, std::string_view existing_format, std::string_view locale, const Zone& zone);
// Units are ChronoUnit names.
Dated<Moment> add_to_date(const Moment& moment, std::int64_t amount, std::string_view unit);
std::optional<Value> ion_timestamp(std::string_view text);

// English and some other languages.
enum class TextStyle : std::uint8_t { short_, full, narrow };
std::string_view month_name(int month, TextStyle style, std::string_view locale);
std::string_view day_name(int iso_day, TextStyle style, std::string_view locale);
// `CEST`, `Central European Summer Time`, `CET`, `Central European Time`; the id when the zone has no names.
std::string zone_name(const Zone& zone, bool summer_time, bool full, bool generic);

}  // namespace insula::expression
