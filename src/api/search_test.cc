#include "api/search.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

using store::Op;

Result<store::Query> read(std::string_view query, const SearchRules& rules = execution_search()) {
  const auto target = http::parse_target(fmt::format("/x?{}", query));
  EXPECT_TRUE(target.has_value());
  return read_query(*target, rules, {*parse_instant("2026-11-24T12:00:00Z"), "system"});
}

std::string shown(const Result<store::Query>& query) {
  if (!query) return query.error().message;
  std::string text;
  for (const store::Filter& filter : query->filters)
    text += fmt::format("{}{} {} {}[{}]", text.empty() ? "" : "; ", filter.field, static_cast<int>(filter.op), filter.key, join(filter.values, "|"));
  return text;
}

TEST(Filters, ReadTheNewForm) {
  const auto query = read("filters%5Bstate%5D%5BIN%5D=SUCCESS,FAILED&filters[labels][EQUALS][team]=a&filters[namespace][PREFIX]=io.rec&filters[q][EQUALS]=text");
  ASSERT_TRUE(query.has_value()) << query.error().message;
  ASSERT_EQ(query->filters.size(), 4u);
  EXPECT_EQ(query->filters[0].values, (std::vector<std::string>{"SUCCESS", "FAILED"}));
  EXPECT_EQ(query->filters[0].op, Op::in);
  EXPECT_EQ(query->filters[1].key, "team");
  EXPECT_EQ(query->filters[1].values, std::vector<std::string>{"a"});
  EXPECT_EQ(query->filters[2].op, Op::prefix);
  EXPECT_EQ(query->filters[3].field, "q");
}

TEST(Filters, ReadTheParametersOfBefore) {
  const auto query = read("q=rec&namespace=io.rec&flowId=f&state=SUCCESS,FAILED&state=KILLED&labels=project%3Afoo%2Cbar&labels=url:+https:%2F%2Fx.com&childFilter=MAIN");
  ASSERT_TRUE(query.has_value()) << query.error().message;
  ASSERT_EQ(query->filters.size(), 7u);
  EXPECT_EQ(query->filters[1].op, Op::prefix);
  EXPECT_EQ(query->filters[2].op, Op::equals);
  EXPECT_EQ(query->filters[4].values.size(), 3u);
  EXPECT_EQ(query->filters[5].key, "project");
  EXPECT_EQ(query->filters[5].values, std::vector<std::string>{"foo,bar"});
  EXPECT_EQ(query->filters[6].values, std::vector<std::string>{"https://x.com"});
}

TEST(Filters, RefuseAnUnknownFieldInTheWordsOfTheOriginal) {
  const auto query = read("filters[nope][EQUALS]=x", flow_search());
  ASSERT_FALSE(query.has_value());
  EXPECT_EQ(query.error().kind, ErrorKind::invalid);
  EXPECT_TRUE(query.error().message.starts_with("Illegal argument: Unsupported field 'nope'. Expected one of: [childFilter, metadata,")) << query.error().message;
}

TEST(Filters, RefuseAFieldOfAnotherResourceAndAnOperationThatDoesNotFit) {
  EXPECT_TRUE(shown(read("filters[state][EQUALS]=FAILED", flow_search())).contains("not supported for resource FLOW"));
  EXPECT_TRUE(shown(read("filters[state][CONTAINS]=FAI")).contains("Operation 'CONTAINS' is not supported for field 'state'"));
  EXPECT_TRUE(shown(read("filters[state][LIKE]=FAI")).contains("Unsupported operation 'LIKE'"));
}

TEST(Filters, RefuseWhatCannotBeReadAsAFilter) {
  for (const std::string_view text : {"filters=x", "filters[state]=x", "filters[state][IN]x=1", "filters[]=1", "filters[state][IN=1", "filtersx[state][IN]=1"})
    EXPECT_FALSE(read(text).has_value()) << text;
}

TEST(Filters, RefuseValuesThatMeanNothing) {
  for (const std::string_view text : {"state=NOPE", "filters[startDate][GREATER_THAN]=yesterday", "filters[childFilter][EQUALS]=X", "scope=ALL", "filters[flowRevision][EQUALS]=1;drop",
                                      "labels=nocolon", "labels=:v", "labels=k:", "filters[timeRange][EQUALS]=P1Y", "filters[timeRange][EQUALS]=-PT1H"})
    EXPECT_FALSE(read(text).has_value()) << text;
}

TEST(Filters, TurnATimeRangeIntoAStart) {
  const auto query = read("filters[timeRange][EQUALS]=PT168H");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(shown(query), "startDate 4 [2026-11-17T12:00:00.000000Z]");
  EXPECT_EQ(shown(read("timeRange=PT12H&endDate=2020-01-01T00:00:00Z")), "startDate 4 [2026-11-24T00:00:00.000000Z]");
}

TEST(Filters, RefuseAStartBesideATimeRange) {
  EXPECT_TRUE(shown(read("startDate=2024-01-07T18:43:11.248%2B01:00&timeRange=PT12H")).contains("are mutually exclusive"));
}

TEST(Filters, TellScopesApartByTheSystemNamespace) {
  EXPECT_EQ(shown(read("filters[scope][EQUALS]=USER")), "namespace 1 [system]");
  EXPECT_EQ(shown(read("filters[scope][EQUALS]=SYSTEM")), "namespace 0 [system]");
  EXPECT_EQ(shown(read("filters[scope][NOT_EQUALS]=SYSTEM")), "namespace 1 [system]");
  EXPECT_EQ(shown(read("scope=USER,SYSTEM")), "");
}

TEST(Filters, IgnoreParametersThatAreEmptyOrSayEverything) { EXPECT_EQ(shown(read("q=*&namespace=&state=&labels=&other=1")), ""); }

TEST(Filters, KeepBracketsInTheKeyOfALabel) {
  const auto query = read("filters[labels][EQUALS][a[0]]=x");
  ASSERT_TRUE(query.has_value()) << query.error().message;
  EXPECT_EQ(query->filters[0].key, "a[0]");
}

TEST(Filters, TakeTheLevelAsAMinimum) {
  EXPECT_EQ(shown(read("minLevel=INFO", log_search())), "level 4 [INFO]");
  EXPECT_EQ(shown(read("filters[level][EQUALS]=DEBUG", log_search())), "level 0 [DEBUG]");
  EXPECT_FALSE(read("minLevel=LOUD", log_search()).has_value());
}

TEST(Filters, AreLimitedInNumber) {
  std::string many;
  for (int i = 0; i < 60; ++i) many += fmt::format("labels=k{}:v&", i);
  EXPECT_FALSE(read(many).has_value());
}

TEST(Paging, BeginsAtOneAndNamesTheParameterThatIsWrong) {
  const auto zero = read("page=0&size=1", flow_search());
  ASSERT_FALSE(zero.has_value());
  EXPECT_EQ(zero.error().message, "Invalid entity: searchFlows.page: must be greater than or equal to 1");
  ASSERT_EQ(zero.error().violations.size(), 1u);
  EXPECT_EQ(zero.error().violations[0].path, "searchFlows.page");
  EXPECT_FALSE(read("size=-1").has_value());
  EXPECT_FALSE(read("size=10001").has_value());
  EXPECT_FALSE(read("page=1x").has_value());
  EXPECT_FALSE(read("page=99999999999999999999").has_value());
}

TEST(Paging, SortsByKnownKeysOnly) {
  const auto query = read("sort=state.startDate:desc&sort=id:asc");
  ASSERT_TRUE(query.has_value());
  ASSERT_EQ(query->page.sort.size(), 2u);
  EXPECT_TRUE(query->page.sort[0].descending);
  EXPECT_FALSE(query->page.sort[1].descending);
  EXPECT_EQ(shown(read("sort=nope")), "Unprocessable Entity: Invalid sort parameter");
  EXPECT_TRUE(shown(read("sort=id;drop table x:asc")).starts_with("Unprocessable Entity: Invalid sort parameter"));
}

}  // namespace
}  // namespace insula::api
