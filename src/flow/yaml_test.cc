#include "flow/yaml.h"

#include <gtest/gtest.h>

namespace insula::flow {
namespace {

Json value_of(std::string_view scalar) {
  const auto document = read_yaml(fmt::format("v: {}\n", scalar));
  return document ? *find(document->value, "v") : Json(document.error().message);
}

std::string refusal_of(std::string_view text, YamlLimits limits = {}) {
  const auto document = read_yaml(text, limits);
  return document ? "read" : document.error().message;
}

TEST(Yaml, ReadsWordsOfYaml11AsBooleans) {
  for (const std::string_view word : {"yes", "Yes", "on", "true", "True", "TRUE"}) EXPECT_EQ(value_of(word), Json(true)) << word;
  for (const std::string_view word : {"no", "NO", "off", "false"}) EXPECT_EQ(value_of(word), Json(false)) << word;
  for (const std::string_view word : {"y", "n", "tRue", "'true'"}) EXPECT_TRUE(value_of(word).is_string()) << word;
}

TEST(Yaml, ReadsWholeNumbersInEveryBase) {
  EXPECT_EQ(value_of("010"), Json(8));
  EXPECT_EQ(value_of("-010"), Json(-8));
  EXPECT_EQ(value_of("1_000"), Json(1000));
  EXPECT_EQ(value_of("0x1F"), Json(31));
  EXPECT_EQ(value_of("0b101"), Json(5));
  EXPECT_EQ(value_of("+5"), Json(5));
  EXPECT_EQ(value_of("-9223372036854775808"), Json(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(value_of("9223372036854775808"), Json(9223372036854775808ULL));
}

TEST(Yaml, ReadsNumbersWithPointOrExponent) {
  EXPECT_EQ(value_of("1e3"), Json(1000.0));
  EXPECT_EQ(value_of(".5"), Json(0.5));
  EXPECT_EQ(value_of("5."), Json(5.0));
  EXPECT_EQ(value_of("1_0.5"), Json(10.5));
  EXPECT_EQ(value_of("-12e03"), Json(-12000.0));
  EXPECT_EQ(value_of("!!float 1"), Json(1.0));
}

TEST(Yaml, KeepsEverythingElseAsText) {
  for (const std::string_view text : {"2020-01-01", "2020-01-01T00:00:00Z", "12:30:45", "190:20:30", "08", "0o17", "1.2.3", "1e", "0x", "_1", "+", "=", "1,000"})
    EXPECT_EQ(value_of(text), Json(boost::json::string_view(text.data(), text.size()))) << text;
  EXPECT_EQ(value_of("!!str 12"), Json("12"));
  EXPECT_EQ(value_of("!mine 12"), Json("12"));
  EXPECT_EQ(value_of("|\n  a\n  b"), Json("a\nb\n"));
}

TEST(Yaml, TellsNullFromNothing) {
  EXPECT_EQ(value_of("~"), Json(nullptr));
  EXPECT_EQ(value_of("null"), Json(nullptr));
  EXPECT_EQ(value_of(""), Json(""));
}

TEST(Yaml, KnowsWhereEachKeyAndItemStands) {
  const auto document = read_yaml("a: 1\ntasks:\n  - id: x\n    type: y\n  - z\n");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->positions.at("tasks").line, 2);
  EXPECT_EQ(document->positions.at("tasks[0]").line, 3);
  EXPECT_EQ(document->positions.at("tasks[0]").column, 5);
  EXPECT_EQ(document->positions.at("tasks[0].type").line, 4);
  EXPECT_EQ(document->positions.at("tasks[1]").column, 5);
}

TEST(Yaml, MergesMapsUnderTheKeysWrittenThere) {
  const auto document = read_yaml("x: &x {a: 1, b: 2}\nz: &z {b: 9, c: 4}\ny:\n  <<: [*x, *z]\n  a: 3\n");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(*find(document->value, "y"), Json(JsonObject{{"a", 3}, {"b", 2}, {"c", 4}}));
}

TEST(Yaml, KeepsTheLastOfEqualKeysAndNamesThem) {
  const auto document = read_yaml("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n");
  ASSERT_TRUE(document);
  EXPECT_EQ(*find(document->value, "a"), Json(3));
  ASSERT_EQ(document->duplicate_keys.size(), 2u);
  EXPECT_EQ(document->duplicate_keys[0].path, "b.c");
  EXPECT_EQ(document->duplicate_keys[1].message, "Duplicate field 'a'");
  EXPECT_EQ(document->duplicate_keys[1].line, 5);
}

TEST(Yaml, SaysWhereATextIsBroken) {
  EXPECT_TRUE(refusal_of("a: 1\nb: \"x\n").contains("at line 2")) << refusal_of("a: 1\nb: \"x\n");
  EXPECT_TRUE(refusal_of("a: 1\n\tb: 2\n").contains("do not use tabs"));
  EXPECT_TRUE(refusal_of("a: 1\nb: \xff\n").contains("not UTF-8 (at line 2, column 4)")) << refusal_of("a: 1\nb: \xff\n");
  EXPECT_TRUE(refusal_of(std::string_view("a: 1\nb\0: 2\n", 11)).contains("special characters are not allowed (at line 2, column 2)"));
  EXPECT_TRUE(refusal_of("a: {{ b }}\n").contains("Invalid structure"));
  EXPECT_TRUE(refusal_of("a: .inf\n").contains("Malformed numeric value '.inf'"));
  EXPECT_TRUE(refusal_of("").contains("No content to map due to end-of-input"));
  EXPECT_TRUE(refusal_of("a: 1\n---\nb: 2\n").contains("one document was expected"));
}

TEST(Yaml, RefusesAliasesThatAreUnknownOrEndless) {
  EXPECT_TRUE(refusal_of("a: *b\n").contains("unknown alias *b"));
  EXPECT_TRUE(refusal_of("a: &a\n  b: *a\n").contains("inside the value it stands for"));
}

TEST(Yaml, HasALimitForEachWayToGrow) {
  EXPECT_TRUE(refusal_of("a: 12345", {.bytes_max = 4}).contains("more than 4"));
  EXPECT_TRUE(refusal_of("a: [[[[1]]]]", {.depth_max = 3}).contains("deeper than 3"));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  EXPECT_TRUE(refusal_of(bomb).contains("more than 200000 values"));
}

TEST(Yaml, SplitsOnlyAtLinesThatAreTheSeparator) {
  EXPECT_EQ(split_documents("a: 1\n"), std::vector<std::string>{"a: 1\n"});
  EXPECT_EQ(split_documents("a: x---y\n---\n\nb: |\n  ---\n  z\n"), (std::vector<std::string>{"a: x---y", "b: |\n  ---\n  z"}));
  EXPECT_EQ(split_documents("---\na: 1\n---\n\n"), std::vector<std::string>{"a: 1\n"});
  EXPECT_TRUE(split_documents("\n---\n").empty());
}

TEST(Yaml, WritesWhatItReadsBackEqual) {
  const Json value = JsonObject{{"text", "plain text"},      {"number", "12"},      {"truth", "yes"},        {"empty", ""},         {"lines", "a\n  b\n\nc\n"},
                                {"no newline", "a\nb"},      {"two ends", "a\n\n"},  {"colon", "a: b"},       {"hash", "a #b"},      {"dash", "- a"},
                                {"brace", "{{ x }}"},        {"space", " a"},       {"control", "a\tb\x01"}, {"map", JsonObject{}}, {"list", JsonArray{}},
                                {"deep", JsonArray{JsonObject{{"a", 1}, {"b", JsonArray{1, "x", nullptr}}}, JsonArray{JsonArray{true, 1.5}}, JsonObject{}}},
                                {"yes", "key that is a word"}, {"ümlaut", "ß"},       {"start", "\na"},         {"tilde", "~"}};
  const std::string text = write_yaml(value);
  const auto document = read_yaml(text);
  ASSERT_TRUE(document) << text << document.error().message;
  EXPECT_EQ(document->value, value) << text;
}

TEST(Yaml, WritesMapsInListsOnTheLineOfTheDash) {
  EXPECT_EQ(write_yaml(JsonObject{{"tasks", JsonArray{JsonObject{{"id", "a"}, {"values", JsonArray{1, 2}}}}}}), "tasks:\n  - id: a\n    values:\n      - 1\n      - 2\n");
}

TEST(YamlWriter, TellsTheIndentationOfATextThatBeginsWithSpaceOrAnEmptyLine) {
  const Json value(JsonObject{{"format", "\n \n a         \nb\nc"}});
  const std::string text = write_yaml(value);
  EXPECT_TRUE(text.starts_with("format: |2-\n")) << text;
  const auto back = read_yaml(text);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->value, value);
}

}  // namespace
}  // namespace insula::flow
