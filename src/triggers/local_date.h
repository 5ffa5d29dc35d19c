// Dates and times as conditions write them. Private to this folder.
#pragma once
#include "base/base.h"

namespace insula::triggers {

// `2026-11-24`, or a date with a time: its date in the offset it is written with.
Result<std::chrono::year_month_day> read_local_date(std::string_view text);
// With a time and an offset, perhaps a region behind.
Result<Instant> read_zoned_date(std::string_view text);
// `08:00:00+02:00`, `08:00Z`: time since midnight in UTC, before the offset is wrapped into one day (java.time.OffsetTime compares so).
Result<Duration> read_offset_time(std::string_view text);
// The same of a date's time.
Result<Duration> read_time_of_date(std::string_view text);
// `09:00:00`, `09:00`: since midnight.
std::optional<Duration> read_local_time(std::string_view text);
Result<std::chrono::weekday> read_weekday(std::string_view name);   // MONDAY …

}  // namespace insula::triggers
