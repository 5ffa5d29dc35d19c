#include "flow/inputs.h"

#include <gtest/gtest.h>

#include "flow/read.h"
#include "flow/test_catalog.h"

namespace insula::flow {
namespace {

using namespace std::string_literals;

class Inputs : public testing::Test {
 protected:
  // The inputs of a flow; `declared` is the text below `inputs:`.
  const std::vector<Input>& declare(std::string_view declared) {
    const ReadFlow read = read_flow(fmt::format("id: f\nnamespace: io.t\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.debug.Return\ninputs:\n{}\n", declared), test_catalog());
    EXPECT_TRUE(read.flow) << read.report.constraints;
    flow_ = read.flow ? read.flow : std::make_shared<const Flow>();
    return flow_->inputs;
  }

  // The bound inputs as JSON, or the message of the refusal.
  std::string bind(std::string_view declared, const GivenInputs& given = {}) {
    const auto bound = bind_inputs(declare(declared), given, context_);
    if (bound) return write_json(*bound);
    const Error* error = std::get_if<Error>(&bound.error());
    return error ? error->message : "needs";
  }

  // One input `a` of the type, given one text.
  std::string one(std::string_view type, std::string_view text) { return bind(fmt::format("  - {{id: a, type: {}}}", type), {{"a", std::string(text)}}); }
  std::string none(std::string_view type) { return bind(fmt::format("  - {{id: a, type: {}}}", type)); }
  static std::string refused(std::string_view why) { return fmt::format("Invalid value for input `a`. Cause: {}", why); }

  std::shared_ptr<const Flow> flow_;
  expression::ObjectVariables variables_{JsonObject{{"flow", JsonObject{{"id", "f"s}}}}};
  expression::Environment environment_{};
  BindContext context_{variables_, environment_, [](std::string_view plain) -> Result<Json> { return Json(JsonObject{{"value", std::string(plain.rbegin(), plain.rend())}}); }};
};

TEST_F(Inputs, AreRequiredUnlessSaidOtherwise) {
  EXPECT_EQ(none("STRING"), "Missing required input:a");
  EXPECT_EQ(none("STRING, required: false"), R"({"a":null})");
  EXPECT_EQ(one("STRING", ""), R"({"a":""})");
  EXPECT_EQ(one("INT", ""), "Missing required input:a");
  EXPECT_EQ(one("INT, required: false", ""), R"({"a":null})");
  EXPECT_EQ(one("INT, defaults: 5", ""), R"({"a":5})");
}

TEST_F(Inputs, ReadNumbersAsJavaDoes) {
  EXPECT_EQ(one("INT", "12"), R"({"a":12})");
  EXPECT_EQ(one("INT", "+5"), R"({"a":5})");
  for (const std::string_view text : {"1.5", "abc", "99999999999", " 12 ", "1_000", "0x10"}) EXPECT_EQ(one("INT", text), refused(fmt::format("For input string: \"{}\"", text)));
  EXPECT_EQ(one("INT, min: 5, max: 10", "4"), refused("it must be more than `5`"));
  EXPECT_EQ(one("INT, min: 5, max: 10", "11"), refused("it must be less than `10`"));
  EXPECT_EQ(one("INT, min: 5, max: 10", "10"), R"({"a":10})");
  EXPECT_EQ(one("FLOAT", "1.23456789"), R"({"a":1.2345679})");
  EXPECT_EQ(one("FLOAT", "1"), R"({"a":1.0})");
  EXPECT_EQ(one("FLOAT, max: 2", "3"), refused("it must be less than `2.0`"));
  EXPECT_EQ(one("FLOAT, min: 0.1", "0.01"), refused("it must be more than `0.1`"));
  EXPECT_EQ(none("INT, defaults: 1.7"), R"({"a":1})");
}

TEST_F(Inputs, TakeAnythingButTrueForFalse) {
  EXPECT_EQ(one("BOOL", "TRUE"), R"({"a":true})");
  EXPECT_EQ(one("BOOLEAN", "yes"), R"({"a":false})");
  EXPECT_EQ(none("BOOL, defaults: true"), R"({"a":true})");
}

TEST_F(Inputs, KeepMomentsInTheStoredForm) {
  EXPECT_EQ(one("DATETIME", "2019-10-06T18:27:49Z"), R"({"a":"2019-10-06T18:27:49.000000Z"})");
  EXPECT_EQ(one("DATETIME", "2019-10-06T18:27:49+02:00"), R"({"a":"2019-10-06T16:27:49.000000Z"})");
  EXPECT_EQ(one("DATETIME", "2019-10-06"), refused("Text '2019-10-06' could not be parsed at index 10"));
  EXPECT_EQ(one("DATETIME", "abc"), refused("Text 'abc' could not be parsed at index 0"));
  EXPECT_EQ(one("DATETIME, before: '2023-12-31T23:59:59Z'", "2024-01-01T00:00:00Z"), refused("it must be before `2023-12-31T23:59:59Z`"));
  EXPECT_EQ(one("DATE", "2019-10-06"), R"({"a":"2019-10-06"})");
  EXPECT_EQ(one("DATE", "2019-02-30"), refused("Text '2019-02-30' could not be parsed: Invalid date 'FEBRUARY 30'"));
  EXPECT_EQ(one("DATE", "2019-1-6"), refused("Text '2019-1-6' could not be parsed at index 5"));
  EXPECT_EQ(one("DATE", "2019-10-06T18:27:49Z"), refused("Text '2019-10-06T18:27:49Z' could not be parsed, unparsed text found at index 10"));
  EXPECT_EQ(one("DATE, after: 2023-01-01", "2022-01-01"), refused("it must be after `2023-01-01`"));
  EXPECT_EQ(one("TIME", "18:27"), R"({"a":"18:27:00"})");
  EXPECT_EQ(one("TIME", "18:27:49.123"), R"({"a":"18:27:49.123"})");
  EXPECT_EQ(one("TIME", "25:00:00"), refused("Text '25:00:00' could not be parsed: Invalid value for HourOfDay (valid values 0 - 23): 25"));
  EXPECT_EQ(one("TIME, before: '12:00:00'", "13:00:00"), refused("it must be before `12:00`"));
  EXPECT_EQ(one("TIME, before: '11:59:59'", "14:00:00"), refused("it must be before `11:59:59`"));
}

TEST_F(Inputs, KeepDurationsAsSeconds) {
  EXPECT_EQ(one("DURATION", "PT1M30.5S"), R"({"a":90.5})");
  EXPECT_EQ(none("DURATION, defaults: 90"), R"({"a":90.0})");
  EXPECT_EQ(one("DURATION", "5"), refused("Text cannot be parsed to a Duration"));
  EXPECT_EQ(one("DURATION, min: PT10S", "PT1S"), refused("It must be more than `PT10S`"));
  EXPECT_EQ(one("ARRAY, itemType: DURATION", "[\"PT1M\"]"), R"({"a":[60.0]})");
}

TEST_F(Inputs, MatchTheirChoices) {
  EXPECT_EQ(one("SELECT, values: [x, y]", "x"), R"({"a":"x"})");
  EXPECT_EQ(one("SELECT, values: [x, y]", "z"), refused("it must match the values `[x, y]`"));
  EXPECT_EQ(one("SELECT, values: [x, y], allowCustomValue: true", "z"), R"({"a":"z"})");
  EXPECT_EQ(one("SELECT, values: [1, true]", "true"), R"({"a":"true"})");
  EXPECT_EQ(none("SELECT, values: [x, y], autoSelectFirst: true"), R"({"a":"x"})");
  EXPECT_EQ(one("ENUM, values: [ENUM_VALUE, OTHER_ONE]", "INVALID"), refused("it must match the values `[ENUM_VALUE, OTHER_ONE]`"));
  EXPECT_EQ(one("MULTISELECT, values: [x, y]", "[\"x\"]"), R"({"a":["x"]})");
  EXPECT_EQ(one("MULTISELECT, values: [x, y]", "[\"x\",\"z\"]"), refused("value `z` doesn't match the values `[x, y]`"));
  EXPECT_EQ(none("MULTISELECT, values: [x, y], defaults: [y]"), R"({"a":["y"]})");
  EXPECT_EQ(none("MULTISELECT, values: [x, y], autoSelectFirst: true"), R"({"a":["x"]})");
}

TEST_F(Inputs, ChooseFromAnExpression) {
  constexpr std::string_view declared = "  - {id: a, type: SELECT, expression: '{{ inputs.c }}', dependsOn: {inputs: [c]}}\n  - {id: c, type: ARRAY, itemType: STRING}";
  EXPECT_EQ(bind(declared, {{"a", "u"s}, {"c", "[\"u\",\"v\"]"s}}), R"({"a":"u","c":["u","v"]})");
  EXPECT_EQ(bind(declared, {{"a", "w"s}, {"c", "[\"u\",\"v\"]"s}}), refused("it must match the values `[u, v]`"));
  EXPECT_EQ(bind("  - {id: a, type: SELECT, expression: abc}", {{"a", "w"s}}), refused("a: Invalid expression result. Expected a list of strings"));
}

TEST_F(Inputs, ReadListsElementByElement) {
  EXPECT_EQ(one("ARRAY, itemType: INT", "[1,\"2\"]"), R"({"a":[1,2]})");
  EXPECT_EQ(one("ARRAY, itemType: INT", "[1.5]"), refused("Unable to parse array element as `INT` on `1.5`"));
  EXPECT_EQ(one("ARRAY, itemType: INT", "[null]"), refused("Unable to parse array element as `INT` on `null`"));
  EXPECT_EQ(one("ARRAY, itemType: DATE", "[\"x\"]"), refused("Unable to parse array element as `DATE` on `x`"));
  EXPECT_EQ(one("ARRAY, itemType: INT", "1"), refused("Cannot deserialize value of type `java.util.ArrayList<java.lang.Object>` from Integer value (token `JsonToken.VALUE_NUMBER_INT`)"));
  EXPECT_EQ(none("ARRAY, itemType: STRING, defaults: [a, 1]"), R"({"a":["a","1"]})");
}

TEST_F(Inputs, ParseJsonAndYaml) {
  EXPECT_EQ(one("JSON", "{\"a\":[1,null]}"), R"({"a":{"a":[1,null]}})");
  EXPECT_EQ(one("JSON", "{}"), R"({"a":{}})");
  EXPECT_TRUE(one("JSON", "abc").starts_with(refused("")));
  EXPECT_EQ(one("YAML", "some: property\nalist:\n- of\n- values"), R"({"a":{"some":"property","alist":["of","values"]}})");
  EXPECT_EQ(none("JSON, defaults: {k: v}"), R"({"a":{"k":"v"}})");
}

TEST_F(Inputs, CheckPatternsUrisAndEmails) {
  EXPECT_EQ(one("STRING, validator: '[A-Z]+'", "ABC"), R"({"a":"ABC"})");
  EXPECT_EQ(one("STRING, validator: '[A-Z]+'", "xABC"), refused("it must match the pattern `[A-Z]+`"));
  EXPECT_EQ(one("URI", "http:/x"), R"({"a":"http:/x"})");
  EXPECT_EQ(one("URI", "abc"), refused("Invalid URI format."));
  EXPECT_EQ(one("URI", "a b"), refused("Illegal character in path at index 1: a b"));
  EXPECT_EQ(one("URI", "http://a b"), refused("Illegal character in authority at index 8: http://a b"));
  EXPECT_EQ(one("URI", "1a:b"), refused("Illegal character in scheme name at index 0: 1a:b"));
  EXPECT_EQ(one("EMAIL", "a.b+c@d.co.uk"), R"({"a":"a.b+c@d.co.uk"})");
  EXPECT_EQ(one("EMAIL", "a b@c.d"), refused("The input must be a valid email"));
}

TEST_F(Inputs, EncryptSecretsAndNeverEchoThem) {
  EXPECT_EQ(one("SECRET", "abc"), R"({"a":{"value":"cba"}})");
  EXPECT_EQ(one("SECRET", ""), R"({"a":{"value":"","type":"io.kestra.datatype:aes_encrypted"}})");
  const auto bound = bind_each(declare("  - {id: a, type: SECRET, validator: '[A-Z]+'}"), {{"a", "hush"s}}, context_);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->front().errors, std::vector<std::string>{refused("a: it must match the pattern `[A-Z]+`")});
  EXPECT_TRUE(bound->front().value.is_null());
  context_.encrypt = nullptr;
  EXPECT_TRUE(one("SECRET", "abc").contains("encryption key"));
}

TEST_F(Inputs, TakeUploadedFilesThatAreNotEmpty) {
  constexpr std::string_view declared = "  - {id: a, type: FILE}";
  EXPECT_EQ(bind(declared, {{"a", GivenFile{"kestra:///x/my.txt", "my.txt", 3}}}), R"({"a":"kestra:///x/my.txt"})");
  EXPECT_EQ(bind(declared, {{"a", GivenFile{"kestra:///x/my.txt", "my.txt", 0}}}), "Can't upload file: a");
  EXPECT_EQ(bind(declared, {{"a", "nsfile:///x.txt"s}}), R"({"a":"nsfile:///x.txt"})");
  EXPECT_TRUE(bind(declared, {{"a", "abc"s}}).contains("is no file"));
}

TEST_F(Inputs, NestUnderTheDotsOfTheirIds) {
  EXPECT_EQ(bind("  - {id: a.b, type: STRING}\n  - {id: a.c.d, type: INT}", {{"a.b", "x"s}, {"a.c.d", "3"s}, {"undeclared", "dropped"s}}), R"({"a":{"b":"x","c":{"d":3}}})");
}

TEST_F(Inputs, RenderDefaultsWithWhatTheyDependOn) {
  constexpr std::string_view declared = "  - {id: a, type: STRING, defaults: '{{ inputs.c }}!', dependsOn: {inputs: [c]}}\n  - {id: c, type: STRING}";
  EXPECT_EQ(bind(declared, {{"c", "zz"s}}), R"({"a":"zz!","c":"zz"})");
  EXPECT_EQ(none("STRING, defaults: '{{ flow.id }}'"), R"({"a":"f"})");
  EXPECT_EQ(none("STRING, defaults: '{{ nope }}'"), refused("Unable to find `nope` used in the expression `{{ nope }}` at line 1"));
  EXPECT_EQ(none("STRING, defaults: '{{ kv(\"x\") }}'"), "needs");
}

TEST_F(Inputs, VanishWhenTheirConditionOrDependencyFails) {
  constexpr std::string_view declared =
      "  - {id: a, type: STRING, dependsOn: {inputs: [c]}}\n  - {id: c, type: STRING, dependsOn: {inputs: [d], condition: \"{{ inputs.d == 'y' }}\"}}\n  - {id: d, type: STRING}";
  EXPECT_EQ(bind(declared, {{"a", "1"s}, {"c", "2"s}, {"d", "n"s}}), R"({"d":"n"})");
  EXPECT_EQ(bind(declared, {{"a", "1"s}, {"c", "2"s}, {"d", "y"s}}), R"({"a":"1","c":"2","d":"y"})");
  EXPECT_EQ(bind(declared, {{"d", "y"s}}), "Missing required input:c");
  EXPECT_EQ(bind("  - {id: a, type: STRING, dependsOn: {inputs: [c], condition: \"{{ inputs.nope }}\"}}\n  - {id: c, type: STRING}", {{"a", "1"s}, {"c", "2"s}}), R"({"c":"2"})");
}

TEST_F(Inputs, TellEveryRefusalAtOnce) {
  const auto bound = bind_inputs(declare("  - {id: s, type: STRING}\n  - {id: i, type: INT, max: 10}"), {{"i", "70"s}}, context_);
  ASSERT_FALSE(bound);
  const Error& error = std::get<Error>(bound.error());
  EXPECT_EQ(error.message, "Missing required input:s");
  ASSERT_EQ(error.violations.size(), 2u);
  EXPECT_EQ(error.violations[1].path, "i");
}

TEST_F(Inputs, AreToldOneByOne) {
  const auto bound = bind_each(declare("  - {id: s, type: STRING}\n  - {id: i, type: INT, max: 10}\n  - {id: d, type: DURATION, defaults: PT1M}\n  - {id: o, type: JSON, required: false}"),
                               {{"s", "t"s}, {"i", "70"s}}, context_);
  ASSERT_TRUE(bound);
  EXPECT_EQ((*bound)[0].value, Json("t"));
  EXPECT_EQ((*bound)[1].value, Json("70"));
  EXPECT_EQ((*bound)[1].errors.size(), 1u);
  EXPECT_EQ((*bound)[2].value, Json("PT1M"));
  EXPECT_TRUE((*bound)[2].is_default);
  EXPECT_TRUE((*bound)[3].enabled);
  EXPECT_TRUE((*bound)[3].value.is_null());
}

}  // namespace
}  // namespace insula::flow
