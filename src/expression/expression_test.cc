#include <gtest/gtest.h>

#include "expression/jq_for_tests.h"

namespace insula::expression {
namespace {

Json json(std::string_view text) { return parse_json(text).value(); }
ObjectVariables variables(std::string_view text) { return ObjectVariables(json(text).as_object()); }

std::string render(std::string_view source, const Variables& with, const Environment& environment = with_jq()) {
  const auto rendered = Template::compile(source).render(with, environment);
  if (rendered) return *rendered;
  if (const auto* error = std::get_if<Error>(&rendered.error())) return "error: " + error->message;
  std::string out = "needs:";
  for (const Lookup& lookup : std::get<Needs>(rendered.error()).lookups) out += " " + lookup.name + write_json(lookup.arguments);
  return out;
}
std::string render(std::string_view source) { return render(source, ObjectVariables({})); }

// Outputs of tasks are asked for one by one; `known` is what memory holds.
class LazyOutputs : public ObjectVariables {
 public:
  explicit LazyOutputs(JsonObject known, JsonObject others = {}) : ObjectVariables(std::move(others)), known_(std::move(known)) {}
  bool is_lazy(std::string_view name) const override { return name == "outputs"; }
  Answer member(std::string_view, std::string_view key) const override {
    asked.emplace_back(key);
    if (key == "gone") return Undefined{};
    if (const Json* found = insula::find(known_, key)) return found;
    return Pending{};
  }
  Answer whole(std::string_view) const override { return Pending{}; }
  mutable std::vector<std::string> asked;

 private:
  JsonObject known_;
};

TEST(Template, WithoutDelimitersRendersToItself) {
  const Template text = Template::compile("plain } text {");
  EXPECT_TRUE(text.is_literal());
  EXPECT_EQ(text.render(ObjectVariables({}), with_jq()).value(), "plain } text {");
}

TEST(Template, KeepsASyntaxErrorForEachRendering) {
  const Template text = Template::compile("{{ 1 +\n }}");
  EXPECT_FALSE(text.is_literal());
  ASSERT_TRUE(text.error());
  EXPECT_EQ(text.error()->code, "expression-syntax");
  EXPECT_EQ(text.error()->violations.at(0).line, 1);
  EXPECT_FALSE(text.render(ObjectVariables({}), with_jq()));
}

TEST(Template, ATypedRenderingKeepsTheTypeOfALoneExpression) {
  const auto with = variables(R"({"list":[1,"a",null],"map":{"a":1},"text":"x"})");
  const auto typed = [&](std::string_view source) { return write_json(Template::compile(source).render_typed(with, {}).value()); };
  EXPECT_EQ(typed("{{ list }}"), R"([1,"a",null])");
  EXPECT_EQ(typed("{{ map }}"), R"({"a":1})");
  EXPECT_EQ(typed("{{ 1 + 1 }}"), "2");
  EXPECT_EQ(typed("{{ null }}"), "null");
  EXPECT_EQ(typed("{{ text }}"), "\"x\"");
  EXPECT_EQ(typed("a {{ list }}"), R"x("a [1,\"a\",null]")x");
}

TEST(Template, NullInVariablesIsDefinedToBeNull) {
  const auto with = variables(R"({"inputs":{"optional":null}})");
  EXPECT_EQ(render("[{{ inputs.optional }}]", with), "[]");
  EXPECT_EQ(render("{{ inputs.optional is null }} {{ inputs.optional is defined }} {{ inputs.optional ?? 'd' }} [{{ inputs.optional ??? 'd' }}]", with), "true false d []");
}

TEST(Template, NamesThePathsThatItReads) {
  const auto paths = [](std::string_view source) {
    std::vector<std::string> out;
    for (const auto& path : Template::compile(source).references().paths) out.push_back(join(path, "."));
    return join(out, " ");
  };
  EXPECT_EQ(paths("{{ outputs.extract.value }} {{ outputs['load-it'].rows[0].id }} {{ inputs.x | default(vars.y) }}"), "outputs.extract.value outputs.load-it.rows.0.id inputs.x vars.y");
  EXPECT_EQ(paths("{% for row in outputs.q.rows %}{{ row.a }}{% endfor %}"), "outputs.q.rows row.a");
  EXPECT_EQ(paths("{{ a[b.c].d }}"), "b.c a");
  EXPECT_EQ(paths("{{ tasksWithState('FAILED') }}"), "tasks");
  EXPECT_FALSE(Template::compile("{{ outputs.a.b[inputs.x] }}").references().is_open);
  EXPECT_TRUE(Template::compile("{{ outputs[inputs.x] }}").references().is_open);
  EXPECT_TRUE(Template::compile("{{ printContext() }}").references().is_open);
  EXPECT_TRUE(Template::compile("{{ render(vars.x) }}").references().is_open);
}

TEST(Lookups, OneRoundCollectsAllThatCanBeNamed) {
  EXPECT_EQ(render("{{ kv('a') }} {{ secret('B') ~ kv(key='c', namespace='n') }} {{ kv('a') | upper }}"), R"(needs: kv{"key":"a"} secret{"key":"B"} kv{"key":"c","namespace":"n"})");
}

TEST(Lookups, AreNotMadeInPartsThatMayNotBeReached) {
  EXPECT_EQ(render("{% if kv('a') == 1 %}{{ kv('b') }}{% endif %}"), R"(needs: kv{"key":"a"})");
  EXPECT_EQ(render("{{ kv('a') ?? kv('b') }}"), R"(needs: kv{"key":"a"})");
  EXPECT_EQ(render("{{ false and kv('b') }}"), "false");
  EXPECT_EQ(render("{{ true ? 1 : kv('b') }}"), "1");
}

TEST(Lookups, AFailureAfterAnOpenQuestionWaitsForTheAnswer) {
  EXPECT_EQ(render("{{ kv('a') }}{{ missing }}"), R"(needs: kv{"key":"a"})");
  EXPECT_EQ(render("{{ missing }}{{ kv('a') }}"), "error: Unable to find `missing` used in the expression `{{ missing }}{{ kv('a') }}` at line 1");
}

TEST(Lookups, AnswersAreUsedAsValuesAndErrorsAsMessages) {
  const ObjectVariables with({}, [](const Lookup& lookup) -> Answer {
    if (lookup.name == "kv") return json(R"({"url":"http://x","n":2})");
    if (lookup.name == "secret") return Error{ErrorKind::not_found, "secret-unknown", "Cannot find secret for key 'X'.", {}, {}};
    return Undefined{};
  });
  EXPECT_EQ(render("{{ kv('a').url }} {{ kv('a').n + 1 }}", with), "http://x 3");
  EXPECT_EQ(render("{{ secret('X') }}", with), "error: Cannot find secret for key 'X'.");
  EXPECT_EQ(render("{{ read('x') ?? 'none' }}", with), "none");
}

TEST(Lookups, ArgumentsAreCheckedBeforeAnythingIsAsked) {
  EXPECT_EQ(render("{{ kv() }}"), "error: io.pebbletemplates.pebble.error.PebbleException: The 'kv' function expects an argument 'key'. ({{ kv() }}:1)");
  EXPECT_EQ(render("{{ fileURI('../a') }}"), "error: Path must not contain '../'");
}

TEST(LazyRoots, AreAskedForTheMemberThatIsRead) {
  const LazyOutputs with(json(R"({"a":{"x":1}})").as_object());
  EXPECT_EQ(render("{{ outputs.a.x }}", with), "1");
  EXPECT_EQ(with.asked, std::vector<std::string>{"a"});
  EXPECT_EQ(render("{{ outputs.b.x }} {{ outputs['c-d'].y }}", with), R"(needs: outputs{"key":"b"} outputs{"key":"c-d"})");
  EXPECT_EQ(render("{{ outputs }}", with), "needs: outputs{}");
}

TEST(LazyRoots, WhatIsKnownNotToExistIsMissing) {
  const LazyOutputs with({});
  EXPECT_EQ(render("{{ outputs.gone.x ?? 'd' }} {{ outputs.gone is defined }} {{ outputs.gone.x | default('e') }}", with), "d false e");
  EXPECT_EQ(render("{{ outputs.gone }}", with), "error: Unable to find `gone` used in the expression `{{ outputs.gone }}` at line 1");
  EXPECT_EQ(render("{{ outputs.later ?? 'd' }}", with), R"(needs: outputs{"key":"later"})");
  EXPECT_EQ(render("{{ outputs.later is defined }}", with), R"(needs: outputs{"key":"later"})");
}

TEST(LazyRoots, AreHiddenByALocalNameOfTheSameSpelling) {
  const LazyOutputs with({});
  EXPECT_EQ(render("{% set outputs = {'a': 1} %}{{ outputs.a }}", with), "1");
}

TEST(Randomness, IsTheSameForTheSameEnvironment) {
  Environment one;
  one.seed = 7;
  one.now = Instant(std::chrono::seconds(1'700'000'000));
  const std::string source = "{{ id() }} {{ uuid() }} {{ nanoId() }} {{ ksuid() }} {{ randomInt(1, 1000000) }} {{ now() }}";
  const ObjectVariables none({});
  EXPECT_EQ(render(source, none, one), render(source, none, one));
  Environment other = one;
  other.seed = 8;
  EXPECT_NE(render(source, none, one), render(source, none, other));
  EXPECT_EQ(render("{{ id() | length }} {{ uuid() | length }} {{ ksuid() | length }} {{ nanoId() | length }}", none, one), "22 36 27 21");
}

TEST(Encryption, DecryptGivesBackWhatEncryptWasGiven) {
  const std::string key = "I6EGNzRESu3X3pKZidrqCGOHQFUFC0yK";
  EXPECT_EQ(render("{{ decrypt('" + key + "', encrypt('" + key + "', 'h\u00e9llo')) }}"), "h\u00e9llo");
  // Made by the original.
  EXPECT_EQ(render("{{ decrypt('" + key + "', 'jc/B+7L4daIZFWh3HIIyhDkN42+T0z4TCHhj6zOwsxy4') }}"), "hello");
}

TEST(RecursiveRendering, GoesOnUntilNothingChanges) {
  const auto with = variables(R"({"first":"1","second":"{{first}}","third":"{{second}}"})");
  Environment recursive;
  recursive.recursive = true;
  EXPECT_EQ(render("{{ third }}", with), "{{second}}");
  EXPECT_EQ(render("{{ third }}", with, recursive), "1");
  EXPECT_NE(render("{{ render(first) }}", with, recursive).find("Function or Macro [render] does not exist"), std::string::npos);
}

TEST(Property, RendersTextsAndKeysDeeply) {
  const auto with = variables(R"({"k":"key","v":[1,2],"s":"x"})");
  const Property property = Property::compile(json(R"({"{{ k }}":["{{ v }}",1,null,true,{"a":"{{ s }}"}],"plain":2})"));
  EXPECT_FALSE(property.is_literal());
  EXPECT_EQ(write_json(property.render(with, {}).value()), R"x({"key":["[1,2]",1,null,true,{"a":"x"}],"plain":2})x");
  EXPECT_EQ(write_json(property.render_typed(with, {}).value()), R"({"key":[[1,2],1,null,true,{"a":"x"}],"plain":2})");
  EXPECT_EQ(property.references().paths.size(), 3u);
}

TEST(Property, WithoutExpressionsIsLiteral) {
  const Property property = Property::compile(json(R"({"a":[1,"b"]})"));
  EXPECT_TRUE(property.is_literal());
  EXPECT_EQ(write_json(property.render(ObjectVariables({}), with_jq()).value()), R"({"a":[1,"b"]})");
  EXPECT_EQ(Property::compile(nullptr).render_text(ObjectVariables({}), with_jq()).value(), "");
  EXPECT_EQ(Property::compile(5).render_text(ObjectVariables({}), with_jq()).value(), "5");
}

TEST(Property, CollectsTheLookupsOfAllItsTexts) {
  const Property property = Property::compile(json(R"(["{{ kv('a') }}",{"x":"{{ kv('b') }}"},"{{ kv('a') }}"])"));
  const auto rendered = property.render(ObjectVariables({}), with_jq());
  ASSERT_FALSE(rendered);
  EXPECT_EQ(std::get<Needs>(rendered.error()).lookups.size(), 2u);
}

TEST(Truth, FollowsTheOriginal) {
  for (const char* text : {"", "false", "0", "-0", " ", "\n", " false ", "0 "}) EXPECT_FALSE(is_truthy(text)) << text;
  for (const char* text : {"False", "no", "[]", "0.0", "true"}) EXPECT_TRUE(is_truthy(text)) << text;
}

TEST(Registry, ListsEveryNameOfTheOriginal) {
  std::map<Entry::Kind, int> counts;
  for (const Entry& entry : registry()) {
    ++counts[entry.kind];
    EXPECT_FALSE(entry.doc.empty()) << entry.name;
    EXPECT_FALSE(entry.example.empty()) << entry.name;
  }
  EXPECT_EQ(counts[Entry::Kind::filter], 59);
  EXPECT_EQ(counts[Entry::Kind::function], 33);
  EXPECT_EQ(counts[Entry::Kind::test], 8);
  EXPECT_EQ(counts[Entry::Kind::tag], 8);
}

TEST(Registry, EveryExampleParses) {
  for (const Entry& entry : registry()) EXPECT_FALSE(Template::compile(entry.example).error()) << entry.name;
}

}  // namespace
}  // namespace insula::expression
