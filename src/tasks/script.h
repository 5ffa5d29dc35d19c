// What all script tasks share: files in, one process, its output protocol, files out. Private to this folder.
#pragma once
#include "tasks/glob.h"
#include "tasks/types.h"

namespace insula::tasks {

// Of the file in the working folder that holds an inline script; never an output file.
inline constexpr std::string_view kScriptNamePrefix = ".insula-";

// The folders of one script run.
struct ScriptFolders {
  std::filesystem::path work;                       // {{ workingDir }}
  std::filesystem::path output;                     // {{ outputDir }}; empty unless outputDirectory
};

// ---- script_files.cc
// Makes the folders, defines workingDir, outputDir and outputFiles, and writes inputFiles.
Result<ScriptFolders> prepare_files(JobContext& context);
// Files into the working folder, as the property says: a map of names to contents or URIs, or a list of such.
Result<void> write_files(JobContext& context, std::string_view property);
// Stores the files of the working folder that the patterns of the property match: {relative name: URI}.
Result<JsonObject> store_matching(JobContext& context, std::string_view property);
// The files of the working folder that patterns match, by relative path, never through a symlink.
Result<std::vector<std::string>> matching_files(JobContext& context, const std::vector<std::string>& patterns, std::size_t count_max);
// `name` in the working folder, with its parent folders made; refused when it would leave the folder.
Result<std::filesystem::path> place_of_file(JobContext& context, std::string_view name);
// Stores what outputFiles names and all of the output folder: {relative name: URI}.
Result<JsonObject> collect_files(JobContext& context, const ScriptFolders& folders);
// Each `kestra:///` URI in the text is copied to a local file, whose path takes its place.
Result<std::string> with_local_files(JobContext& context, std::string_view text);

// ---- script_output.cc
// The lines of both streams: `::{"outputs":…,"metrics":…,"logs":…}::` is taken out, the rest is logged (INFO, standard error as ERROR).
class ScriptOutput {
 public:
  explicit ScriptOutput(JobContext& context) : context_(context) {}
  void line(std::string_view text, bool is_error);
  std::int64_t out_lines() const { return out_lines_; }
  std::int64_t error_lines() const { return error_lines_; }
  JsonObject& vars() { return vars_; }
  std::vector<JsonObject>& metrics() { return metrics_; }

 private:
  bool take(std::string_view text);
  JobContext& context_;
  std::int64_t out_lines_ = 0, error_lines_ = 0;
  JsonObject vars_;
  std::size_t vars_bytes_ = 0;
  std::vector<JsonObject> metrics_;
};

}  // namespace insula::tasks
