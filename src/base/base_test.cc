#include "base/base.h"

#include <gtest/gtest.h>

namespace insula {
namespace {

TEST(IdGenerator, MakesIdsOf22CharactersInOrderOfCreation) {
  IdGenerator ids(7);
  const Instant now{std::chrono::hours(24 * 365 * 50)};
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = ids.next(now + std::chrono::microseconds(i * 300));
    EXPECT_EQ(id.size(), 22u);
    EXPECT_GT(id, last);
    last = id;
  }
}

TEST(IdGenerator, GivesTheSameIdsForTheSameSeed) {
  IdGenerator a(1), b(1), c(2);
  const Instant now{std::chrono::seconds(1'700'000'000)};
  const std::string first = a.next(now);
  EXPECT_EQ(first, b.next(now));
  EXPECT_NE(first, c.next(now));
}

TEST(Time, WritesInstantsWithSixDigitsAndReadsThemBack) {
  const auto instant = parse_instant("2026-11-24T16:45:31.44Z");
  ASSERT_TRUE(instant);
  EXPECT_EQ(format_instant(*instant), "2026-11-24T16:45:31.440000Z");
  EXPECT_EQ(format_instant_short(*instant), "2026-11-24T16:45:31.440Z");
  EXPECT_EQ(parse_instant("2026-11-24T18:45:31.440+02:00"), instant);
  EXPECT_FALSE(parse_instant("2026-02-30T00:00:00Z"));
  EXPECT_FALSE(parse_instant("2026-11-24T16:45:31"));
}

TEST(Time, WritesDurationsAsJavaDoes) {
  using namespace std::chrono;
  EXPECT_EQ(format_duration(microseconds(203833)), "PT0.203833S");
  EXPECT_EQ(format_duration(hours(25) + minutes(2)), "PT25H2M");
  EXPECT_EQ(format_duration(Duration::zero()), "PT0S");
  EXPECT_EQ(format_duration(milliseconds(-500)), "PT-0.5S");
  EXPECT_EQ(parse_duration("P1DT2H3M4.5S"), Duration(hours(26) + minutes(3) + milliseconds(4500)));
  EXPECT_EQ(parse_duration("pt10s"), Duration(seconds(10)));
  EXPECT_FALSE(parse_duration("P1M"));
  EXPECT_FALSE(parse_duration("PT"));
  EXPECT_FALSE(parse_duration("10s"));
}

TEST(Json, KeepsFullPrecisionAndKeyOrder) {
  const std::string text = R"({"z":1,"a":[0.1,1.5E10,9007199254740993,-1],"s":"a\"\n\u0001é"})";
  const auto value = parse_json(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(write_json(*value), text);
}

TEST(Json, SaysWhatIsWrong) {
  const auto value = parse_json("{\"a\":");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, "json-invalid");
  EXPECT_FALSE(parse_json(std::string(1000, '[')));
}

TEST(Text, EncodesAndDecodes) {
  EXPECT_EQ(base64_encode("hello"), "aGVsbG8=");
  EXPECT_EQ(base64_decode("aGVsbG8="), "hello");
  EXPECT_FALSE(base64_decode("a*b"));
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_FALSE(percent_decode("%2"));
  EXPECT_EQ(percent_encode("a b/é"), "a%20b%2F%C3%A9");
  EXPECT_TRUE(is_utf8("é€😀"));
  EXPECT_FALSE(is_utf8("\xc3"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_EQ(slugify("Hello_World--x!"), "hello-world-x");
}

TEST(Text, NamesTheNearestWord) {
  const std::vector<std::string> words{"message", "level", "description"};
  EXPECT_EQ(nearest_word("mesage", words), "message");
  EXPECT_EQ(nearest_word("leevl", words), "level");
  EXPECT_FALSE(nearest_word("zzz", words));
}

}  // namespace
}  // namespace insula
