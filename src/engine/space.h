// A full disk never stops the process (I8): a ballast file in the data folder is given up when the disk is full, so that what deletes still finds room; until
// there is space again nothing new is begun. Thread-safe.
#pragma once
#include <filesystem>

#include "base/base.h"

namespace insula::engine {

class Space {
 public:
  using FreeBytes = std::function<std::uint64_t(const std::filesystem::path&)>;   // replaced in tests
  // An empty folder: there is no disk to watch. `ballast_bytes` 0: no ballast.
  Space(std::filesystem::path folder, std::uint64_t ballast_bytes, const Clock& clock, FreeBytes free_bytes = {});

  // Takes the room of the ballast; without room for it the disk is full.
  void open();
  // Somebody was told that there is no space left.
  void report_full();
  // Looks at the disk at most once a second while it is full; takes the ballast back when there is room for it and as much again.
  bool is_full();
  // What callers hear whose work must wait.
  static Error refusal();

  static void give_up_ballast(const std::filesystem::path& folder);

 private:
  bool take_ballast();

  std::filesystem::path folder_;
  std::uint64_t ballast_bytes_;
  const Clock& clock_;
  FreeBytes free_bytes_;
  std::atomic<bool> full_{false};
  std::mutex mutex_;
  std::chrono::steady_clock::time_point looked_{};
};

}  // namespace insula::engine
