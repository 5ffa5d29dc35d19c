#include "api/fields.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

JsonObject object(std::string_view text) { return parse_json(text)->get_object(); }

std::vector<std::string> told(const Fields& fields) {
  std::vector<std::string> texts;
  const auto result = fields.result();
  if (!result)
    for (const Violation& one : result.error().violations) texts.push_back(fmt::format("{}: {}", one.path, one.message));
  return texts;
}

TEST(Fields, TellEverythingThatIsWrongAtOnce) {
  const JsonObject body = object(R"({"name": " ", "size": "big", "on": 1, "list": [1], "kind": "C", "long": "abcdef"})");
  Fields fields(body, "thing");
  fields.text("name", {.required = true});
  fields.number("size", 1, 5);
  fields.flag("on");
  fields.texts("list");
  constexpr std::array<std::string_view, 2> kinds{"A", "B"};
  fields.word("kind", kinds);
  fields.text("long", {.bytes_max = 5});
  EXPECT_EQ(told(fields), (std::vector<std::string>{"thing.name: must not be blank", "thing.size: must be a whole number", "thing.on: must be true or false",
                                                    "thing.list: must be a list of texts", "thing.kind: must be one of A, B", "thing.long: must have at most 5 bytes"}));
}

TEST(Fields, TakeNullForAbsent) {
  const JsonObject body = object(R"({"a": null, "b": null, "c": null})");
  Fields fields(body, "thing");
  EXPECT_FALSE(fields.has("a"));
  EXPECT_EQ(fields.text("a"), "");
  EXPECT_EQ(fields.flag("b"), std::nullopt);
  EXPECT_EQ(fields.object("c"), nullptr);
  EXPECT_TRUE(fields.result());
}

TEST(Fields, KnowBothNamesOfSuperAdmins) {
  const JsonObject old = object(R"({"superAdmin": true})"), renamed = object(R"({"instanceOwner": true})"), both = object(R"({"superAdmin": true, "instanceOwner": false})");
  EXPECT_EQ(Fields(old, "user").super_admin(), true);
  EXPECT_EQ(Fields(renamed, "user").super_admin(), true);
  Fields contradicting(both, "user");
  contradicting.super_admin();
  EXPECT_FALSE(contradicting.result());
}

TEST(Fields, WithinTellThePathFromTheBeginning) {
  const JsonObject body = object(R"({"inner": {"limit": 0}})");
  Fields fields(body, "tenant");
  Fields inner = fields.within(*fields.object("inner"), "inner");
  inner.number("limit", 1, 10);
  EXPECT_EQ(told(fields), std::vector<std::string>{"tenant.inner.limit: must be greater than or equal to 1"});
}

}  // namespace
}  // namespace insula::api
