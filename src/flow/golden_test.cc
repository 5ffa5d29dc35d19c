// Each cases/ok-*.yaml is valid, each cases/fail-*.yaml is not; beside it stands what is told about it. INSULA_REWRITE_GOLDEN=1 writes those files anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "flow/flow.h"
#include "flow/test_catalog.h"

namespace insula::flow {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string list(std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string out = fmt::format("{}:\n", title);
  for (const std::string& line : lines) out += fmt::format("  {}\n", line);
  return out;
}

std::string task_line(const Flow& flow, TaskIndex index, int depth) {
  const Task& task = flow.task(index);
  std::string out = fmt::format("{:{}}#{} {} {} line {}{}{}", "", depth * 2, index, task.id, task.type.substr(task.type.rfind('.') + 1), task.line, task.disabled ? " disabled" : "",
                                task.depends_on.empty() ? "" : fmt::format(" after {}", fmt::join(task.depends_on, ",")));
  if (!task.properties.empty()) out += " " + write_json(task.properties);
  out += "\n";
  for (const Branch& branch : task.branches) {
    out += fmt::format("{:{}}{}{}\n", "", depth * 2 + 1, branch.name, branch.key.empty() ? "" : "." + branch.key);
    for (const TaskIndex child : branch.tasks) out += task_line(flow, child, depth + 1);
  }
  return out;
}

std::string describe(const ReadFlow& read) {
  std::string out;
  for (const Violation& violation : read.report.violations)
    out += fmt::format("{}:{} {}: {}{}\n", violation.line, violation.column, violation.path, violation.message, violation.suggestion.empty() ? "" : fmt::format(" [{}]", violation.suggestion));
  if (!read.report.constraints.empty()) out += "--- constraints\n" + read.report.constraints + "\n--- refusal\n" + read.report.refusal + "\n";
  for (const Violation& violation : read.report.refusal_errors) out += fmt::format("  path `{}`: {}\n", violation.path, violation.message.substr(0, violation.message.find('\n')));
  out += list("deprecated", read.report.deprecation_paths) + list("warnings", read.report.warnings) + list("infos", read.report.infos);
  for (const Violation& duplicate : read.duplicate_keys) out += fmt::format("duplicate {}:{} {}\n", duplicate.line, duplicate.column, duplicate.path);
  if (!read.flow) return out;
  out += "--- tree\n" + write_json_pretty(read.flow->tree) + "\n--- tasks\n";
  for (const Branch* branch : {&read.flow->main, &read.flow->errors, &read.flow->finally, &read.flow->after_execution}) {
    if (branch->tasks.empty()) continue;
    out += branch->name + "\n";
    for (const TaskIndex index : branch->tasks) out += task_line(*read.flow, index, 1);
  }
  return out;
}

TEST(Flow, IsReadAsTheGoldenFilesSay) {
  const bool rewrite = std::getenv("INSULA_REWRITE_GOLDEN") != nullptr;
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(INSULA_FLOW_CASES)) {
    if (entry.path().extension() != ".yaml") continue;
    ++seen;
    const ReadFlow read = read_flow(read_file(entry.path()), test_catalog());
    EXPECT_EQ(read.flow != nullptr, entry.path().filename().string().starts_with("ok-")) << entry.path();
    fs::path expected = entry.path();
    expected.replace_extension(".expected");
    if (rewrite) std::ofstream(expected, std::ios::binary) << describe(read);
    else EXPECT_EQ(describe(read), read_file(expected)) << entry.path();
  }
  EXPECT_GE(seen, 20);
}

}  // namespace
}  // namespace insula::flow
