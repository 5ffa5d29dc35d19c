// The queue between the threads that send events and the connection that writes them.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "http/exchange.h"
#include "http/waker.h"

namespace insula::http {

// One event as text/event-stream.
std::string format_event(std::string_view id, std::string_view name, std::string_view data);

// Shared by its handle (the EventStream that callers hold) and by the connection. Any thread.
class StreamQueue {
 public:
  // `is_events`: a text/event-stream, where comment lines may be added.
  StreamQueue(StreamOptions options, bool is_events, std::shared_ptr<Waker> waker) : options_(options), is_events_(is_events), waker_(std::move(waker)) {}

  bool push(std::string bytes);
  void close();  // takes nothing more; what waits is still written
  // Queues a last piece and closes.
  void close_with(std::string bytes);
  bool is_closed() const;
  bool is_overflowed() const;
  std::size_t queued_bytes() const;
  void on_close(std::function<void()> callback);

  // For the connection: all that waits, in one piece. With nothing to write and no end in sight the next push or close wakes it.
  struct Batch {
    std::string bytes;
    bool is_last = false;  // closed: nothing follows these bytes
  };
  Batch take();
  void heartbeat();  // a comment, when nothing else waits
  void end();        // the connection writes no more: calls on_close, once
  bool is_events() const { return is_events_; }
  const StreamOptions& options() const { return options_; }

 private:
  bool make_room(std::size_t bytes);  // false: the policy ends the stream

  const StreamOptions options_;
  const bool is_events_;
  const std::shared_ptr<Waker> waker_;
  mutable std::mutex mutex_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool closed_ = false;
  bool overflowed_ = false;
  bool ended_ = false;
  bool sleeping_ = false;  // the connection waits to be woken
  std::function<void()> on_close_;
};

// What callers hold. The stream ends with its last handle.
class StreamHandle final : public EventStream {
 public:
  explicit StreamHandle(std::shared_ptr<StreamQueue> queue) : queue_(std::move(queue)) {}
  ~StreamHandle() override { queue_->close(); }
  StreamHandle(const StreamHandle&) = delete;
  StreamHandle& operator=(const StreamHandle&) = delete;

  bool send(std::string_view id, std::string_view name, std::string_view data) override { return queue_->push(format_event(id, name, data)); }
  bool write(std::string bytes) override { return queue_->push(std::move(bytes)); }
  std::size_t queued_bytes() const override { return queue_->queued_bytes(); }
  void close() override { queue_->close(); }
  bool is_closed() const override { return queue_->is_closed(); }
  void on_close(std::function<void()> callback) override { queue_->on_close(std::move(callback)); }

 private:
  const std::shared_ptr<StreamQueue> queue_;
};

}  // namespace insula::http
