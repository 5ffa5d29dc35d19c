// Instants, durations, their ISO-8601 texts, and the port to the clock.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace insula {

// Wall time in UTC with microseconds: what is stored and shown (six digits of the second).
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

// `2026-11-24T16:45:31.440286Z`: always six digits.
std::string format_instant(Instant instant);
// `2026-11-24T16:45:31Z`, `…31.5Z`, `…31.440286Z`: as few digits as the value needs, in steps of 0, 3, 6 (java.time.Instant.toString).
std::string format_instant_short(Instant instant);
// ISO-8601 date-time with `Z` or an offset (`+02:00`); fraction of 0–9 digits, cut to microseconds. Nothing else is accepted.
std::optional<Instant> parse_instant(std::string_view text);

// java.time.Duration text: `PT0.203833S`, `PT1H2M`, `PT0S`.
std::string format_duration(Duration duration);
// `P1DT2H3M4.5S`, `PT-5S`, `-PT1M`, also weeks `P2W`; months and years are refused. Letters in either case.
std::optional<Duration> parse_duration(std::string_view text);

// The port to time. Real in the server, moved by hand in tests and in the simulator.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  // Never steps back; for leases and time-outs.
  virtual std::chrono::steady_clock::time_point monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }
  std::chrono::steady_clock::time_point monotonic() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace insula
