// The programs that run here give what those in a process give; what a program must not do ends in an error.
#include <gtest/gtest.h>

#include "expression/jq_for_tests.h"

namespace insula::expression {
namespace {

const JsonObject kInput = parse_json(R"({"map": {"a": 1, "b": {"c": "x", "d": [1, 2]}, "n": null, "t": true}, "list": [{"id": 1, "name": "x"}, {"id": 2}, {"id": "1", "extra": [[]]}], "numbers": [3, 1.5, -2, 2.5], "text": "abc", "number": 5, "nothing": null, "empty": []})")->as_object();

std::string run(std::string_view name, std::string_view program, bool in_process, std::string* code = nullptr) {
  Environment environment;
  if (in_process) environment.jq = jq_for_tests();
  // A program with `def` in front is never simple.
  const std::string whole = (in_process ? "def _: .; " : "") + std::string(program);
  JsonObject variables = kInput;
  variables["program"] = whole;
  const auto rendered = Template::compile(fmt::format("{{{{ {} | jq(program) }}}}", name)).render(ObjectVariables(std::move(variables)), environment);
  if (rendered) return *rendered;
  const auto* error = std::get_if<Error>(&rendered.error());
  if (code && error) *code = error->code;
  return error && error->code == "jq-unavailable" ? "not simple" : "failed";
}

TEST(Jq, SimpleProgramsGiveWhatLibjqGives) {
  int simple = 0;
  for (const char* program : {".", ".a", ".b.c", ".b.d[0]", ".b[\"c\"]", ".\"a\"", ".b.\"c\"", ".[]", ".[]?", ".[0]", ".[-1]", ".[9]", ".[1:]", ".[:1]", ".[0:-1]", ".[] | .id", ".[].id", ".[].id?", "map(.id)", "map(.id?)", ".[] | select(.id == 1)", "[.[] | select(.id == \"1\")]", "[.[] | select(.name)]",
                                "{a: .a, \"b\": .b}", "{a}", "[.a, .b]", ".a, .b", "(.a, .b) | .c?", "[]", "{}", "1", "\"s\"", "null", "true", ".a == 1", ".a != 1", ".n", ".n.x", ".n[0]", ".b.d | map(.)", ".a.b", ".a?", ".a.b?", "[.[]?]", "map(select(. != null))", "{x: {y: .a}}", ".b | {c, d: [.d]}", ".[0].name", ".[2].extra[0]",
                                ".[] | {id, name}", ".b.d[]", "map([.])", ".a | .", "( . )", " .a  |  . ", "[.[] | .id, 5]", ".t", ".t == true", ".n == null"}) {
    for (const char* name : {"map", "list", "numbers", "text", "number", "empty"}) {
      const std::string here = run(name, program, false);
      if (here == "not simple") continue;
      ++simple;
      EXPECT_EQ(here, run(name, program, true)) << name << " | " << program;
    }
  }
  EXPECT_GT(simple, 300);
}

TEST(Jq, OtherProgramsAreNotTakenForSimpleOnes) {
  for (const char* program : {"..", ".b.d.[0]", ".a // 1", ".a + 1", "length", ".a as $x | $x", "if . then 1 else 2 end", "\"\\(1)\"", ".[.a]", "-1", "1.5", "1e3", "map(.a) | length", ".a = 1", ".a |= 1", "$x", ".a < 1", ".a and .b", "@text", "reduce .[] as $i (0; $i)", "try .a", ".a.", ".a..b", "{(.a): 1}", "{a: 1 + 1}", ".a?//1", "# x\n.", "[.[] as $x | $x]", "select(.a)?.b + 1", "{a", "[.", "map", "select"}) {
    EXPECT_EQ(run("map", program, false), "not simple") << program;
  }
}

TEST(Jq, WhatAProgramTakesIsLimited) {
  for (const char* program : {".[500000000] = 1", "setpath([400000000]; 1)", "reduce range(60) as $i (\"aaaaaaaa\"; . + .)", "[limit(100000000; repeat(1))]"}) {
    std::string code;
    EXPECT_EQ(run("empty", program, true, &code), "failed") << program;
    EXPECT_TRUE(code == "expression-too-large" || code == "expression-too-long") << program << " " << code;
  }
}

}  // namespace
}  // namespace insula::expression
