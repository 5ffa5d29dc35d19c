// Dates around changes of the clock: golden rows of the original, and properties against a search that asks every minute.
#include <gtest/gtest.h>

#include "schedule/schedule.h"

namespace insula::schedule {
namespace {

Instant at(std::string_view text) { return parse_instant(text).value(); }

std::string after(std::string_view text, std::string_view zone_name, std::string_view from_text, int count) {
  const Cron cron = Cron::parse(text, false).value();
  const Zone where = zone(zone_name).value();
  std::string list;
  Instant from = at(from_text);
  for (int i = 0; i < count; ++i) {
    from = cron.next(from, where).value();
    list += (list.empty() ? "" : " ") + format_zoned(from, where);
  }
  return list;
}

TEST(Cron, LeavesOutTheDateWhoseLocalTimeDoesNotExist) {
  EXPECT_EQ(after("30 2 * * *", "Europe/Paris", "2026-03-27T12:00:00Z", 2), "2026-03-28T02:30:00+01:00 2026-03-30T02:30:00+02:00");
  EXPECT_EQ(after("15,45 * * * *", "Europe/Paris", "2026-03-29T00:20:00Z", 2), "2026-03-29T01:45:00+01:00 2026-03-29T03:15:00+02:00");
  EXPECT_EQ(after("0 0 * * *", "America/Sao_Paulo", "2018-11-02T20:30:00Z", 2), "2018-11-03T00:00:00-03:00 2018-11-05T00:00:00-02:00");
  EXPECT_EQ(after("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T00:00:00Z", 2), "2026-10-03T02:15:00+10:30 2026-10-05T02:15:00+11:00");
  EXPECT_EQ(after("0 2 29 3 *", "Europe/Paris", "2026-01-28T00:00:00Z", 1), "2027-03-29T02:00:00+02:00");
}

TEST(Cron, LeavesOutADayThatNeverWas) {
  EXPECT_EQ(after("0 12 * * *", "Pacific/Apia", "2011-12-29T00:30:00Z", 2), "2011-12-29T12:00:00-10:00 2011-12-31T12:00:00+14:00");
  EXPECT_EQ(after("0 0 30 * *", "Pacific/Apia", "2011-12-01T20:30:00Z", 2), "2012-01-30T00:00:00+14:00 2012-03-30T00:00:00+14:00");
  EXPECT_EQ(after("0 * * * *", "Pacific/Apia", "2011-12-30T08:30:00Z", 2), "2011-12-29T23:00:00-10:00 2011-12-31T00:00:00+14:00");
}

TEST(Cron, FiresTwiceWhenTheHourRepeatsAndItsDatesAreDense) {
  EXPECT_EQ(after("*/30 * * * *", "Europe/Paris", "2026-10-24T23:30:00Z", 5),
            "2026-10-25T02:00:00+02:00 2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T02:30:00+01:00 2026-10-25T03:00:00+01:00");
  EXPECT_EQ(after("0 * * * *", "Europe/Paris", "2026-10-24T23:30:00Z", 3), "2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T03:00:00+01:00");
  EXPECT_EQ(after("0 1-3 * * *", "Europe/Paris", "2026-10-24T21:45:00Z", 4),
            "2026-10-25T01:00:00+02:00 2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T03:00:00+01:00");
  EXPECT_EQ(after("0,30 2 * * *", "Europe/Paris", "2026-10-24T21:45:00Z", 5),
            "2026-10-25T02:00:00+02:00 2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T02:30:00+01:00 2026-10-26T02:00:00+01:00");
  EXPECT_EQ(after("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z", 6),
            "2026-04-05T01:15:00+11:00 2026-04-05T01:30:00+11:00 2026-04-05T01:45:00+11:00 2026-04-05T01:30:00+10:30 2026-04-05T01:45:00+10:30 2026-04-05T02:00:00+10:30");
}

TEST(Cron, FiresOnceWhenTheHourRepeatsAndItsDatesAreRare) {
  EXPECT_EQ(after("30 2 * * *", "Europe/Paris", "2026-10-24T12:00:00Z", 2), "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00");
  EXPECT_EQ(after("0 */2 * * *", "Europe/Paris", "2026-10-24T20:30:00Z", 3), "2026-10-25T00:00:00+02:00 2026-10-25T02:00:00+02:00 2026-10-25T04:00:00+01:00");
  EXPECT_EQ(after("30 1 * * *", "America/New_York", "2026-10-31T06:30:00Z", 2), "2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00");
  EXPECT_EQ(after("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z", 2), "2026-04-05T01:45:00+11:00 2026-04-06T01:45:00+10:30");
}

TEST(Cron, GoesBackTheWayItCame) {
  const Zone paris = zone("Europe/Paris").value();
  const Cron nightly = Cron::parse("30 2 * * *", false).value();
  EXPECT_EQ(format_zoned(*nightly.previous(at("2026-10-26T00:00:00Z"), paris), paris), "2026-10-25T02:30:00+02:00");
  EXPECT_EQ(format_zoned(*nightly.previous(at("2026-03-30T00:00:00Z"), paris), paris), "2026-03-28T02:30:00+01:00");
}

// A deterministic stream of numbers for the properties.
struct Numbers {
  std::uint64_t state;
  std::uint64_t below(std::uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  }
};

std::string random_field(Numbers& numbers, int low, int high) {
  const auto pick = [&](int from, int to) { return from + static_cast<int>(numbers.below(static_cast<std::uint64_t>(to - from + 1))); };
  switch (numbers.below(6)) {
    case 0: return "*";
    case 1: return fmt::format("*/{}", pick(1, high));
    case 2: {
      const int first = pick(low, high);
      return fmt::format("{}-{}", first, pick(first, high));
    }
    case 3: return fmt::format("{}/{}", pick(low, high), pick(1, high));
    case 4: return fmt::format("{},{},{}", pick(low, high), pick(low, high), pick(low, high));
    default: return std::to_string(pick(low, high));
  }
}

std::string random_cron(Numbers& numbers) {
  // Days are mostly free, so that many dates fall around the change of the clock.
  const bool any_day = numbers.below(4) != 0;
  return fmt::format("{} {} {} * {}", random_field(numbers, 0, 59), random_field(numbers, 0, 23), any_day ? "*" : random_field(numbers, 1, 31),
                     any_day ? "*" : random_field(numbers, 0, 7));
}

// Whether the local time of `instant` is due, by a copy of the fields made of single questions to UTC: in UTC nothing is ever skipped.
bool due_by_wall_clock(const Cron& cron, const Zone& where, Instant instant) { return cron.matches(instant + where.offset_at(instant), Zone::utc()); }

struct Change {
  std::string_view zone;
  std::string_view around;
};
const std::array<Change, 9> changes{{{"Europe/Paris", "2026-03-29T01:00:00Z"},
                                     {"Europe/Paris", "2026-10-25T01:00:00Z"},
                                     {"America/New_York", "2026-03-08T07:00:00Z"},
                                     {"America/New_York", "2026-11-01T06:00:00Z"},
                                     {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
                                     {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
                                     {"Pacific/Apia", "2011-12-30T10:00:00Z"},
                                     {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
                                     {"Africa/Monrovia", "1972-01-07T00:44:30Z"}}};

TEST(CronProperty, EveryDateIsDueByTheWallClockAndNoneIsForgottenOutsideRepeatedHours) {
  Numbers numbers{7};
  for (const Change& change : changes) {
    const Zone where = zone(change.zone).value();
    const Instant middle = at(change.around);
    const Instant begin = std::chrono::floor<std::chrono::minutes>(middle) - std::chrono::hours(5);
    const Instant end = begin + std::chrono::hours(10);
    for (int round = 0; round < 40; ++round) {
      const std::string text = random_cron(numbers);
      const Cron cron = Cron::parse(text, false).value();
      std::set<Instant> fired;
      for (auto date = cron.next(begin - Duration(1), where); date && *date < end; date = cron.next(*date, where)) {
        EXPECT_TRUE(due_by_wall_clock(cron, where, *date)) << text << ' ' << format_zoned(*date, where);
        fired.insert(*date);
      }
      for (Instant minute = begin; minute < end; minute += std::chrono::minutes(1)) {
        const OffsetPeriod period = where.period_at(minute);
        const bool repeated = minute < period.begin + (where.offset_at(period.begin - Duration(1)) - period.offset);
        if (!repeated && where.offset_at(minute).count() % 60 == 0) {
          EXPECT_EQ(fired.contains(minute), due_by_wall_clock(cron, where, minute)) << text << ' ' << format_zoned(minute, where);
        }
      }
    }
  }
}

TEST(CronProperty, PreviousUndoesNext) {
  Numbers numbers{11};
  for (const Change& change : changes) {
    const Zone where = zone(change.zone).value();
    for (int round = 0; round < 60; ++round) {
      const std::string text = random_cron(numbers);
      const Cron cron = Cron::parse(text, false).value();
      std::optional<Instant> last;
      auto date = cron.next(at(change.around) - std::chrono::hours(30), where);
      for (int i = 0; i < 50 && date; ++i) {
        if (last) {
          EXPECT_LT(*last, *date);
          EXPECT_EQ(cron.previous(*date, where), last) << text << ' ' << format_zoned(*date, where);
          EXPECT_EQ(cron.next(*last + (*date - *last) / 2, where), date) << text;
        }
        EXPECT_TRUE(cron.matches(*date, where));
        last = date;
        date = cron.next(*date, where);
      }
    }
  }
}

TEST(CronProperty, MissedDatesAreWhatFiringOneByOneWouldHaveRun) {
  Numbers numbers{13};
  const Zone where = zone("America/New_York").value();
  for (int round = 0; round < 40; ++round) {
    const Cron cron = Cron::parse(random_cron(numbers), false).value();
    const Instant last = at("2026-10-31T12:00:00Z");
    const Instant now = last + std::chrono::hours(30);
    std::vector<Instant> expected;
    for (auto date = cron.next(last, where); date && *date <= now; date = cron.next(*date, where)) expected.push_back(*date);
    std::vector<Instant> got;
    Instant from = last;
    for (bool complete = false; !complete;) {
      const Missed part = missed(cron, where, from, now, MissedPolicy::all, 7);
      got.insert(got.end(), part.dates.begin(), part.dates.end());
      complete = part.complete;
      if (!part.dates.empty()) from = part.dates.back();
    }
    EXPECT_EQ(got, expected) << cron.text();
    const Missed newest = missed(cron, where, last, now, MissedPolicy::last, 7);
    EXPECT_EQ(newest.dates.size(), expected.empty() ? 0u : 1u);
    if (!expected.empty()) { EXPECT_EQ(newest.dates.front(), expected.back()); }
  }
}

}  // namespace
}  // namespace insula::schedule
