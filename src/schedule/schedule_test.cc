#include "schedule/schedule.h"

#include <gtest/gtest.h>

namespace insula::schedule {
namespace {

Instant at(std::string_view text) { return parse_instant(text).value(); }
Cron cron(std::string_view text, bool with_seconds = false) { return Cron::parse(text, with_seconds).value(); }
std::string refusal(std::string_view text, bool with_seconds = false) {
  const auto parsed = Cron::parse(text, with_seconds);
  return parsed ? std::string("accepted") : parsed.error().message;
}

std::string dates_after(std::string_view text, std::string_view zone_name, std::string_view after, int count, bool with_seconds = false) {
  const Cron schedule = cron(text, with_seconds);
  const Zone where = zone(zone_name).value();
  std::string list;
  Instant from = at(after);
  for (int i = 0; i < count; ++i) {
    const auto next = schedule.next(from, where);
    if (!next) return list + " none";
    list += (list.empty() ? "" : " ") + format_zoned(*next, where);
    from = *next;
  }
  return list;
}

struct Golden {
  std::string_view cron;
  std::string_view after;
  int count;
  std::string_view dates;  // days or days with times, UTC, separated by blanks
};

// What cron-utils 9.2.1 answers with the definition of Kestra 1.3.
TEST(Cron, GivesTheDatesOfTheOriginal) {
  const std::vector<Golden> table{
      {"0 0 29 2 *", "2026-01-01T00:00:00Z", 3, "2028-02-29T00:00 2032-02-29T00:00 2036-02-29T00:00"},
      {"0 0 29 2 *", "2096-02-29T00:00:00Z", 1, "2104-02-29T00:00"},
      {"0 0 31 * *", "2026-01-31T00:00:00Z", 4, "2026-03-31T00:00 2026-05-31T00:00 2026-07-31T00:00 2026-08-31T00:00"},
      {"0 0 13 * 5", "2026-01-01T00:00:00Z", 4, "2026-01-02T00:00 2026-01-09T00:00 2026-01-13T00:00 2026-01-16T00:00"},
      {"0 0 */10 * 1", "2026-01-01T00:00:00Z", 5, "2026-01-05T00:00 2026-01-11T00:00 2026-01-12T00:00 2026-01-19T00:00 2026-01-21T00:00"},
      {"0 0 */1 * 1", "2026-01-01T00:00:00Z", 2, "2026-01-05T00:00 2026-01-12T00:00"},
      {"0 0 1-31 * 1", "2026-01-01T00:00:00Z", 2, "2026-01-02T00:00 2026-01-03T00:00"},
      {"0 0 1/1 * 1", "2026-01-01T00:00:00Z", 2, "2026-01-02T00:00 2026-01-03T00:00"},
      {"0 0 5 * */1", "2026-01-01T00:00:00Z", 2, "2026-01-05T00:00 2026-02-05T00:00"},
      {"0 0 5 * 0-7", "2026-01-01T00:00:00Z", 2, "2026-01-02T00:00 2026-01-03T00:00"},
      {"0 0 5 * *,1", "2026-01-01T00:00:00Z", 2, "2026-01-02T00:00 2026-01-03T00:00"},
      {"0 0 * * 5-7", "2026-01-01T00:00:00Z", 4, "2026-01-02T00:00 2026-01-03T00:00 2026-01-04T00:00 2026-01-09T00:00"},
      {"0 0 * * 0-2", "2026-01-01T00:00:00Z", 4, "2026-01-04T00:00 2026-01-05T00:00 2026-01-06T00:00 2026-01-11T00:00"},
      {"0 0 * * SAT-SUN", "2026-01-01T00:00:00Z", 3, "2026-01-03T00:00 2026-01-04T00:00 2026-01-10T00:00"},
      {"0 0 * * */2", "2026-01-01T00:00:00Z", 4, "2026-01-03T00:00 2026-01-04T00:00 2026-01-06T00:00 2026-01-08T00:00"},
      {"0 0 * * 1/2", "2026-01-01T00:00:00Z", 4, "2026-01-02T00:00 2026-01-04T00:00 2026-01-05T00:00 2026-01-07T00:00"},
      {"0 0 * * 7/2", "2026-01-01T00:00:00Z", 4, "2026-01-03T00:00 2026-01-04T00:00 2026-01-06T00:00 2026-01-08T00:00"},
      {"*/25 * * * *", "2026-01-01T00:00:00Z", 4, "2026-01-01T00:25 2026-01-01T00:50 2026-01-01T01:00 2026-01-01T01:25"},
      {"5/25 * * * *", "2026-01-01T00:00:00Z", 4, "2026-01-01T00:05 2026-01-01T00:30 2026-01-01T00:55 2026-01-01T01:05"},
      {"10-30/7 * * * *", "2026-01-28T00:00:00Z", 4, "2026-01-28T00:10 2026-01-28T00:17 2026-01-28T00:24 2026-01-28T01:10"},
      {"0 0 1 */5 *", "2026-01-28T00:00:00Z", 4, "2026-06-01T00:00 2026-11-01T00:00 2027-01-01T00:00 2027-06-01T00:00"},
      {"0 0 1 FEB-DEC/3 *", "2026-01-28T00:00:00Z", 4, "2026-02-01T00:00 2026-05-01T00:00 2026-08-01T00:00 2026-11-01T00:00"},
      {"0 22-23,0 * * *", "2026-01-01T00:00:00Z", 3, "2026-01-01T22:00 2026-01-01T23:00 2026-01-02T00:00"},
      {"@hourly", "2026-01-28T00:00:01.5Z", 2, "2026-01-28T01:00 2026-01-28T02:00"},
      {"@daily", "2026-01-28T00:00:01.5Z", 1, "2026-01-29T00:00"},
      {"@midnight", "2026-01-28T00:00:01.5Z", 1, "2026-01-29T00:00"},
      {"@weekly", "2026-01-28T00:00:01.5Z", 2, "2026-02-01T00:00 2026-02-08T00:00"},
      {"@monthly", "2026-01-28T00:00:01.5Z", 1, "2026-02-01T00:00"},
      {"@yearly", "2026-01-28T00:00:01.5Z", 1, "2027-01-01T00:00"},
      {"@annually", "2026-01-28T00:00:01.5Z", 1, "2027-01-01T00:00"},
      {"0 0 * * *||30 5 * * *", "2026-01-28T00:00:01.5Z", 3, "2026-01-28T05:30 2026-01-29T00:00 2026-01-29T05:30"},
      {"0|30 1|5 * * *", "2026-01-28T00:00:01.5Z", 3, "2026-01-28T01:00 2026-01-28T05:30 2026-01-29T01:00"},
      {"  7  *\t* * * ", "2026-01-28T00:00:00Z", 1, "2026-01-28T00:07"},
  };
  for (const Golden& row : table) {
    std::string got;
    Instant from = at(row.after);
    for (int i = 0; i < row.count; ++i) {
      const auto next = cron(row.cron).next(from, Zone::utc());
      ASSERT_TRUE(next) << row.cron;
      got += (got.empty() ? "" : " ") + format_zoned(*next, Zone::utc()).substr(0, 16);
      from = *next;
    }
    EXPECT_EQ(got, row.dates) << row.cron;
  }
}

TEST(Cron, CountsSecondsWhenAskedTo) {
  EXPECT_EQ(dates_after("*/10 * * * * *", "UTC", "2026-01-28T00:00:01.5Z", 3, true), "2026-01-28T00:00:10Z 2026-01-28T00:00:20Z 2026-01-28T00:00:30Z");
  EXPECT_EQ(dates_after("30 59 23 31 12 *", "UTC", "2026-12-31T23:59:29.999999Z", 2, true), "2026-12-31T23:59:30Z 2027-12-31T23:59:30Z");
  EXPECT_EQ(dates_after("@hourly", "UTC", "2026-01-28T00:00:01.5Z", 1, true), "2026-01-28T01:00:00Z");
}

TEST(Cron, FindsNothingForADayThatNeverComes) {
  EXPECT_FALSE(cron("0 0 31 2,4 *").next(at("2026-01-01T00:00:00Z"), Zone::utc()));
  EXPECT_FALSE(cron("0 0 30 2 *").previous(at("2026-01-01T00:00:00Z"), Zone::utc()));
}

TEST(Cron, LooksOnlyBeforeAndAfterTheGivenInstant) {
  const Cron every_minute = cron("* * * * *");
  EXPECT_EQ(every_minute.previous(at("2026-01-28T00:00:00Z"), Zone::utc()), at("2026-01-27T23:59:00Z"));
  EXPECT_EQ(every_minute.previous(at("2026-01-28T00:00:00.000001Z"), Zone::utc()), at("2026-01-28T00:00:00Z"));
  EXPECT_EQ(every_minute.next(at("2026-01-28T00:00:00Z"), Zone::utc()), at("2026-01-28T00:01:00Z"));
  EXPECT_EQ(every_minute.next(at("2026-01-27T23:59:59.999999Z"), Zone::utc()), at("2026-01-28T00:00:00Z"));
  EXPECT_TRUE(every_minute.matches(at("2026-01-28T00:00:00Z"), Zone::utc()));
  EXPECT_FALSE(every_minute.matches(at("2026-01-28T00:00:00.5Z"), Zone::utc()));
}

TEST(Cron, SurvivesTheEndsOfTime) {
  EXPECT_TRUE(cron("* * * * *").next(Instant::min(), Zone::utc()));
  cron("0 0 29 2 *").next(Instant::max(), zone("Europe/Paris").value());
  cron("0 0 29 2 *").previous(Instant::min(), zone("Europe/Paris").value());
}

TEST(Cron, RefusesWhatTheOriginalRefuses) {
  for (const std::string_view text :
       {"* * * * * *", "60 * * * *", "* 24 * * *", "a b c d e", "5-1 * * * *", "*/0 * * * *", "*/60 * * * *", "* */24 * * *", "0 0 */32 * *", "0 0 0 * *", "0 0 32 * *",
        "0 0 * 13 *", "0 0 * 0 *", "0 0 * * 8", "0 0 * * */8", "@foo", "@reboot", "@HOURLY", "0 0 * * L", "0 0 ? * *", "", "   ", "* * * *", "0 0 L * *", "1,2,x * * * *",
        "-5 * * * *", "5- * * * *", "0 0 * * 5-0", "0 0 * * SUN-TUE", "0 0 * * 7-1", "0 0 * 11-2 *", "0 0 1 1 * 2020", "*-5 * * * *", "0 0 * * 1#2", "0 0 15W * *",
        "10/3-5 * * * *", "0 0 * * MONDAY", "1,,2 * * * *", ",1 * * * *", "1, * * * *", "*/5/2 * * * *", "99999999999 * * * *", "$ome Inv@lid Cr0n"}) {
    EXPECT_TRUE(refusal(text).starts_with(fmt::format("invalid cron expression '{}': ", text))) << text << " → " << refusal(text);
  }
  EXPECT_NE(refusal("* * * * *", true), "accepted");
  EXPECT_NE(refusal(std::string(10'000, '*')), "accepted");
}

TEST(Cron, AcceptsWhatTheOriginalAccepts) {
  for (const std::string_view text : {"0 0 31 2 *", "@yearly", "0 0 * * MON-FRI", "0 0 * jan *", "0 0 * * 7", "0/5 * * * *", "*/5,*/7 * * * *", "0 0 * * MON,tue", "0 0 * JAN-3 *",
                                      "0 0 * * 0-7", "01 * * * *", "00007 * * * *", "7-7 * * * *", "*/59 * * * *", "0 0 */31 * */7"}) {
    EXPECT_EQ(refusal(text), "accepted") << text;
  }
}

TEST(Cron, SaysWhereAndWhatToDo) {
  EXPECT_EQ(refusal("61 * * * *"), "invalid cron expression '61 * * * *': field 1 (minute): 61 is not in 0–59");
  EXPECT_EQ(refusal("0 0 * * 5-0"), "invalid cron expression '0 0 * * 5-0': field 5 (day-of-week): the range 5-0 runs backwards; write it as two ranges, such as 5-7,0-0");
  EXPECT_EQ(refusal("*/0 * * * * *", true), "invalid cron expression '*/0 * * * * *': field 1 (second): the step 0 is not in 1–59");
  EXPECT_NE(refusal("* * * * * *").find("withSeconds: true"), std::string::npos);
  EXPECT_EQ(Cron::parse("x", false).error().code, "cron-invalid");
}

TEST(Zone, ReadsRegionsAndOffsetsAsJavaDoes) {
  const Instant winter = at("2026-01-01T00:00:00Z");
  const auto offset = [&](std::string_view name) { return zone(name).value().offset_at(winter).count(); };
  EXPECT_EQ(offset("Europe/Paris"), 3600);
  EXPECT_EQ(offset("Asia/Kolkata"), 5 * 3600 + 1800);
  for (const std::string_view name : {"Z", "UTC", "GMT", "UT", "+00:00", "UTC+0", "Etc/UTC"}) EXPECT_EQ(offset(name), 0) << name;
  for (const std::string_view name : {"+2", "+02", "+0200", "+02:00", "+02:00:00", "UTC+2", "GMT+02:00", "Etc/GMT-2"}) EXPECT_EQ(offset(name), 7200) << name;
  EXPECT_EQ(offset("-09:30"), -(9 * 3600 + 1800));
  for (const std::string_view name : {"", "europe/paris", "Mars/Base", "+19:00", "+2:00", "+02:60", "UTC2", "../etc/passwd", "+", "UTC+"}) EXPECT_FALSE(zone(name)) << name;
  EXPECT_NE(zone("Europe/Pariss").error().message.find("did you mean 'Europe/Paris'"), std::string::npos);
  EXPECT_FALSE(zone(std::string(100'000, 'A')));
}

TEST(Zone, WritesDatesAsTriggersShowThem) {
  const Zone paris = zone("Europe/Paris").value();
  EXPECT_EQ(format_zoned(at("2026-11-24T17:00:00Z"), paris), "2026-11-24T18:00:00+01:00");
  EXPECT_EQ(format_zoned(at("2026-11-24T17:00:00Z"), Zone::utc()), "2026-11-24T17:00:00Z");
  EXPECT_EQ(format_zoned(at("2026-11-24T17:00:00.25Z"), Zone::utc()), "2026-11-24T17:00:00.25Z");
  EXPECT_EQ(format_zoned(at("2026-11-24T17:00:10Z"), zone("-09:30").value()), "2026-11-24T07:30:10-09:30");
  EXPECT_EQ(parse_zoned("2026-11-24T18:00:00+01:00[Europe/Paris]"), at("2026-11-24T17:00:00Z"));
  EXPECT_EQ(parse_zoned("2026-11-24T18:00:00+01:00"), at("2026-11-24T17:00:00Z"));
  for (const std::string_view text : {"2026-11-24", "2026-11-24T18:00:00", "2026-11-24T18:00:00+01:00[Mars]", "]", "[]", ""}) EXPECT_FALSE(parse_zoned(text)) << text;
}

TEST(Schedule, GivesTheVariablesOfTheTrigger) {
  const auto variables = trigger_variables(cron("*/2 * * * * *", true), zone("Europe/Paris").value(), at("2026-11-24T19:10:06Z"));
  EXPECT_EQ(write_json(variables), R"({"date":"2026-11-24T20:10:06+01:00","next":"2026-11-24T20:10:08+01:00","previous":"2026-11-24T20:10:04+01:00"})");
}

TEST(Missed, RunsAllTheLastOrNone) {
  const Cron hourly = cron("@hourly");
  const Instant last = at("2026-01-01T00:00:00Z");
  const Instant now = at("2026-01-01T05:30:00Z");
  const auto all = missed(hourly, Zone::utc(), last, now, MissedPolicy::all, 100);
  EXPECT_EQ(all.dates.size(), 5u);
  EXPECT_EQ(all.dates.front(), at("2026-01-01T01:00:00Z"));
  EXPECT_EQ(all.next, at("2026-01-01T06:00:00Z"));
  EXPECT_TRUE(all.complete);
  const auto part = missed(hourly, Zone::utc(), last, now, MissedPolicy::all, 2);
  EXPECT_EQ(part.dates.size(), 2u);
  EXPECT_EQ(part.next, at("2026-01-01T03:00:00Z"));
  EXPECT_FALSE(part.complete);
  const auto newest = missed(hourly, Zone::utc(), last, now, MissedPolicy::last, 100);
  EXPECT_EQ(newest.dates, std::vector{at("2026-01-01T05:00:00Z")});
  EXPECT_EQ(newest.next, at("2026-01-01T06:00:00Z"));
  const auto none = missed(hourly, Zone::utc(), last, now, MissedPolicy::none, 100);
  EXPECT_TRUE(none.dates.empty());
  EXPECT_EQ(none.next, at("2026-01-01T06:00:00Z"));
}

TEST(Missed, FindsNothingWhenNothingWasMissed) {
  const Instant last = at("2026-01-01T05:00:00Z");
  for (const auto policy : {MissedPolicy::all, MissedPolicy::last, MissedPolicy::none}) {
    const auto found = missed(cron("@hourly"), Zone::utc(), last, last + std::chrono::minutes(30), policy, 10);
    EXPECT_TRUE(found.dates.empty());
    EXPECT_EQ(found.next, at("2026-01-01T06:00:00Z"));
  }
}

TEST(Missed, WalksAListOfDatesInAnyOrderAndOnce) {
  const std::vector<Instant> dates{at("2026-03-01T00:00:00Z"), at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"), at("2026-02-01T00:00:00Z")};
  EXPECT_EQ(next(dates, at("2026-01-01T00:00:00Z")), at("2026-02-01T00:00:00Z"));
  EXPECT_EQ(previous(dates, at("2026-02-01T00:00:00Z")), at("2026-01-01T00:00:00Z"));
  EXPECT_FALSE(next(dates, at("2026-03-01T00:00:00Z")));
  const auto all = missed(dates, Instant::min(), at("2026-02-15T00:00:00Z"), MissedPolicy::all, 10);
  EXPECT_EQ(all.dates, (std::vector{at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z")}));
  EXPECT_EQ(all.next, at("2026-03-01T00:00:00Z"));
}

TEST(Schedule, KnowsWhenItIsTooLate) {
  const Instant date = at("2026-01-01T00:00:00Z");
  EXPECT_FALSE(too_late(date, date + std::chrono::hours(9), std::nullopt));
  EXPECT_FALSE(too_late(date, date + std::chrono::hours(1), Duration(std::chrono::hours(1))));
  EXPECT_TRUE(too_late(date, date + std::chrono::hours(1) + Duration(1), Duration(std::chrono::hours(1))));
  EXPECT_EQ(missed_policy("LAST"), MissedPolicy::last);
  EXPECT_FALSE(missed_policy("last"));
}

}  // namespace
}  // namespace insula::schedule
