// One client: reads a request, has it answered, writes the answer, and so on. Lives on the thread of its lane. Inside the folder only.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "http/exchange_of_connection.h"
#include "http/lane.h"
#include "http/message_reader.h"
#include "http/read_buffer.h"
#include "http/refusal.h"

namespace insula::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Lane& lane, tcp::socket socket, std::string remote_address);
  void start();

  // Called by the lane, on its thread.
  void sweep(std::chrono::steady_clock::time_point now);  // time-outs, heartbeat, has the client gone
  void begin_stop();                                      // end after the request in flight; at once when there is none
  void cut();                                             // end now

 private:
  enum class Phase { idle, head, body, handling, writing, streaming, draining, over };
  using TimePoint = std::chrono::steady_clock::time_point;
  template <class T>
  using Awaitable = asio::awaitable<T>;

  // The only three functions that touch the bytes of the socket: TLS would go in here.
  Awaitable<bool> read_some(std::size_t room);  // false: the client has closed, the connection was cut, or a time-out (see timed_out_)
  bool write_now(std::string_view& first, std::string_view& second);  // takes away what could be written without waiting; false: broken
  Awaitable<bool> write_all(std::string_view first, std::string_view second);  // the views must live until it returns

  Awaitable<void> run();
  Awaitable<bool> serve_one();  // false: the connection ends
  Awaitable<Accepted> read_head();
  Awaitable<Accepted> read_body(std::optional<std::uint64_t> bytes_max);
  Awaitable<bool> answer();
  Awaitable<bool> refuse(Refusal refusal);
  Awaitable<void> drain();
  Awaitable<void> sleep_until_woken();

  // Each returns whether the connection goes on to a next request.
  Awaitable<bool> send(Response response);
  Awaitable<bool> send_file(Response response, FileBody file);
  Awaitable<bool> send_stream(StreamStart start);
  Awaitable<void> write_events(StreamQueue& queue, bool chunked);

  std::expected<std::unique_ptr<BodySink>, Refusal> sink_for_body(std::uint64_t bytes_max);
  Accepted check_expectation() const;
  bool has_body() const;  // of the request just read
  void call_handler();
  // Status line and fields into head_; `length` absent = chunked or until the end of the connection.
  void write_head(const Response& response, std::optional<std::uint64_t> length, bool chunked);
  void enter(Phase phase, std::chrono::milliseconds timeout);
  void wake();
  void watch_client();
  void client_is_readable();
  void finish();

  Lane& lane_;
  tcp::socket socket_;
  const std::string remote_address_;
  Lane::Place place_;
  asio::steady_timer wake_timer_;
  std::shared_ptr<Waker> waker_;
  std::shared_ptr<Mailbox> mailbox_;
  MessageReader reader_;
  ReadBuffer buffer_;
  Request request_;
  std::string head_;                    // of the answer; kept for its capacity
  std::shared_ptr<StreamQueue> stream_;  // while streaming
  Phase phase_ = Phase::idle;
  TimePoint deadline_ = TimePoint::max();
  TimePoint last_write_{};
  int version_ = 11;
  bool is_head_request_ = false;
  bool keep_alive_ = true;
  bool stopping_ = false;
  bool timed_out_ = false;
  bool gone_ = false;           // broken or cut: the socket is not used any more
  bool client_closed_ = false;  // nothing more comes from the client, but it may still read
  bool watching_ = false;
  bool writing_ = false;        // inside write_all of a stream
};

}  // namespace insula::http
