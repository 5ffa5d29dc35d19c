#include "tasks/glob.h"

#include <gtest/gtest.h>

namespace insula::tasks {
namespace {

bool matches(std::string_view pattern, std::string_view path) { return Glob::compile(pattern).value().matches(path); }

TEST(Glob, StarStaysInItsFolder) {
  EXPECT_TRUE(matches("*.csv", "a.csv"));
  EXPECT_TRUE(matches("*.csv", ".csv"));
  EXPECT_FALSE(matches("*.csv", "a/b.csv"));
  EXPECT_FALSE(matches("*.csv", "a.csv.gz"));
  EXPECT_TRUE(matches("a/*/c", "a/b/c"));
  EXPECT_FALSE(matches("a/*/c", "a/b/b/c"));
}

TEST(Glob, TwoStarsCrossFolders) {
  EXPECT_TRUE(matches("**", "a/b/c"));
  EXPECT_TRUE(matches("**.csv", "a/b.csv"));
  EXPECT_TRUE(matches("**/b.csv", "b.csv"));
  EXPECT_TRUE(matches("**/b.csv", "x/y/b.csv"));
  EXPECT_FALSE(matches("**/b.csv", "xb.csv"));
  EXPECT_TRUE(matches("out/**/x", "out/x"));
  EXPECT_TRUE(matches("out/**/x", "out/a/b/x"));
  EXPECT_FALSE(matches("out/**/x", "out/ax"));
  EXPECT_FALSE(matches("out/**", "outer/x"));
}

TEST(Glob, KnowsSetsAlternativesAndEscapes) {
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "a/c"));
  EXPECT_TRUE(matches("[a-c]x", "bx"));
  EXPECT_FALSE(matches("[!a-c]x", "bx"));
  EXPECT_TRUE(matches("*.{csv,json}", "a.json"));
  EXPECT_TRUE(matches("{a,b{c,d}}.txt", "bd.txt"));
  EXPECT_FALSE(matches("{a,b}.txt", "c.txt"));
  EXPECT_TRUE(matches("a\\*", "a*"));
  EXPECT_FALSE(matches("a\\*", "ab"));
  EXPECT_TRUE(matches("./a", "a"));
}

TEST(Glob, TellsALiteralName) {
  EXPECT_EQ(Glob::compile("out/a.txt").value().literal(), "out/a.txt");
  EXPECT_EQ(Glob::compile("*.txt").value().literal(), "");
  EXPECT_EQ(Glob::compile("{a,b}").value().literal(), "");
}

TEST(Glob, RefusesWhatIsBrokenOrTooMuch) {
  EXPECT_FALSE(Glob::compile("{a"));
  EXPECT_FALSE(Glob::compile("[a"));
  EXPECT_FALSE(Glob::compile(std::string(2'000, 'a')));
  EXPECT_FALSE(Glob::compile("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"));
}

TEST(Glob, AHostilePatternIsCheap) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "**a";
  EXPECT_FALSE(matches(pattern + "b", std::string(5'000, 'a')));
}

}  // namespace
}  // namespace insula::tasks
