// All that one attempt of a task sees, with rendering of its properties.
#pragma once
#include "tasks/ports.h"

namespace insula::tasks {

struct JobLimits {
  std::size_t outputs_bytes_max = 1u << 20;       // JSON of the outputs; above: FAILED, as 1.3 does with its queue's message limit
  std::size_t log_message_bytes_max = 64u << 10;  // longer messages are cut and say so
  std::size_t log_lines_max = 100'000;            // of one attempt; then one line says that the rest is dropped
  std::uint64_t http_body_bytes_max = 10u << 20;  // of http.Request, which holds it in memory
  std::uint64_t download_bytes_max = 10ull << 30;
  std::size_t output_files_max = 10'000;
};

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
  bool local_network = true;                      // may http tasks reach loopback, link-local and private addresses?
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
  const JobLimits& limits() const { return setup_.limits; }
  bool local_network() const { return setup_.local_network; }
  // An empty folder of this attempt, made at the first call.
  Result<std::filesystem::path> folder();
  const std::filesystem::path& scratch() const { return scratch_; }

  void log(flow::LogLevel level, std::string_view message);
  void mask(std::string secret);                  // from now on
  std::string masked(std::string_view text) const;

  // Roots seen by later renderings besides those of the run (`workingDir`, `outputDir`, `outputFiles`).
  void define(std::string name, Json value);

  // Properties by name, rendered. Absent and null are nullopt (or the value given); what is there but does not fit is an error of kind invalid.
  bool has(std::string_view name) const;          // written and not null
  Result<std::string> text(std::string_view name);                 // must be there
  Result<std::string> text(std::string_view name, std::string_view otherwise);
  Result<std::optional<std::string>> optional_text(std::string_view name);
  Result<bool> boolean(std::string_view name, bool otherwise);
  Result<std::int64_t> integer(std::string_view name, std::int64_t otherwise);
  Result<std::optional<Duration>> duration(std::string_view name);
  Result<std::vector<std::string>> text_list(std::string_view name);              // a list, or one text that renders to a JSON list
  Result<std::vector<std::pair<std::string, std::string>>> text_map(std::string_view name);
  Result<Json> json(std::string_view name);       // rendered deep, texts stay texts; null when absent
  // A text or value that is no property by itself.
  Result<std::string> render(std::string_view source);
  Result<Json> render_deep(const Json& value);

  // Used by run_job().
  Result<void> remove_folder();
  std::optional<std::string> stop_reason() const; // why the work must stop now, or nothing

 private:
  class Known;
  template <class T> Result<T> finish(const std::function<expression::Rendered<T>(const expression::Variables&)>& render);
  JobSetup setup_;
  std::unique_ptr<Known> known_;
  std::filesystem::path scratch_;
  std::vector<std::string> secrets_;              // longest first
  std::size_t log_lines_ = 0;
  bool log_full_ = false;
};

}  // namespace insula::tasks
