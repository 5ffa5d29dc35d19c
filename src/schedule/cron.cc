// Fields → dates: a search in local time within each span of constant offset, so that no minute is ever stepped through.
#include "schedule/cron.h"

#include <date/date.h>

namespace insula::schedule {
namespace {

using std::chrono::seconds;
using Local = std::chrono::time_point<date::local_t, seconds>;
using Seconds = std::chrono::sys_time<seconds>;

constexpr int years_searched_max = 10;
constexpr seconds dense_below = std::chrono::hours(2);

template <std::size_t N>
std::optional<std::size_t> at_or_after(const std::bitset<N>& set, std::size_t from) {
  for (std::size_t value = from; value < N; ++value) {
    if (set[value]) return value;
  }
  return std::nullopt;
}
template <std::size_t N>
std::optional<std::size_t> at_or_before(const std::bitset<N>& set, std::size_t from) {
  for (std::size_t value = from + 1; value-- > 0;) {
    if (set[value]) return value;
  }
  return std::nullopt;
}

bool day_matches(const Cron::Fields& fields, date::local_days day) {
  const date::year_month_day ymd{day};
  if (!fields.months[static_cast<unsigned>(ymd.month())]) return false;
  const bool by_number = fields.days[static_cast<unsigned>(ymd.day())];
  const bool by_weekday = fields.weekdays[date::weekday{day}.c_encoding()];
  if (fields.any_day) return by_weekday;
  if (fields.any_weekday) return by_number;
  return by_number || by_weekday;
}

// The first due second of a day at or after `from` seconds since its midnight.
std::optional<seconds> first_of_day(const Cron::Fields& fields, seconds from) {
  const auto total = static_cast<std::size_t>(from.count());
  std::size_t hour = total / 3600;
  std::size_t minute = total / 60 % 60;
  const auto second = at_or_after(fields.seconds, total % 60);
  if (!second) ++minute;
  const bool hour_fits = hour < 24 && fields.hours[hour];
  const auto minute_found = hour_fits ? at_or_after(fields.minutes, minute) : std::nullopt;
  const auto as_seconds = [](std::size_t h, std::size_t m, std::size_t s) { return seconds(h * 3600 + m * 60 + s); };
  const std::size_t first_second = *at_or_after(fields.seconds, 0);
  if (minute_found) return as_seconds(hour, *minute_found, second && *minute_found == minute ? *second : first_second);
  const auto next_hour = at_or_after(fields.hours, hour + 1);
  if (!next_hour) return std::nullopt;
  return as_seconds(*next_hour, *at_or_after(fields.minutes, 0), first_second);
}

// The last due second of a day at or before `until` seconds since its midnight.
std::optional<seconds> last_of_day(const Cron::Fields& fields, seconds until) {
  const auto total = static_cast<std::size_t>(until.count());
  const std::size_t hour = total / 3600;
  const std::size_t minute = total / 60 % 60;
  const auto as_seconds = [](std::size_t h, std::size_t m, std::size_t s) { return seconds(h * 3600 + m * 60 + s); };
  const std::size_t last_second = *at_or_before(fields.seconds, 59);
  if (fields.hours[hour]) {
    const auto second = at_or_before(fields.seconds, total % 60);
    if (fields.minutes[minute] && second) return as_seconds(hour, minute, *second);
    if (minute > 0) {
      if (const auto earlier = at_or_before(fields.minutes, minute - 1)) return as_seconds(hour, *earlier, last_second);
    }
  }
  if (hour == 0) return std::nullopt;
  const auto earlier_hour = at_or_before(fields.hours, hour - 1);
  if (!earlier_hour) return std::nullopt;
  return as_seconds(*earlier_hour, *at_or_before(fields.minutes, 59), last_second);
}

constexpr seconds day_end = std::chrono::hours(24) - seconds(1);

// The first due local time in [from, end).
std::optional<Local> first_local(const Cron::Fields& fields, Local from, Local end) {
  auto day = std::chrono::floor<date::days>(from);
  auto time = first_of_day(fields, from - day);
  if (time && day_matches(fields, day)) return day + *time < end ? std::optional(day + *time) : std::nullopt;
  for (day += date::days(1); day < end; day += date::days(1)) {
    const date::year_month_day ymd{day};
    if (!fields.months[static_cast<unsigned>(ymd.month())]) {
      day = date::local_days{ymd.year() / ymd.month() / date::last};
    } else if (day_matches(fields, day)) {
      const Local found = day + *first_of_day(fields, seconds(0));
      return found < end ? std::optional(found) : std::nullopt;
    }
  }
  return std::nullopt;
}

// The last due local time in [begin, until].
std::optional<Local> last_local(const Cron::Fields& fields, Local begin, Local until) {
  auto day = std::chrono::floor<date::days>(until);
  const auto time = last_of_day(fields, until - day);
  if (time && day_matches(fields, day)) return day + *time >= begin ? std::optional(day + *time) : std::nullopt;
  const auto first_day = std::chrono::floor<date::days>(begin);
  for (day -= date::days(1); day >= first_day; day -= date::days(1)) {
    const date::year_month_day ymd{day};
    if (!fields.months[static_cast<unsigned>(ymd.month())]) {
      day = date::local_days{ymd.year() / ymd.month() / 1};
    } else if (day_matches(fields, day)) {
      const Local found = day + *last_of_day(fields, day_end);
      return found >= begin ? std::optional(found) : std::nullopt;
    }
  }
  return std::nullopt;
}

struct Span {  // an OffsetPeriod in whole seconds, cut to what is searched
  Seconds begin;
  Seconds end;
  seconds offset;
};

class Search {
 public:
  Search(const Cron::Fields& fields, const Zone& zone, Seconds low, Seconds high) : fields_(fields), zone_(zone), low_(low), high_(high) {}

  std::optional<Seconds> first(Seconds from) const {
    while (const auto found = first_raw(from)) {
      const auto second_pass_end = skipped_pass(*found);
      if (!second_pass_end) return found;
      from = *second_pass_end;
    }
    return std::nullopt;
  }

  std::optional<Seconds> last(Seconds until) const {
    while (const auto found = last_raw(until)) {
      if (!skipped_pass(*found)) return found;
      until = span_at(*found).begin - seconds(1);
    }
    return std::nullopt;
  }

 private:
  Span span_at(Seconds at) const {
    const OffsetPeriod period = zone_.period_at(at);
    // The searched range is kept away from the ends of time, where adding an offset would overflow.
    const Seconds begin = period.begin <= Instant(low_) ? low_ : std::chrono::floor<seconds>(period.begin);
    const Seconds end = period.end >= Instant(high_) ? high_ : std::chrono::floor<seconds>(period.end);
    return {begin, end, period.offset};
  }

  static Local local(Seconds at, seconds offset) { return Local(at.time_since_epoch() + offset); }
  static Seconds instant(Local at, seconds offset) { return Seconds(at.time_since_epoch() - offset); }

  // The first second at or after `from` whose local time is due, both passes of a repeated hour counted.
  std::optional<Seconds> first_raw(Seconds from) const {
    while (from < high_) {
      const Span span = span_at(from);
      if (const auto found = first_local(fields_, local(from, span.offset), local(span.end, span.offset))) return instant(*found, span.offset);
      from = span.end;
    }
    return std::nullopt;
  }

  std::optional<Seconds> last_raw(Seconds until) const {
    while (until >= low_) {
      const Span span = span_at(until);
      if (const auto found = last_local(fields_, local(span.begin, span.offset), local(until, span.offset))) return instant(*found, span.offset);
      until = span.begin - seconds(1);
    }
    return std::nullopt;
  }

  // When `found` lies in the second pass of a repeated hour and the schedule does not fire in it: where that pass ends.
  std::optional<Seconds> skipped_pass(Seconds found) const {
    const OffsetPeriod period = zone_.period_at(found);
    if (period.begin == Instant::min()) return std::nullopt;
    const seconds shift = zone_.offset_at(period.begin - Duration(1)) - period.offset;
    const Seconds pass_begin = std::chrono::floor<seconds>(period.begin);
    if (shift <= seconds(0) || found >= pass_begin + shift) return std::nullopt;
    const Search wider(fields_, zone_, pass_begin, pass_begin + shift + dense_below);
    const auto first_in_pass = wider.first_raw(pass_begin);
    const auto following = first_in_pass ? wider.first_raw(*first_in_pass + seconds(1)) : std::nullopt;
    const bool dense = following && *following - *first_in_pass < dense_below;
    return dense ? std::nullopt : std::optional(pass_begin + shift);
  }

  const Cron::Fields& fields_;
  const Zone& zone_;
  Seconds low_;   // searched: low_ ≤ date < high_
  Seconds high_;
};

// Far enough from the ends of the calendar for every addition below.
constexpr Seconds earliest = date::sys_days{date::year{-9999} / 1 / 1};
constexpr Seconds latest = date::sys_days{date::year{29999} / 1 / 1};
constexpr seconds searched = std::chrono::hours(24) * (366 * years_searched_max);

}  // namespace

std::optional<Instant> Cron::next(Instant after, const Zone& zone) const {
  const Seconds from = std::clamp(std::chrono::floor<seconds>(after) + seconds(1), earliest, latest);
  std::optional<Instant> nearest;
  for (const Fields& fields : alternatives_) {
    const auto found = Search(fields, zone, from, from + searched).first(from);
    if (found && (!nearest || *found < *nearest)) nearest = *found;
  }
  return nearest;
}

std::optional<Instant> Cron::previous(Instant before, const Zone& zone) const {
  const Seconds until = std::clamp(std::chrono::ceil<seconds>(before) - seconds(1), earliest, latest);
  std::optional<Instant> nearest;
  for (const Fields& fields : alternatives_) {
    const auto found = Search(fields, zone, until - searched, until + seconds(1)).last(until);
    if (found && (!nearest || *found > *nearest)) nearest = *found;
  }
  return nearest;
}

bool Cron::matches(Instant instant, const Zone& zone) const { return next(instant - seconds(1), zone) == instant; }

}  // namespace insula::schedule
