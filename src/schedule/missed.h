// Dates that passed while nobody looked (server down, trigger disabled), and the dates of ScheduleOnDates.
#pragma once
#include <span>

#include "schedule/cron.h"

namespace insula::schedule {

// `recoverMissedSchedules`.
enum class MissedPolicy { all, last, none };
std::optional<MissedPolicy> missed_policy(std::string_view name);  // `ALL`, `LAST`, `NONE`

struct Missed {
  std::vector<Instant> dates;    // to run, oldest first
  std::optional<Instant> next;   // the planned date that follows the last of `dates`, or follows `now` when they are complete
  bool complete = true;          // false: `limit` was reached and more are missed after the last of `dates`
};

// The dates d with last < d ≤ now that `policy` wants run; at most `limit` (≥ 1), the oldest ones first.
Missed missed(const Cron& cron, const Zone& zone, Instant last, Instant now, MissedPolicy policy, std::size_t limit);
// The same for a list of dates in any order; equal ones count once.
Missed missed(std::span<const Instant> dates, Instant last, Instant now, MissedPolicy policy, std::size_t limit);

// ScheduleOnDates: the first date after, the last one before.
std::optional<Instant> next(std::span<const Instant> dates, Instant after);
std::optional<Instant> previous(std::span<const Instant> dates, Instant before);

// `lateMaximumDelay`: whether an evaluation at `now` comes too late for `date`.
inline bool too_late(Instant date, Instant now, std::optional<Duration> maximum_delay) { return maximum_delay && now > date + *maximum_delay; }

// The variables of a Schedule trigger: `{date, next, previous}` as texts of format_zoned; what does not exist is absent.
JsonObject trigger_variables(const Cron& cron, const Zone& zone, Instant date);

}  // namespace insula::schedule
