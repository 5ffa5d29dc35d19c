#include "http/exchange_of_connection.h"

#include <utility>

namespace insula::http {

std::uint64_t Mailbox::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  sleeping_ = gone_ = false;
  answer_ = std::monostate{};
  on_gone_ = nullptr;
  return ++number_;
}

Answer Mailbox::take() {
  const std::lock_guard lock(mutex_);
  sleeping_ = open_;
  return std::exchange(answer_, std::monostate{});
}

void Mailbox::set_gone() {
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    if (!open_ || std::exchange(gone_, true)) return;
    callback = std::exchange(on_gone_, nullptr);
  }
  if (callback) callback();
}

void Mailbox::shut() {
  set_gone();
  Answer untaken;
  {
    const std::lock_guard lock(mutex_);
    open_ = sleeping_ = false;
    gone_ = true;
    untaken = std::exchange(answer_, std::monostate{});
  }
  if (const auto* stream = std::get_if<StreamStart>(&untaken)) stream->queue->end();
}

bool Mailbox::put(std::uint64_t number, Answer&& answer) {
  bool wakes = false;
  std::function<void()> dropped;  // may own the exchange: destroyed outside the lock
  {
    const std::lock_guard lock(mutex_);
    if (!open_ || number != number_) return false;
    open_ = false;
    answer_ = std::move(answer);
    dropped = std::exchange(on_gone_, nullptr);
    wakes = std::exchange(sleeping_, false);
  }
  if (wakes) waker_->wake();
  return true;
}

bool Mailbox::is_open(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  return open_ && number == number_;
}

bool Mailbox::is_gone(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  return gone_ || number != number_;
}

void Mailbox::on_gone(std::uint64_t number, std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (number != number_ || (!open_ && !gone_)) return;
    if (!gone_) {
      std::swap(on_gone_, callback);
      return;
    }
  }
  if (callback) callback();
}

std::shared_ptr<EventStream> ExchangeOfConnection::start_stream(Response head, StreamOptions options) {
  if (!head.headers.contains("Content-Type")) head.headers.add("Content-Type", "text/event-stream");
  if (!head.headers.contains("Cache-Control")) head.headers.add("Cache-Control", "no-cache");
  const bool is_events = media_type(head.headers.get("Content-Type")) == "text/event-stream";
  auto queue = std::make_shared<StreamQueue>(options, is_events, mailbox_->waker());
  auto handle = std::make_shared<StreamHandle>(queue);
  if (mailbox_->is_gone(number_) || !mailbox_->put(number_, StreamStart{std::move(head), queue})) queue->end();
  return handle;
}

}  // namespace insula::http
