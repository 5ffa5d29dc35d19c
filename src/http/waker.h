// How other threads reach a connection without owning it.
#pragma once
#include <functional>
#include <memory>
#include <mutex>

namespace insula::http {

// The I/O thread attaches a function that posts to its event loop and detaches it before the connection, and so the loop, may go away. wake() after that
// does nothing: answers may come later than the server lives.
class Waker {
 public:
  explicit Waker(std::function<void()> post) : post_(std::move(post)) {}
  void wake() {
    const std::lock_guard lock(mutex_);
    if (post_) post_();
  }
  void detach() {
    const std::lock_guard lock(mutex_);
    post_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::function<void()> post_;
};

}  // namespace insula::http
