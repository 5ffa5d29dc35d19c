// Cron texts as the Schedule trigger reads them, and their dates.
//
//   minute hour day-of-month month day-of-week     (with seconds: second first)
//   0–59   0–23 1–31         1–12  0–7, Sunday = 0 or 7; names JAN–DEC, SUN–SAT in any case
//
// Each field: `*`, `5`, `1-5`, `*/15`, `5/15` (from 5 to the end), `1-30/7`, and lists of these. A range may not run backwards; a step is
// within the range of the field and not 0. When day-of-month and day-of-week are both given (neither `*` nor `*/1`), either one is enough.
// Nicknames, in lower case: @yearly @annually @monthly @weekly @daily @midnight @hourly (they also stand where seconds are expected).
// `a b c d e||f g h i j` is due when one of the two is; `0|30 1|5 * * *` means 1:00 and 5:30.
//
// Daylight saving: a date whose local time does not exist that day is left out. In a repeated hour, schedules whose dates are less than
// two hours apart fire in both passes, all others only in the first one.
#pragma once
#include <bitset>

#include "schedule/zone.h"

namespace insula::schedule {

class Cron {
 public:
  // Error `cron-invalid`: `invalid cron expression '61 * * * *': …`, naming the field, its position (1-based), the value and what to do.
  // At most 256 bytes.
  static Result<Cron> parse(std::string_view text, bool with_seconds);

  const std::string& text() const { return text_; }
  // The first date after `after`, or the last date before `before`, in whole seconds; nothing when there is none within ten years.
  std::optional<Instant> next(Instant after, const Zone& zone) const;
  std::optional<Instant> previous(Instant before, const Zone& zone) const;
  // Whether `instant` is a date of this schedule.
  bool matches(Instant instant, const Zone& zone) const;

  // The values at which one alternative is due; days both as numbers and as weekdays.
  struct Fields {
    std::bitset<60> seconds;
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<32> days;      // 1–31
    std::bitset<13> months;    // 1–12
    std::bitset<7> weekdays;   // Sunday = 0
    bool any_day = false;      // the field was `*` or `*/1`
    bool any_weekday = false;
  };

 private:
  std::string text_;
  std::vector<Fields> alternatives_;  // due when one of them is; never empty
};

}  // namespace insula::schedule
