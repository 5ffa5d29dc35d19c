#include "schedule/missed.h"

namespace insula::schedule {

std::optional<MissedPolicy> missed_policy(std::string_view name) {
  if (name == "ALL") return MissedPolicy::all;
  if (name == "LAST") return MissedPolicy::last;
  if (name == "NONE") return MissedPolicy::none;
  return std::nullopt;
}

namespace {

// One walk for both kinds of schedule: `next` is strictly after its argument, `previous` strictly before it.
template <class Next, class Previous>
Missed walk(Next next_after, Previous previous_before, Instant last, Instant now, MissedPolicy policy, std::size_t limit) {
  Missed result;
  if (policy == MissedPolicy::last) {
    const auto newest = previous_before(now + Duration(1));
    if (newest && *newest > last) result.dates.push_back(*newest);
  }
  if (policy != MissedPolicy::all) {
    result.next = next_after(std::max(last, now));
    return result;
  }
  std::optional<Instant> date = next_after(last);
  while (date && *date <= now && result.dates.size() < std::max<std::size_t>(limit, 1)) {
    result.dates.push_back(*date);
    date = next_after(*date);
  }
  result.complete = !date || *date > now;
  result.next = date;
  return result;
}

}  // namespace

Missed missed(const Cron& cron, const Zone& zone, Instant last, Instant now, MissedPolicy policy, std::size_t limit) {
  return walk([&](Instant after) { return cron.next(after, zone); }, [&](Instant before) { return cron.previous(before, zone); }, last, now, policy, limit);
}

Missed missed(std::span<const Instant> dates, Instant last, Instant now, MissedPolicy policy, std::size_t limit) {
  return walk([&](Instant after) { return next(dates, after); }, [&](Instant before) { return previous(dates, before); }, last, now, policy, limit);
}

std::optional<Instant> next(std::span<const Instant> dates, Instant after) {
  std::optional<Instant> nearest;
  for (const Instant date : dates) {
    if (date > after && (!nearest || date < *nearest)) nearest = date;
  }
  return nearest;
}

std::optional<Instant> previous(std::span<const Instant> dates, Instant before) {
  std::optional<Instant> nearest;
  for (const Instant date : dates) {
    if (date < before && (!nearest || date > *nearest)) nearest = date;
  }
  return nearest;
}

JsonObject trigger_variables(const Cron& cron, const Zone& zone, Instant date) {
  JsonObject variables;
  variables["date"] = format_zoned(date, zone);
  if (const auto next = cron.next(date, zone)) variables["next"] = format_zoned(*next, zone);
  if (const auto previous = cron.previous(date, zone)) variables["previous"] = format_zoned(*previous, zone);
  return variables;
}

}  // namespace insula::schedule
