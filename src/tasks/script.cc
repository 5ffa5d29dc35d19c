// scripts.{shell,python}.{Script,Commands}: what a task of a language does, from its properties to its outputs.
#include <unistd.h>

#include "tasks/script.h"

namespace insula::tasks {
namespace {

constexpr std::string_view kProcess = "io.kestra.plugin.core.runner.Process";
constexpr std::string_view kDocker = "io.kestra.plugin.scripts.runner.docker.Docker";
// Below the kernel's limit of one argument (128 KiB).
constexpr std::size_t kArgumentBytesMax = 100'000;

enum class Language { shell, python };

Error wrong(std::string message) { return {ErrorKind::invalid, "task-property-invalid", std::move(message), {}, {}}; }

// Only the Process runner exists here; what asks for another isolation must not get a weaker one silently.
Result<void> check_runner(JobContext& context) {
  const Result<Json> runner = context.json("taskRunner");
  if (!runner) return fail(runner.error());
  const Result<std::string> old_runner = context.text("runner", "");
  if (!old_runner) return fail(old_runner.error());
  std::string type = runner->is_object() ? text_or(runner->as_object(), "type") : "";
  if (type.empty() && *old_runner == "DOCKER") type = kDocker;
  if (type.empty() || type == kProcess || type == "io.kestra.core.models.tasks.runners.types.ProcessTaskRunner") return {};
  return fail(wrong(fmt::format("The task runner '{}' is not available on this server: containers are not supported. Remove `taskRunner`, or set `taskRunner.type: {}`, "
                                "to run the script as a process of the worker; the programs it needs must be installed there.", type, kProcess)));
}

Result<void> check_unavailable(JobContext& context, Language language) {
  const Result<Json> namespace_files = context.json("namespaceFiles");
  if (!namespace_files) return fail(namespace_files.error());
  if (const Json* enabled = find(*namespace_files, "enabled"); enabled && to_text(*enabled) == "true") {
    return fail(wrong("`namespaceFiles.enabled` is true: namespace files are not available yet. Use `inputFiles` instead."));
  }
  if (language != Language::python) return {};
  const Result<std::vector<std::string>> dependencies = context.text_list("dependencies");
  if (!dependencies) return fail(dependencies.error());
  if (!dependencies->empty()) {
    return fail(wrong(fmt::format("`dependencies` are not installed by this server. Install them on the worker, or in `beforeCommands`: `python3 -m venv .venv && . .venv/bin/activate && pip install {}`.",
                                  join(*dependencies, " "))));
  }
  return {};
}

std::string variable_of_server(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? std::string(value) : std::move(otherwise);
}

std::optional<std::filesystem::path> program_in(const std::string& path, const std::string& name) {
  for (const std::string& folder : split(path, ':')) {
    const std::filesystem::path candidate = std::filesystem::path(folder) / name;
    if (folder.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

// Flows say `python`; where only `python3` is installed, a link by that name goes before the PATH.
void offer_python(JobContext& context, std::string& path) {
  const std::optional<std::filesystem::path> python3 = program_in(path, "python3");
  if (!python3 || program_in(path, "python")) return;
  const std::filesystem::path folder = context.scratch() / "bin";
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (!error) std::filesystem::create_symlink(*python3, folder / "python", error);
  if (!error) path = folder.string() + ":" + path;
}

// Complete: nothing of the server's own environment (its passwords and keys) but where programs are.
Result<std::vector<std::pair<std::string, std::string>>> environment_of(JobContext& context, const ScriptFolders& folders, Language language) {
  const std::filesystem::path temporary = context.scratch() / "tmp";
  std::error_code ignored;
  std::filesystem::create_directory(temporary, ignored);
  std::map<std::string, std::string> variables = {
      {"PATH", variable_of_server("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")},
      {"HOME", folders.work.string()},
      {"LANG", variable_of_server("LANG", "C.UTF-8")},
      {"TMPDIR", temporary.string()},
      {"WORKING_DIR", folders.work.string()},
  };
  if (const std::string zone = variable_of_server("TZ", ""); !zone.empty()) variables["TZ"] = zone;
  if (!folders.output.empty()) variables["OUTPUT_DIR"] = folders.output.string();
  if (language == Language::python) {
    variables["PYTHONUNBUFFERED"] = "1";  // its log lines come while it runs
    offer_python(context, variables["PATH"]);
  }
  const auto written = context.text_map("env");
  if (!written) return fail(written.error());
  for (const auto& [name, value] : *written) {
    Result<std::string> local = with_local_files(context, value);
    if (!local) return fail(local.error());
    variables[name] = std::move(*local);
  }
  return std::vector<std::pair<std::string, std::string>>(variables.begin(), variables.end());
}

// The lines that the interpreter gets.
Result<std::string> script_text(JobContext& context, const ScriptFolders& folders, Language language, bool is_inline) {
  std::string text;
  const Result<bool> fail_fast = context.boolean("failFast", true);
  if (!fail_fast) return fail(fail_fast.error());
  if (*fail_fast) text += "set -e\n";
  const Result<std::vector<std::string>> before = context.text_list("beforeCommands");
  if (!before) return fail(before.error());
  for (const std::string& command : *before) text += command + "\n";
  if (!is_inline) {
    const Result<std::vector<std::string>> commands = context.text_list("commands");
    if (!commands) return fail(commands.error());
    for (const std::string& command : *commands) text += command + "\n";
    return with_local_files(context, text);
  }
  const Result<std::string> script = context.text("script");
  if (!script) return script;
  if (language == Language::shell) return with_local_files(context, text + *script);
  const Result<std::string> local = with_local_files(context, *script);
  if (!local) return local;
  // In the working folder, so that modules among the input files can be imported.
  const std::string name = fmt::format("{}{}.py", kScriptNamePrefix, hex_encode(random_bytes(4)));
  const std::filesystem::path path = folders.work / name;
  std::FILE* file = std::fopen(path.c_str(), "wbxe");
  const bool written = file && std::fwrite(local->data(), 1, local->size(), file) == local->size();
  if ((file && std::fclose(file) != 0) || !written) return fail(ErrorKind::unavailable, "file-copy-failed", "The script cannot be written to the worker's disk.");
  return with_local_files(context, text + "python3 " + path.string());
}

Result<std::vector<std::string>> argv_of(JobContext& context, std::string text) {
  Result<std::vector<std::string>> argv = context.text_list("interpreter");
  if (!argv) return argv;
  if (argv->empty()) *argv = {"/bin/sh", "-c"};
  if (text.size() > kArgumentBytesMax) {
    const std::filesystem::path path = context.scratch() / "script";
    std::FILE* file = std::fopen(path.c_str(), "wbe");
    const bool written = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if ((file && std::fclose(file) != 0) || !written) return fail(ErrorKind::unavailable, "file-copy-failed", "The script cannot be written to the worker's disk.");
    text = ". " + path.string();
  }
  argv->push_back(std::move(text));
  return argv;
}

class ScriptType final : public TaskType {
 public:
  ScriptType(Language language, bool is_inline) : language_(language), is_inline_(is_inline) {}

  JobResult run(JobContext& context) const override {
    if (const Result<void> checked = check_runner(context); !checked) return JobResult::failed(checked.error());
    if (const Result<void> checked = check_unavailable(context, language_); !checked) return JobResult::failed(checked.error());
    const Result<bool> warns = context.boolean("warningOnStdErr", false);
    if (!warns) return JobResult::failed(warns.error());
    const Result<ScriptFolders> folders = prepare_files(context);
    if (!folders) return JobResult::failed(folders.error());
    Result<sandbox::Command> command = command_of(context, *folders);
    if (!command) return JobResult::failed(command.error());

    ScriptOutput output(context);
    const Result<sandbox::Exit> exit = context.sandbox().run(
        *command, {.output_line_bytes_max = context.limits().log_message_bytes_max * 16},
        {.out = [&](std::string_view line) { output.line(line, false); }, .error = [&](std::string_view line) { output.line(line, true); }}, context.cancel());
    if (!exit) return JobResult::failed(exit.error());
    return result_of(context, *folders, *exit, output, *warns);
  }

 private:
  Result<sandbox::Command> command_of(JobContext& context, const ScriptFolders& folders) const {
    Result<std::string> text = script_text(context, folders, language_, is_inline_);
    if (!text) return fail(text.error());
    auto environment = environment_of(context, folders, language_);
    if (!environment) return fail(environment.error());
    Result<std::vector<std::string>> argv = argv_of(context, std::move(*text));
    if (!argv) return fail(argv.error());
    return sandbox::Command{.argv = std::move(*argv), .env = std::move(*environment), .working_folder = folders.work, .input = {}};
  }

  static JobResult result_of(JobContext& context, const ScriptFolders& folders, const sandbox::Exit& exit, ScriptOutput& output, bool warns) {
    using How = sandbox::Exit::How;
    // Killed by a signal is 128 and the signal's number, as shells and 1.3 tell it.
    const int code = exit.how == How::exited ? exit.code : 128 + exit.code;
    JobResult result;
    result.metrics = std::move(output.metrics());
    result.outputs = {{"vars", std::move(output.vars())}, {"exitCode", code}, {"outputFiles", JsonObject()}, {"stdOutLineCount", output.out_lines()}, {"stdErrLineCount", output.error_lines()}, {"warningOnStdErr", warns}};
    if (exit.how == How::timed_out || exit.how == How::killed) {
      result.outputs.erase("exitCode");
      result.state = JobResult::State::killed;  // run_job() tells why
      return result;
    }
    if (code != 0) {
      result.state = JobResult::State::failed;
      result.error = fmt::format("Command failed with exit code {}", code);
      return result;
    }
    Result<JsonObject> files = collect_files(context, folders);
    if (!files) return JobResult::failed(files.error().message, std::move(result.outputs));
    result.outputs["outputFiles"] = std::move(*files);
    if (warns && output.error_lines() > 0) result.state = JobResult::State::warning;
    return result;
  }

  Language language_;
  bool is_inline_;
};

std::vector<flow::PropertyInfo> script_properties(Language language, bool is_inline) {
  std::vector<flow::PropertyInfo> properties;
  if (is_inline) properties.push_back(prop("script", Kind::string, "The script.", {.required = true}));
  else properties.push_back(prop("commands", Kind::list, "Commands, run one after another by the interpreter.", {.required = true}));
  const std::vector<flow::PropertyInfo> rest = {
      prop("beforeCommands", Kind::list, "Commands that run first, in the same process."),
      prop("interpreter", Kind::list, "The program that gets the commands as its last argument.", {.otherwise = "[/bin/sh, -c]"}),
      prop("failFast", Kind::boolean, "Stop at the first command that fails (`set -e`).", {.otherwise = "true"}),
      prop("env", Kind::map, "Environment variables. Nothing of the server's environment is passed on but PATH, LANG and TZ."),
      prop("inputFiles", Kind::any, "Files put into the working folder: names to contents or `kestra://` URIs."),
      prop("outputFiles", Kind::list, "Files of the working folder to keep, by name or pattern (`*.csv`, `**/*.json`)."),
      prop("outputDirectory", Kind::boolean, "Keep all files of the folder `{{ outputDir }}`.", {.otherwise = "false"}),
      prop("namespaceFiles", Kind::any, "Not available yet."),
      prop("taskRunner", Kind::object, "How to run it.", {.otherwise = std::string(kProcess)}),
      prop("containerImage", Kind::string, "Has no effect without a container runner."),
      prop("warningOnStdErr", Kind::boolean, "Anything on standard error makes the state WARNING.", {.otherwise = "false"}),
      prop("targetOS", Kind::any, "Has no effect.", {.otherwise = "AUTO"}),
      prop("runner", Kind::any, "Use taskRunner.", {.deprecated = true}),
      prop("docker", Kind::any, "Use taskRunner.", {.deprecated = true}),
      prop("dockerOptions", Kind::any, "Use taskRunner.", {.deprecated = true}),
  };
  properties.insert(properties.end(), rest.begin(), rest.end());
  if (language == Language::python) {
    properties.push_back(prop("dependencies", Kind::list, "Packages. Not installed by this server: see beforeCommands."));
    properties.push_back(prop("dependencyCacheEnabled", Kind::any, "Has no effect.", {.otherwise = "true"}));
  }
  return properties;
}

std::vector<flow::PropertyInfo> script_outputs() {
  return {prop("vars", Kind::map, "What the script wrote as `::{\"outputs\":{…}}::`."), prop("exitCode", Kind::integer, "0 unless it failed."),
          prop("outputFiles", Kind::map, "Names to `kestra://` URIs."), prop("stdOutLineCount", Kind::integer, "Lines on standard output."),
          prop("stdErrLineCount", Kind::integer, "Lines on standard error."), prop("warningOnStdErr", Kind::boolean, "As set.")};
}

void add_script(flow::Catalog& catalog, std::string name, Language language, bool is_inline, std::string_view title, std::string_view example) {
  catalog.add({.type = "io.kestra.plugin.scripts." + std::move(name),
               .properties = script_properties(language, is_inline),
               .outputs = script_outputs(),
               .title = std::string(title),
               .doc = "Runs as a process of the worker in a folder of its own, which is removed afterwards. Standard output is logged at INFO, standard error at ERROR. "
                      "An exit code other than 0 fails the task. `kestra://` URIs in the commands become paths of local copies.",
               .example = example_flow(example)});
}

}  // namespace

const TaskType& shell_script_type() {
  static const ScriptType type(Language::shell, true);
  return type;
}
const TaskType& shell_commands_type() {
  static const ScriptType type(Language::shell, false);
  return type;
}
const TaskType& python_script_type() {
  static const ScriptType type(Language::python, true);
  return type;
}
const TaskType& python_commands_type() {
  static const ScriptType type(Language::python, false);
  return type;
}

void register_scripts(flow::Catalog& catalog) {
  add_script(catalog, "shell.Script", Language::shell, true, "Runs a shell script.",
             "  - id: script\n    type: io.kestra.plugin.scripts.shell.Script\n    outputFiles:\n      - report.txt\n    script: |\n      echo \"{{ flow.id }}\" > report.txt\n");
  add_script(catalog, "shell.Commands", Language::shell, false, "Runs shell commands.",
             "  - id: commands\n    type: io.kestra.plugin.scripts.shell.Commands\n    env:\n      NAME: world\n    commands:\n      - echo \"hello $NAME\"\n      - echo '::{\"outputs\":{\"greeted\":true}}::'\n");
  add_script(catalog, "python.Script", Language::python, true, "Runs a Python script.",
             "  - id: script\n    type: io.kestra.plugin.scripts.python.Script\n    script: |\n      import json\n      print('::' + json.dumps({'outputs': {'answer': 42}}) + '::')\n");
  add_script(catalog, "python.Commands", Language::python, false, "Runs commands, such as Python files among the input files.",
             "  - id: commands\n    type: io.kestra.plugin.scripts.python.Commands\n    inputFiles:\n      main.py: print('hello')\n    commands:\n      - python3 main.py\n");
}

void register_runners(flow::Catalog& catalog) {
  catalog.add({.type = std::string(kProcess), .category = flow::TypeCategory::task_runner,
               .title = "Runs a script as a process of the worker.",
               .doc = "The process has the user and the network of the server. Its whole process tree ends with the task.",
               .example = example_flow("  - id: hello\n    type: io.kestra.plugin.scripts.shell.Commands\n    taskRunner:\n      type: io.kestra.plugin.core.runner.Process\n    commands:\n      - echo hello\n")});
  flow::TypeInfo docker{.type = std::string(kDocker), .category = flow::TypeCategory::task_runner,
                        .title = "Runs a script in a container.",
                        .doc = "Accepted so that flows that name it can be stored; a task that uses it fails, because this server has no containers.",
                        .example = example_flow("  - id: hello\n    type: io.kestra.plugin.scripts.shell.Commands\n    taskRunner:\n      type: io.kestra.plugin.scripts.runner.docker.Docker\n    commands:\n      - echo hello\n")};
  for (const char* name : {"host", "config", "credentials", "image", "user", "entryPoint", "extraHosts", "networkMode", "portBindings", "volumes", "pullPolicy", "deviceRequests", "cpu", "memory", "shmSize",
                           "privileged", "delete", "wait", "fileHandlingStrategy", "killGracePeriod", "resumeBehavior"}) {
    docker.properties.push_back(prop(name, Kind::any, "Has no effect."));
  }
  catalog.add(std::move(docker));
}

}  // namespace insula::tasks
