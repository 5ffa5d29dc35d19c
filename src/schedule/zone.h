// A time zone: an IANA region (`Europe/Paris`) or a fixed offset (`Z`, `UTC`, `+02:00`, `UTC+2`), as java.time.ZoneId reads them.
#pragma once
#include "base/base.h"

namespace insula::schedule {

// A span in which the zone keeps one offset: `begin` ≤ instant < `end`. Local time = instant + offset.
struct OffsetPeriod {
  Instant begin;
  Instant end;
  std::chrono::seconds offset;
};

class Zone {
 public:
  static Zone utc();

  // As written by the user.
  const std::string& name() const { return name_; }
  OffsetPeriod period_at(Instant instant) const;
  std::chrono::seconds offset_at(Instant instant) const { return period_at(instant).offset; }

 private:
  friend Result<Zone> zone(std::string_view name);
  Zone(std::string name, std::chrono::seconds fixed, const void* region) : name_(std::move(name)), fixed_(fixed), region_(region) {}

  std::string name_;
  std::chrono::seconds fixed_;  // when region_ is null; within ±18 h
  const void* region_;          // a date::time_zone, which lives as long as the process
};

// Error `zone-unknown` with the nearest name. Names keep their case: `europe/paris` is not a zone. At most 64 bytes.
Result<Zone> zone(std::string_view name);
// Every region name, sorted; for pickers.
std::vector<std::string> zone_names();

// The text of a date in a trigger's variables and state: `2026-11-24T18:00:00+01:00`, `Z` for offset zero, the fraction as short as
// the value allows (ISO_OFFSET_DATE_TIME).
std::string format_zoned(Instant instant, const Zone& zone);
// What parse_instant reads, or that with a region behind it (`2026-11-24T18:00:00+01:00[Europe/Paris]`); the offset decides, the
// region must exist. Errors `date-invalid`, `zone-unknown`.
Result<Instant> parse_zoned(std::string_view text);

}  // namespace insula::schedule
