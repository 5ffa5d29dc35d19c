// Dates and times of day as inputs take them, with the messages of java.time. Private to this folder.
#pragma once
#include "base/base.h"

namespace insula::flow {

// ISO forms only: `2019-10-06`; `18:27`, `18:27:49`, `18:27:49.123`. The error is what java.time says of the text, `Text '…' could not be parsed at index 4`.
std::expected<Instant, std::string> read_instant(std::string_view text);
std::expected<std::chrono::sys_days, std::string> read_date(std::string_view text);
std::expected<std::chrono::nanoseconds, std::string> read_time_of_day(std::string_view text);

std::string format_date(std::chrono::sys_days date);                  // `2019-10-06`
std::string format_time_of_day(std::chrono::nanoseconds time);        // `18:27:00`, `18:27:49.123`: seconds always
std::string format_time_of_day_short(std::chrono::nanoseconds time);  // `18:27` when the seconds are 0, as java.time.LocalTime prints

}  // namespace insula::flow
