#include "sandbox/cancel.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace insula::sandbox {

CancelFlag::CancelFlag() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

CancelFlag::~CancelFlag() { ::close(descriptor_); }

void CancelFlag::cancel(CancelReason reason) {
  // Past its deadline the flag has its reason already.
  if (this->reason() != CancelReason::none) return;
  int none = 0;
  if (!reason_.compare_exchange_strong(none, static_cast<int>(reason))) return;
  ::eventfd_write(descriptor_, 1);
}

CancelReason CancelFlag::reason() const {
  if (reason_.load() == 0 && deadline_ && std::chrono::steady_clock::now() >= *deadline_) {
    int none = 0;
    reason_.compare_exchange_strong(none, static_cast<int>(CancelReason::timed_out));
  }
  return static_cast<CancelReason>(reason_.load());
}

void CancelFlag::set_deadline(Deadline deadline) {
  if (!deadline_ || deadline < *deadline_) deadline_ = deadline;
}

bool CancelFlag::wait_for(Duration time) const {
  Deadline until = std::chrono::steady_clock::now() + time;
  if (deadline_) until = std::min(until, *deadline_);
  for (;;) {
    if (is_cancelled()) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return is_cancelled();
    pollfd wait{descriptor_, POLLIN, 0};
    ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 3'600'000)));
  }
}

}  // namespace insula::sandbox
