// The hand-over of one answer from any thread to the connection that waits for it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <variant>

#include "http/event_stream.h"
#include "http/exchange.h"

namespace insula::http {

struct StreamStart {
  Response head;
  std::shared_ptr<StreamQueue> queue;
};
struct Dropped {};  // the handler let its Exchange go without an answer
using Answer = std::variant<std::monostate, Response, StreamStart, Dropped>;

// One per connection, used for one request after the other; the number of the request keeps a late Exchange away from the next one.
class Mailbox {
 public:
  explicit Mailbox(std::shared_ptr<Waker> waker) : waker_(std::move(waker)) {}

  // For the connection.
  std::uint64_t open();   // a new request expects an answer
  Answer take();          // monostate: nothing yet, the answer will wake the connection
  void set_gone();        // the client has gone while the answer is awaited
  void shut();            // nobody waits any more

  // For the exchange of request `number`.
  bool put(std::uint64_t number, Answer&& answer);  // false: too late, or answered before
  bool is_open(std::uint64_t number) const;
  bool is_gone(std::uint64_t number) const;
  void on_gone(std::uint64_t number, std::function<void()> callback);
  const std::shared_ptr<Waker>& waker() const { return waker_; }

 private:
  const std::shared_ptr<Waker> waker_;
  mutable std::mutex mutex_;
  std::uint64_t number_ = 0;
  bool open_ = false;      // no answer yet for number_
  bool sleeping_ = false;
  bool gone_ = false;
  Answer answer_;
  std::function<void()> on_gone_;
};

class ExchangeOfConnection final : public Exchange {
 public:
  ExchangeOfConnection(std::shared_ptr<Mailbox> mailbox, std::uint64_t number) : mailbox_(std::move(mailbox)), number_(number) {}
  ~ExchangeOfConnection() override { mailbox_->put(number_, Dropped{}); }
  ExchangeOfConnection(const ExchangeOfConnection&) = delete;
  ExchangeOfConnection& operator=(const ExchangeOfConnection&) = delete;

  void respond(Response response) override { mailbox_->put(number_, std::move(response)); }
  std::shared_ptr<EventStream> start_stream(Response head, StreamOptions options) override;
  bool client_gone() const override { return mailbox_->is_gone(number_); }
  void on_gone(std::function<void()> callback) override { mailbox_->on_gone(number_, std::move(callback)); }

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  const std::uint64_t number_;
};

}  // namespace insula::http
