// Folders of WorkingDirectories on this worker. A folder outlives its jobs, and the process: after a crash the job that was interrupted finds it as it was left.
#pragma once
#include <filesystem>

#include "engine/job.h"

namespace insula::engine {

// Thread-safe.
class Sessions {
 public:
  struct Key {
    TenantUid tenant;
    ExecutionId execution;
    TaskRunId task_run;
    auto operator<=>(const Key&) const = default;
  };
  // While it lives, a job works in the folder. Without a folder for jobs that have no session.
  class Stay {
   public:
    Stay() = default;
    Stay(Sessions& sessions, Key key) : sessions_(&sessions), key_(std::move(key)) {}
    Stay(Stay&& other) noexcept : sessions_(std::exchange(other.sessions_, nullptr)), key_(std::move(other.key_)), path_(std::move(other.path_)) {}
    Stay& operator=(Stay&&) = delete;
    ~Stay() { if (sessions_ != nullptr) sessions_->leave(key_); }
    const std::filesystem::path& path() const { return path_; }

   private:
    friend class Sessions;
    Sessions* sessions_ = nullptr;
    Key key_;
    std::filesystem::path path_;
  };

  explicit Sessions(std::filesystem::path root) : root_(std::move(root)) {}
  // Makes the folder for the first job of a session; a later one must find it. Error `session-lost`.
  Result<Stay> enter(const Job& job);
  // Removes the folder at once, or when the last job has left it.
  void end(const Key& key);
  std::vector<std::pair<ExecutionId, TaskRunId>> list(const TenantUid& tenant) const;

 private:
  struct Use {
    int jobs = 0;
    bool ended = false;
  };
  std::filesystem::path path_of(const Key& key) const;
  void leave(const Key& key);

  std::filesystem::path root_;
  std::mutex mutex_;
  std::map<Key, Use> uses_;
};

}  // namespace insula::engine
