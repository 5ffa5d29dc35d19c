// All that one attempt of a task sees, with rendering of its properties.
#pragma once
#include "client/client.h"
#include "tasks/ports.h"

namespace insula::tasks {

struct JobLimits {
  std::size_t outputs_bytes_max = 1u << 20;       // JSON of the outputs; above: FAILED, as 1.3 does with its queue's message limit
  std::size_t log_message_bytes_max = 64u << 10;  // longer messages are cut and say so
  std::size_t log_lines_max = 100'000;            // of one attempt; then one line says that the rest is dropped
  std::uint64_t http_body_bytes_max = 10u << 20;  // of http.Request, which holds it in memory
  std::uint64_t download_bytes_max = 10ull << 30;
  std::size_t output_files_max = 10'000;
  std::size_t cached_files_max = 200'000;         // of a WorkingDirectory; above: not cached, and a warning
  std::uint64_t cached_bytes_max = 4ull << 30;
};

// Makes, for the secrets known so far, the function that hides them in a text. The engine passes a better one than the default (vault::Masker).
using Mask = std::function<std::string(std::string_view)>;
using MaskMaker = std::function<Mask(std::span<const std::string> secrets)>;

// The jobs that a WorkingDirectory has of its own: files into its folder, files out of it.
enum class FolderStep { none, open, close };

// What the engine fills in for a job. References outlive run_job().
struct JobSetup {
  const flow::Task& task;
  const expression::Variables& variables;
  expression::Environment environment;
  LogSink& log;
  FileArea files;
  Platform& platform;
  sandbox::Sandbox& sandbox;
  sandbox::CancelFlag& cancel;
  std::filesystem::path scratch_root;             // run_job() makes one folder in it and removes it
  std::optional<Duration> timeout = {};
  std::vector<std::string> secrets = {};          // masked in logs, as are answers to `secret` lookups
  MaskMaker mask_maker = {};                      // empty: each secret as it is written becomes ******
  client::EgressRules egress = client::EgressRules::standard();   // where http tasks may go
  // The folder of a WorkingDirectory that this task is a child of: used instead of a folder of its own, and kept.
  std::filesystem::path session_folder = {};
  FolderStep folder_step = FolderStep::none;
  JobLimits limits = {};
};

class JobContext {
 public:
  explicit JobContext(JobSetup setup);
  ~JobContext();
  JobContext(const JobContext&) = delete;
  JobContext& operator=(const JobContext&) = delete;

  const flow::Task& task() const { return setup_.task; }
  FileArea& files() { return setup_.files; }
  Platform& platform() { return setup_.platform; }
  sandbox::Sandbox& sandbox() { return setup_.sandbox; }
  sandbox::CancelFlag& cancel() { return setup_.cancel; }
  FolderStep folder_step() const { return setup_.folder_step; }
  const expression::Environment& environment() const { return setup_.environment; }
  const JobLimits& limits() const { return setup_.limits; }
  const client::EgressRules& egress() const { return setup_.egress; }
  // The working folder of the task: empty, or that of the session.
  const std::filesystem::path& folder() const { return folder_; }
  // A folder beside it for files that are not the user's; gone with the attempt.
  const std::filesystem::path& scratch() const { return scratch_; }

  void log(flow::LogLevel level, std::string_view message);   // lines below the task's `logLevel` are left out
  void mask(std::string secret);                  // from now on
  std::string masked(std::string_view text) const;

  // Roots seen by later renderings besides those of the run (`workingDir`, `outputDir`, `outputFiles`).
  void define(std::string name, Json value);

  // Properties by name, rendered. Absent and null are nullopt (or the value given); what is there but does not fit is an error of kind invalid.
  const expression::Property* property(std::string_view name) const;              // nullptr when absent or null
  bool has(std::string_view name) const { return property(name) != nullptr; }
  Result<std::string> text(std::string_view name);                                // must be there
  Result<std::string> text(std::string_view name, std::string_view otherwise);
  Result<std::optional<std::string>> optional_text(std::string_view name);
  Result<bool> boolean(std::string_view name, bool otherwise);
  Result<std::int64_t> integer(std::string_view name, std::int64_t otherwise);
  Result<std::optional<Duration>> duration(std::string_view name);                // ISO-8601, or a number of seconds
  Result<std::vector<std::string>> text_list(std::string_view name);              // a list, or a text that renders to a JSON list
  Result<std::vector<std::pair<std::string, std::string>>> text_map(std::string_view name);   // a map, or a text that renders to a JSON map; null values left out
  Result<Json> json(std::string_view name);       // rendered deep, texts stay texts; a text that renders to a JSON map or list is read; null when absent
  // A text that is no property by itself.
  Result<std::string> render(std::string_view source);

 private:
  friend struct JobRun;                           // run_job(): makes and removes the folders
  class Known;
  template <class T, class Render>
  Result<T> finish(const Render& render);
  JobSetup setup_;
  std::unique_ptr<Known> known_;
  std::filesystem::path folder_, scratch_;
  mutable std::mutex log_mutex_;
  std::vector<std::string> secrets_;
  Mask mask_;
  std::size_t log_lines_ = 0;
};

}  // namespace insula::tasks
