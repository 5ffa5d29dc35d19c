// The language as golden files: cases/*.txt, every line of which was answered by the published original (1.3.31).
//   # comment
//   ~ {"name": value}     the variables of the cases that follow
//   > template
//   = expected text       or
//   ! expected error
// `\n`, `\r`, `\t` and `\\` stand for themselves in templates and results.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "expression/jq_for_tests.h"

namespace insula::expression {
namespace {

std::string unescaped(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\' || i + 1 >= line.size()) {
      out += line[i];
      continue;
    }
    const char next = line[++i];
    out += next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next;
  }
  return out;
}

void check(const std::string& where, const std::string& source, const ObjectVariables& variables, char kind, const std::string& expected) {
  Environment environment = with_jq();
  environment.zone = "Etc/UTC";
  const auto rendered = Template::compile(source).render(variables, environment);
  if (kind == '=') {
    if (rendered) {
      EXPECT_EQ(*rendered, expected) << where << ": " << source;
    } else {
      const auto* error = std::get_if<Error>(&rendered.error());
      ADD_FAILURE() << where << ": " << source << " failed: " << (error ? error->message : "it needs something from outside");
    }
    return;
  }
  ASSERT_FALSE(rendered) << where << ": " << source << " gave " << *rendered;
  const auto* error = std::get_if<Error>(&rendered.error());
  ASSERT_TRUE(error) << where << ": " << source;
  EXPECT_EQ(error->message, expected) << where << ": " << source;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, EveryCaseGivesWhatTheOriginalGives) {
  std::ifstream file(std::string(INSULA_EXPRESSION_CASES) + "/" + GetParam() + ".txt");
  ASSERT_TRUE(file.is_open());
  ObjectVariables variables({});
  std::string line;
  std::string source;
  int number = 0;
  int cases = 0;
  while (std::getline(file, line)) {
    ++number;
    if (line.size() < 2 || line[0] == '#') continue;
    const std::string rest = line.substr(2);
    if (line[0] == '~') {
      const auto json = parse_json(rest);
      ASSERT_TRUE(json) << number;
      variables = ObjectVariables(json->as_object());
    } else if (line[0] == '>') {
      source = unescaped(rest);
    } else {
      check(fmt::format("{}.txt:{}", GetParam(), number), source, variables, line[0], unescaped(rest));
      ++cases;
    }
  }
  EXPECT_GT(cases, 0);
}

std::vector<std::string> golden_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(INSULA_EXPRESSION_CASES)) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, testing::ValuesIn(golden_files()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace insula::expression
