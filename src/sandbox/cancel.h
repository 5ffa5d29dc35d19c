// Tells running work to stop, from any thread, and can wake a poll().
#pragma once
#include <atomic>
#include <chrono>
#include <optional>

#include "base/base.h"

namespace insula::sandbox {

enum class CancelReason : int { none, killed, timed_out, shutdown };

// The first reason stays. A deadline needs no timer: from that moment on the flag *is* cancelled, with reason timed_out.
class CancelFlag {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  CancelFlag();
  ~CancelFlag();
  CancelFlag(const CancelFlag&) = delete;
  CancelFlag& operator=(const CancelFlag&) = delete;

  void cancel(CancelReason reason);
  CancelReason reason() const;
  bool is_cancelled() const { return reason() != CancelReason::none; }

  // Before the work starts; not thread-safe. An earlier deadline stays.
  void set_deadline(Deadline deadline);
  std::optional<Deadline> deadline() const { return deadline_; }
  // Readable from the first cancel() on (not by the deadline). Never read from it.
  int wake_descriptor() const { return descriptor_; }
  // Blocks until cancelled or `time` has passed; true = cancelled.
  bool wait_for(Duration time) const;

 private:
  mutable std::atomic<int> reason_{0};
  std::optional<Deadline> deadline_;
  int descriptor_ = -1;
};

}  // namespace insula::sandbox
