#include <sys/stat.h>

#include "tasks/tasks.h"

namespace insula::tasks {
namespace {

// `Timeout after 00:00:01.000`, hours without limit.
std::string timeout_text(Duration timeout) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  return fmt::format("Timeout after {:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1'000 % 60, ms % 1'000);
}

}  // namespace

// Also what a script made unreadable for its owner.
void remove_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (!error) return;
  constexpr auto skip = std::filesystem::directory_options::skip_permission_denied;
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  for (auto at = std::filesystem::recursive_directory_iterator(folder, skip, error); !error && at != std::filesystem::end(at); at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && !at->is_symlink(ignored)) std::filesystem::permissions(at->path(), std::filesystem::perms::owner_all, ignored);
  }
  std::filesystem::remove_all(folder, error);
  if (error) log::warn("the folder {} of a task cannot be removed: {}", folder.string(), error.message());
}

struct JobRun {
  JobContext& context;
  std::filesystem::path root;
  ~JobRun() {
    if (!root.empty()) remove_folder(root);
  }

  Result<void> make_folders() {
    const JobSetup& setup = context.setup_;
    const std::filesystem::path own = setup.scratch_root / hex_encode(random_bytes(12));
    std::error_code error;
    std::filesystem::create_directories(setup.scratch_root, error);
    if (!error && ::mkdir(own.c_str(), 0700) != 0) error = std::error_code(errno, std::generic_category());
    if (!error) root = std::filesystem::canonical(own, error);
    for (const char* name : {"work", "files"}) {
      if (!error) std::filesystem::create_directory(root / name, error);
    }
    if (error) return fail(ErrorKind::unavailable, "task-folder-failed", fmt::format("The task has no place for its files on the worker: {}.", error.message()));
    context.scratch_ = root / "files";
    context.folder_ = setup.session_folder.empty() ? root / "work" : setup.session_folder;
    return {};
  }

  JobResult run() {
    const std::string& type = context.task().type;
    const TaskType* found = find_type(type);
    if (!found) return JobResult::failed(fmt::format("No worker of this server knows the task type '{}'.", type));
    if (const Result<void> made = make_folders(); !made) return JobResult::failed(made.error());
    return found->run(context);
  }

  // Cancelled work has the result of its cancelling, whatever the task says.
  JobResult ended(JobResult result) const {
    const JobSetup& setup = context.setup_;
    const sandbox::CancelReason reason = setup.cancel.reason();
    if (reason == sandbox::CancelReason::timed_out) {
      return JobResult::failed(setup.timeout ? timeout_text(*setup.timeout) : "Timeout", std::move(result.outputs));
    }
    if (reason != sandbox::CancelReason::none) return {JobResult::State::killed, std::move(result.outputs), {}, std::move(result.labels), {}};
    if (const std::size_t size = write_json(result.outputs).size(); size > setup.limits.outputs_bytes_max) {
      return JobResult::failed(fmt::format("Unable to emit the worker task result to the queue: Message of size {} has exceeded the configured limit of {}", size, setup.limits.outputs_bytes_max));
    }
    return result;
  }
};

JobResult run_job(JobSetup setup) {
  if (setup.timeout) setup.cancel.set_deadline(std::chrono::steady_clock::now() + *setup.timeout);
  JobContext context(std::move(setup));
  JobResult result;
  try {
    JobRun run{context, {}};
    result = context.cancel().is_cancelled() ? JobResult() : run.run();
    result = run.ended(std::move(result));
  } catch (const std::exception& error) {
    log::error("task {} of type {} broke: {}", context.task().id, context.task().type, error.what());
    result = JobResult::failed(fmt::format("The task stopped because of an error inside the server: {}", error.what()));
  }
  result.error = context.masked(result.error);
  if (!result.error.empty()) context.log(flow::LogLevel::error, result.error);
  return result;
}

}  // namespace insula::tasks
