// flow validate, flow run, flow deploy.
#include <filesystem>

#include "cli/commands.h"
#include "cli/server_session.h"

namespace insula::cli {

namespace {

// The offending line with a caret, as compilers show it.
void print_violation(const std::string& file, const std::string& source, const Violation& violation) {
  const std::string place = violation.line > 0 ? fmt::format("{}:{}:{}", file, violation.line, violation.column) : file;
  fmt::print("{}: {}{}{}\n", Terminal::paint(place, "bold"), violation.path.empty() ? "" : violation.path + ": ", violation.message,
             violation.suggestion.empty() ? "" : fmt::format(" (did you mean `{}`?)", violation.suggestion));
  if (violation.line <= 0) return;
  const std::vector<std::string> lines = split(source, '\n');
  const auto index = static_cast<std::size_t>(violation.line - 1);
  if (index >= lines.size()) return;
  fmt::print("  {:>4} | {}\n       | {}{}\n", violation.line, lines[index], std::string(static_cast<std::size_t>(std::max(violation.column - 1, 0)), ' '), Terminal::paint("^", "red"));
}

// Files as given; folders give their .yml and .yaml files, at any depth, by name.
std::vector<std::string> flow_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && (entry.path().extension() == ".yml" || entry.path().extension() == ".yaml")) inside.push_back(entry.path().string());
    }
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

int validate(const Ports& ports, const std::vector<std::string>& paths) {
  int bad = 0;
  const std::vector<std::string> files = flow_files(paths);
  for (const std::string& file : files) {
    const auto text = read_file(file);
    if (!text) {
      fmt::print("{} {}: cannot be read\n", Terminal::paint("✘", "red"), file);
      ++bad;
      continue;
    }
    for (const std::string& document : flow::split_documents(*text)) {
      const flow::ReadFlow read = ports.check_flow(document);
      std::vector<Violation> violations = read.report.violations;
      violations.insert(violations.end(), read.duplicate_keys.begin(), read.duplicate_keys.end());
      if (violations.empty()) {
        fmt::print("{} {} - {}.{}\n", Terminal::paint("✓", "green"), file, read.report.ns, read.report.flow_id);
      } else {
        fmt::print("{} {}\n", Terminal::paint("✘", "red"), file);
        for (const Violation& violation : violations) print_violation(file, document, violation);
        ++bad;
      }
      for (const std::string& path : read.report.deprecation_paths) fmt::print("{} {} is deprecated\n", Terminal::paint("⚠", "yellow"), path);
      for (const std::string& warning : read.report.warnings) fmt::print("{} {}\n", Terminal::paint("⚠", "yellow"), warning);
      for (const std::string& info : read.report.infos) fmt::print("{} {}\n", Terminal::paint("ℹ", "blue"), info);
    }
  }
  if (files.empty()) fmt::print("no .yml or .yaml file found\n");
  return bad == 0 && !files.empty() ? 0 : 1;
}

int deploy(const ServerAddress& address, const std::vector<std::string>& paths) {
  const auto opened = ServerSession::open(address);
  if (!opened) {
    fmt::print(stderr, "insula: {}\n", opened.error().message);
    return 1;
  }
  const ServerSession& session = *opened;
  int bad = 0, done = 0;
  for (const std::string& file : flow_files(paths)) {
    const auto text = read_file(file);
    if (!text) {
      fmt::print(stderr, "{}: cannot be read\n", file);
      ++bad;
      continue;
    }
    for (const std::string& document : flow::split_documents(*text)) {
      const auto yaml = flow::read_yaml(document);
      const std::string ns = yaml && yaml->value.is_object() ? text_or(yaml->value.get_object(), "namespace") : "";
      const std::string id = yaml && yaml->value.is_object() ? text_or(yaml->value.get_object(), "id") : "";
      const std::string path = fmt::format("/flows/{}/{}", percent_encode(ns), percent_encode(id));
      const bool exists = !ns.empty() && !id.empty() && session.get(path).has_value();
      const auto saved = exists ? session.send("PUT", path, document, "application/x-yaml") : session.send("POST", "/flows", document, "application/x-yaml");
      if (saved) {
        const Json* revision = find(*saved, "revision");
        fmt::print("{} {}.{} revision {} in tenant {}\n", Terminal::paint("✓", "green"), ns, id, revision != nullptr ? to_text(*revision) : "?", session.address().tenant);
        ++done;
      } else {
        fmt::print(stderr, "{} {}: {}\n", Terminal::paint("✘", "red"), file, saved.error().message);
        ++bad;
      }
    }
  }
  return bad == 0 && done > 0 ? 0 : 1;
}

struct GivenFlow {
  std::vector<std::string> files;
  RunOptions run;
  std::vector<std::string> inputs, labels;
  ServerAddress address;
};

}  // namespace

void add_flow_commands(CLI::App& app, const Ports& ports, int& exit_code) {
  auto given = std::make_shared<GivenFlow>();
  CLI::App* flow = app.add_subcommand("flow", "Check, run and deploy flows")->require_subcommand(1);

  CLI::App* check = flow->add_subcommand("validate", "Check flow files without a server; every problem with line and column");
  check->footer("Examples:\n  insula flow validate examples/hello.yml\n  insula flow validate flows/");
  check->add_option("files", given->files, "Files or folders")->required();
  check->callback([given, &ports, &exit_code] { exit_code = validate(ports, given->files); });

  CLI::App* run = flow->add_subcommand("run", "Run one flow in this process, without a server");
  run->footer("The log goes to standard error; exit code 0 when the execution ends in SUCCESS or WARNING.\nExamples:\n  insula flow run examples/hello.yml\n  insula flow run examples/hello.yml --input name=Ada --json");
  run->add_option("file", given->run.file, "Flow file")->required();
  run->add_option("-i,--input", given->inputs, "Input, key=value; may be repeated; a FILE input takes a path")->take_all();
  run->add_option("-l,--label", given->labels, "Label, key=value; may be repeated")->take_all();
  run->add_option("-d,--data", given->run.data, "Keep the data in this folder (default: a temporary one)");
  run->add_flag("--json", given->run.json, "Print the execution as JSON on standard output at the end");
  run->callback([given, &ports, &exit_code] {
    exit_code = split_pairs(given->inputs, given->run.inputs) && split_pairs(given->labels, given->run.labels) ? ports.run_flow(given->run) : 2;
  });

  CLI::App* send = flow->add_subcommand("deploy", "Create or update flows on a server");
  send->footer("Examples:\n  insula flow deploy examples/ --tenant stage --user admin@example.com:Passw0rd");
  send->add_option("files", given->files, "Files or folders")->required();
  add_server_options(*send, given->address);
  send->callback([given, &exit_code] { exit_code = deploy(given->address, given->files); });
}

}  // namespace insula::cli
