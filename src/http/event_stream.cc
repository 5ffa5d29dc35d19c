#include "http/event_stream.h"

#include <algorithm>
#include <utility>

namespace insula::http {
namespace {

void append_line(std::string& text, std::string_view field, std::string_view value) {
  text.append(field).append(": ");
  std::ranges::copy_if(value, std::back_inserter(text), [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
  text += '\n';
}

}  // namespace

std::string format_event(std::string_view id, std::string_view name, std::string_view data) {
  std::string text;
  text.reserve(id.size() + name.size() + data.size() + 32);
  if (!id.empty()) append_line(text, "id", id);
  if (!name.empty()) append_line(text, "event", name);
  for (bool more = true; more;) {
    const auto end = data.find_first_of("\r\n");
    more = end != std::string_view::npos;
    append_line(text, "data", data.substr(0, end));
    if (more) data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  text += '\n';
  return text;
}

bool StreamQueue::make_room(std::size_t bytes) {
  if (options_.overflow == Overflow::newest_only) {
    waiting_.clear();
    waiting_bytes_ = 0;
    return true;
  }
  const auto is_full = [&] { return waiting_.size() >= options_.queue_events_max || waiting_bytes_ + bytes > options_.queue_bytes_max; };
  if (options_.overflow == Overflow::close) return !is_full();
  while (!waiting_.empty() && is_full()) {
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
  }
  return true;
}

bool StreamQueue::push(std::string bytes) {
  bool wakes = false, accepted = true;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (make_room(bytes.size())) {
      waiting_bytes_ += bytes.size();
      waiting_.push_back(std::move(bytes));
    } else {
      closed_ = overflowed_ = true;
      accepted = false;
    }
    // An overflow wakes also a connection that is stuck in a write.
    wakes = std::exchange(sleeping_, false) || overflowed_;
  }
  if (wakes) waker_->wake();
  return accepted;
}

void StreamQueue::close() {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wakes = std::exchange(sleeping_, false);
  }
  if (wakes) waker_->wake();
}

void StreamQueue::close_with(std::string bytes) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      waiting_bytes_ += bytes.size();
      waiting_.push_back(std::move(bytes));
    }
    closed_ = true;
    wakes = std::exchange(sleeping_, false);
  }
  if (wakes) waker_->wake();
}

bool StreamQueue::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

bool StreamQueue::is_overflowed() const {
  const std::lock_guard lock(mutex_);
  return overflowed_;
}

std::size_t StreamQueue::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return waiting_bytes_;
}

void StreamQueue::on_close(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) {
      std::swap(on_close_, callback);  // a former one is destroyed outside the lock
      return;
    }
  }
  if (callback) callback();
}

StreamQueue::Batch StreamQueue::take() {
  const std::lock_guard lock(mutex_);
  Batch batch;
  if (waiting_.size() == 1) {
    batch.bytes = std::move(waiting_.front());
  } else {
    batch.bytes.reserve(waiting_bytes_);
    for (const auto& piece : waiting_) batch.bytes += piece;
  }
  waiting_.clear();
  waiting_bytes_ = 0;
  batch.is_last = closed_;
  sleeping_ = batch.bytes.empty() && !closed_;
  return batch;
}

void StreamQueue::heartbeat() {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    if (!is_events_ || closed_ || !waiting_.empty()) return;
    waiting_.emplace_back(":\n\n");
    waiting_bytes_ += waiting_.back().size();
    wakes = std::exchange(sleeping_, false);
  }
  if (wakes) waker_->wake();
}

void StreamQueue::end() {
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_.clear();
    waiting_bytes_ = 0;
    if (std::exchange(ended_, true)) return;
    callback = std::exchange(on_close_, nullptr);
  }
  if (callback) callback();
}

}  // namespace insula::http
