#include "engine/sessions.h"

#include <sys/stat.h>

#include "tasks/tasks.h"

namespace insula::engine {

// Ids are made of letters and digits, so a dot parts them.
std::filesystem::path Sessions::path_of(const Key& key) const { return root_ / key.tenant.str() / fmt::format("{}.{}", key.execution, key.task_run); }

Result<Sessions::Stay> Sessions::enter(const Job& job) {
  if (!job.session) return Stay();
  const Key key{job.scope.uid(), job.key.execution_id, *job.session};
  const std::filesystem::path path = path_of(key);
  {
    const std::lock_guard lock(mutex_);
    ++uses_[key].jobs;
  }
  Stay stay(*this, key);
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    if (job.session_begun) {
      return fail(ErrorKind::unavailable, "session-lost",
                  "The folder of the WorkingDirectory is gone: the worker that held it was lost or its disk was cleaned. Restart the execution: all tasks of the WorkingDirectory run again.");
    }
    error.clear();
    std::filesystem::create_directories(path.parent_path(), error);
    if (!error && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) error = std::error_code(errno, std::generic_category());
    if (error) return fail(ErrorKind::unavailable, "task-folder-failed", fmt::format("The WorkingDirectory has no place for its files on the worker: {}.", error.message()));
  }
  stay.path_ = std::filesystem::canonical(path, error);
  if (error) return fail(ErrorKind::unavailable, "task-folder-failed", fmt::format("The folder of the WorkingDirectory cannot be used: {}.", error.message()));
  return stay;
}

void Sessions::leave(const Key& key) {
  {
    const std::lock_guard lock(mutex_);
    const auto use = uses_.find(key);
    if (use == uses_.end() || --use->second.jobs > 0) return;
    const bool ended = use->second.ended;
    uses_.erase(use);
    if (!ended) return;
  }
  tasks::remove_folder(path_of(key));
}

void Sessions::end(const Key& key) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto use = uses_.find(key); use != uses_.end()) {
      use->second.ended = true;
      return;
    }
  }
  const std::filesystem::path path = path_of(key);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  tasks::remove_folder(path);
  std::filesystem::remove(path.parent_path(), error);   // of the tenant, when it was the last one
}

std::vector<std::pair<ExecutionId, TaskRunId>> Sessions::list(const TenantUid& tenant) const {
  std::vector<std::pair<ExecutionId, TaskRunId>> found;
  std::error_code error;
  for (auto at = std::filesystem::directory_iterator(root_ / tenant.str(), error); !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) found.emplace_back(ExecutionId(name.substr(0, dot)), TaskRunId(name.substr(dot + 1)));
  }
  return found;
}

}  // namespace insula::engine
