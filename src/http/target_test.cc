#include <gtest/gtest.h>

#include "http/http.h"

namespace insula::http {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;
using Segments = std::vector<std::string>;

std::string code_of(std::string_view text) {
  const auto target = parse_target(text);
  return target ? "accepted" : target.error().code;
}

TEST(Target, DecodesEachSegmentOnceAndKeepsTheRawText) {
  const auto target = parse_target("/api/v1/a%20b/c%252Fd/%C3%BC?x=1");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (Segments{"api", "v1", "a b", "c%2Fd", "ü"}));
  EXPECT_EQ(target->raw, "/api/v1/a%20b/c%252Fd/%C3%BC?x=1");
  EXPECT_EQ(target->path, "/api/v1/a%20b/c%252Fd/%C3%BC");
}

TEST(Target, AnEncodedSlashOrBackslashStaysInsideItsSegment) {
  const auto target = parse_target("/files/a%2Fb%5C..%2f");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (Segments{"files", "a/b\\../"}));
}

TEST(Target, NormalisesNothing) {
  EXPECT_EQ(parse_target("/a//b/")->segments, (Segments{"a", "", "b", ""}));
  EXPECT_EQ(parse_target("/a/../b/./%2e%2e")->segments, (Segments{"a", "..", "b", ".", ".."}));
  EXPECT_EQ(parse_target("/")->segments, Segments{});
  EXPECT_EQ(parse_target("//")->segments, (Segments{"", ""}));
}

TEST(Target, APlusIsASpaceInTheQueryOnly) {
  const auto target = parse_target("/a+b?q=a+b%2B");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, Segments{"a+b"});
  EXPECT_EQ(target->first("q"), "a b+");
}

TEST(Target, QueryKeepsOrderRepeatsAndBrackets) {
  const auto target = parse_target("/x?filters[labels][EQUALS][team]=a%3Db&labels=k:v&labels=w&empty&=odd&&last=");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->query, (Query{{"filters[labels][EQUALS][team]", "a=b"}, {"labels", "k:v"}, {"labels", "w"}, {"empty", ""}, {"", "odd"}, {"last", ""}}));
  EXPECT_EQ(target->all("labels"), (Segments{"k:v", "w"}));
  EXPECT_EQ(target->first("none"), std::nullopt);
}

TEST(Target, RefusesWhatCannotBeReadInOneWay) {
  for (const std::string_view text : {"/a%00b", "/a%", "/a%2", "/a%zz", "/%ff", "/a?x=%", "/a?x=%00", "/a?x=%C3", "a/b", "", "/a#b"}) {
    EXPECT_EQ(code_of(text), "bad-target") << text;
  }
}

TEST(Target, AcceptsTheAbsoluteFormAndTheAsterisk) {
  EXPECT_EQ(parse_target("http://host:80/a?b=c")->raw, "/a?b=c");
  EXPECT_EQ(parse_target("HTTP://host")->raw, "/");
  EXPECT_EQ(parse_target("http://host?b=c")->first("b"), "c");
  EXPECT_EQ(parse_target("*")->path, "*");
}

TEST(Target, LimitsTheNumberOfQueryParameters) {
  std::string text = "/x?";
  for (int i = 0; i < 2000; ++i) text += "a&";
  EXPECT_EQ(code_of(text), "accepted");
  EXPECT_EQ(code_of(text + "a"), "bad-target");
}

TEST(Headers, AreFoundWithoutCaseAndKeepTheirOrder) {
  Headers headers{{"Set-Cookie", "a"}, {"X", "1"}, {"set-cookie", "b"}};
  EXPECT_EQ(headers.get("SET-COOKIE"), "a");
  EXPECT_EQ(headers.count("Set-Cookie"), 2u);
  headers.set("set-COOKIE", "c");
  EXPECT_EQ(headers.count("Set-Cookie"), 1u);
  EXPECT_EQ(headers[0].name, "X");
  EXPECT_FALSE(headers.contains("Y"));
}

TEST(Headers, ALineBreakInAValueCannotAddAField) {
  const Headers headers{{"Location", "/a\r\nSet-Cookie: evil"}};
  EXPECT_EQ(headers.get("Location"), "/aSet-Cookie: evil");
}

TEST(Headers, TokensOfAListAreFoundOverAllFields) {
  const Headers headers{{"Connection", "keep-alive , Upgrade"}, {"Connection", "x"}};
  EXPECT_TRUE(headers.has_token("connection", "upgrade"));
  EXPECT_TRUE(headers.has_token("connection", "X"));
  EXPECT_FALSE(headers.has_token("connection", "keep"));
}

TEST(Headers, ParametersAreReadQuotedAndBare) {
  const std::string_view value = R"(form-data; name="a;b"; filename="C:\dir\say \"hi\".txt"; size=3; flag)";
  EXPECT_EQ(header_parameter(value, "name"), "a;b");
  EXPECT_EQ(header_parameter(value, "FILENAME"), R"(C:\dir\say "hi".txt)");
  EXPECT_EQ(header_parameter(value, "size"), "3");
  EXPECT_EQ(header_parameter(value, "flag"), "");
  EXPECT_EQ(header_parameter(value, "none"), std::nullopt);
  EXPECT_EQ(media_type("Text/HTML; charset=x"), "text/html");
}

TEST(Response, TheNameOfADownloadCannotBreakItsHeader) {
  EXPECT_EQ(content_disposition("a.txt"), R"(attachment; filename="a.txt")");
  EXPECT_EQ(content_disposition("ä\"\r\n.txt"), R"(attachment; filename="_____.txt"; filename*=UTF-8''%C3%A4%22%0D%0A.txt)");
}

}  // namespace
}  // namespace insula::http
