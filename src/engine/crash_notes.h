// Which execution each engine thread is stepping, in a file that is mapped into memory (I10): it outlives the process, so the next start knows what was
// being done when the process died, counts, and sets aside what kills it again and again. A note costs a few stores, no system call.
#pragma once
#include <filesystem>

#include "base/base.h"

namespace insula::engine {

class CrashNotes {
 public:
  static constexpr int kCrashesMax = 3;        // of an execution; of a tenant outside its executions; executions of one tenant set aside
  struct Suspect {
    TenantUid tenant;
    ExecutionId execution;                     // empty: outside of any execution
    int crashes = 0;
  };
  // The note of one engine thread.
  class Slot {
   public:
    void enter(const TenantUid& tenant);
    void stepping(const ExecutionId& execution);
    // The thread has left the tenant alive. What it stepped is cleared of suspicion when its turn was written.
    void leave(bool committed);

   private:
    friend class CrashNotes;
    CrashNotes* notes_ = nullptr;
    char* at_ = nullptr;
    TenantUid tenant_;
    std::vector<ExecutionId> stepped_;         // suspects among those stepped since enter()
  };

  // Counts what a process that died has left in the file, and begins anew. Errors: `crash-notes-failed` (unavailable).
  static Result<std::unique_ptr<CrashNotes>> open(const std::filesystem::path& path, int slots);
  ~CrashNotes();
  CrashNotes(const CrashNotes&) = delete;
  CrashNotes& operator=(const CrashNotes&) = delete;

  Slot& slot(int number) { return slots_[static_cast<std::size_t>(number)]; }
  // Executions to set aside before anything of their tenant is done.
  std::vector<Suspect> condemned() const;
  // Tenants that are not to be loaded any more.
  std::vector<TenantUid> refused() const;
  // An orderly stop: nothing has crashed, everybody gets another chance.
  void close();

 private:
  CrashNotes(std::filesystem::path path, char* memory, int slots);
  void read();
  void count(const TenantUid& tenant, const ExecutionId& execution);
  void write();
  void clear(const TenantUid& tenant, const ExecutionId& execution);
  bool is_suspect(const TenantUid& tenant, const ExecutionId& execution);

  std::filesystem::path path_;
  char* memory_;
  std::vector<Slot> slots_;
  mutable std::mutex mutex_;
  std::atomic<std::size_t> suspects_count_{0};
  std::vector<Suspect> suspects_;
  bool closed_ = false;
};

}  // namespace insula::engine
