// Hostile texts end in an error, soon and without harm.
#include <gtest/gtest.h>

#include "expression/jq_for_tests.h"

namespace insula::expression {
namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

Environment with_few_steps() {
  Environment environment = with_jq();
  environment.limits.steps_max = 200'000;
  return environment;
}

Error error_of(std::string_view source, const Environment& environment = with_few_steps()) {
  const auto rendered = Template::compile(source).render(ObjectVariables({}), environment);
  if (rendered) return Error{ErrorKind::internal, "none", "rendered", {}, {}};
  const auto* error = std::get_if<Error>(&rendered.error());
  return error ? *error : Error{ErrorKind::internal, "needs", {}, {}, {}};
}

TEST(Limits, DeepNestingIsRefused) {
  for (const auto& [open, close] : {std::pair("(", ")"), {"[", "]"}, {"not ", ""}, {"- ", ""}, {"{'a':", "}"}, {"x[", "]"}, {"f(", ")"}, {"true ? 1 : ", ""}}) {
    const std::string source = "{{ " + repeat(open, 20'000) + "1" + repeat(close, 20'000) + " }}";
    EXPECT_EQ(error_of(source).code, "expression-syntax") << open;
  }
  EXPECT_EQ(error_of(repeat("{% if true %}", 20'000)).code, "expression-syntax");
  EXPECT_EQ(error_of(repeat("{% block 'a' %}", 20'000)).code, "expression-syntax");
}

TEST(Limits, LongChainsAreRefused) {
  for (const char* link : {" ~ 1", " | upper", ".a", "[0]", " + 1", " and true", " ?? 1"}) {
    EXPECT_EQ(error_of("{{ x" + repeat(link, 20'000) + " }}").code, "expression-syntax") << link;
  }
}

TEST(Limits, EndlessWorkIsStopped) {
  EXPECT_EQ(error_of("{{ 1..9223372036854775807 }}").code, "expression-too-long");
  EXPECT_EQ(error_of("{{ range(1, 10000000) }}").code, "expression-too-long");
  EXPECT_EQ(error_of("{% for a in 1..1000 %}{% for b in 1..1000 %}{% endfor %}{% endfor %}").code, "expression-too-long");
  EXPECT_EQ(error_of("{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(1) }}").code, "expression-too-deep");
  EXPECT_EQ(error_of("{% block 'a' %}{{ block('a') }}{% endblock %}").code, "expression-too-deep");
  EXPECT_EQ(error_of("{{ 1 | jq('def f: f; f') }}").code, "expression-too-long");
  EXPECT_EQ(error_of("{{ 1 | jq('[range(100000000)] | length') }}").code, "expression-too-long");
  EXPECT_EQ(error_of("{{ 1 | jq('[repeat(1)]') }}").code, "expression-too-long");
  EXPECT_EQ(error_of(R"x({{ 1 | jq('"a\(def f: f; f)"') }})x").code, "expression-too-long");
}

TEST(Limits, GrowingTextsAreStopped) {
  Environment small = with_jq();
  small.limits.output_bytes_max = 1 << 20;
  EXPECT_EQ(error_of("{% set x = 'abcdefgh' %}{% for i in 1..60 %}{% set x = x ~ x %}{% endfor %}{{ x }}", small).code, "expression-too-large");
  EXPECT_EQ(error_of("{% set x = [1] %}{% for i in 1..60 %}{% set x = x + x %}{% endfor %}{{ x }}", small).code, "expression-too-large");
  EXPECT_EQ(error_of("{% for i in 1..200000 %}0123456789{% endfor %}", small).code, "expression-too-large");
  EXPECT_EQ(error_of("{% set x = 'a' %}{% for i in 1..60 %}{% set x = x | replace({'a': 'aaaa'}) %}{% endfor %}", small).code, "expression-too-large");
}

TEST(Limits, DeepValuesAreRefused) {
  EXPECT_EQ(error_of("{% set x = [] %}{% for i in 1..100000 %}{% set x = [x] %}{% endfor %}{{ x }}").code, "expression-too-deep");
  EXPECT_EQ(error_of("{{ fromJson('" + repeat("[", 20'000) + "') }}").code, "expression-failed");
  EXPECT_EQ(error_of("{{ fromIon('" + repeat("[", 20'000) + "') }}").code, "expression-failed");
  EXPECT_EQ(error_of("{{ yaml('" + repeat("[", 10'000) + "') }}").code, "expression-failed");
}

TEST(Limits, HostileNumbersAreRefused) {
  EXPECT_NE(error_of("{{ '1e999999999' | number('BIGDECIMAL') }}").code, "none");
  EXPECT_NE(error_of("{{ '%999999999s' | format('a') }}").code, "none");
  EXPECT_NE(error_of("{{ 'a' | indent(999999999) }}").code, "none");
  EXPECT_NE(error_of("{{ nanoId(length=999999999) }}").code, "none");
}

TEST(Limits, JqProgramsSeeNothingOfTheProcess) {
  for (const char* program : {"env", "$ENV", "$ENV.PATH", "env.PATH", "input", "[inputs]", "input_filename", "import \"a\" as a; 1", "halt", "\"\\(env)\"", "get_search_list", "\"\\(1)\" | env", "\"\\(\"a\" | env)\"", "{$ENV}", "# x\nenv", "_range(0; 9)"}) {
    const auto rendered = Template::compile(fmt::format("{{{{ 1 | jq('{}') }}}}", program)).render(ObjectVariables({}), with_jq());
    EXPECT_FALSE(rendered) << program << " gave " << rendered.value_or("");
  }
  EXPECT_EQ(Template::compile("{{ {'env': 1, 'inputs': {'debug': 2}} | jq('[.env, .inputs.debug, {input: .env}]') }}").render(ObjectVariables({}), with_jq()).value(), R"([[1,2,{"input":1}]])");
}

TEST(Limits, HostileRegularExpressionsStayFast) {
  EXPECT_EQ(error_of("{{ '" + repeat("a", 5000) + "' | replace({'(a+)+b': 'x'}, regexp=true) }}").code, "none");
  EXPECT_EQ(error_of("{{ 'a' | replace({'(?=a)': 'x'}, regexp=true) }}").code, "expression-failed");
}

TEST(Limits, PiecesOfTemplatesInAnyOrderNeverCrash) {
  const std::vector<std::string> pieces = {"{{", "}}", "{%", "%}", "{#", "#}", "if", "else", "endif", "for", " in ", "set", "macro", "endmacro", "block", "filter", "raw", "endraw", "verbatim", "x", "'", "\"", "#{", "}", "(", ")", "[",
                                           "]", ",", ":", "?", "|", ".", "=", "==", "~", "1", "1.5", "-", "\\", "\n", " ", "upper", "default", "is", "not", "\xc3\xa9", "\xff"};
  std::uint64_t state = 1;
  for (int round = 0; round < 5'000; ++round) {
    std::string source;
    for (int i = 0; i < 12; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      source += pieces[(state >> 33) % pieces.size()];
    }
    static_cast<void>(Template::compile(source).render(ObjectVariables({}), with_jq()));
  }
}

}  // namespace
}  // namespace insula::expression
