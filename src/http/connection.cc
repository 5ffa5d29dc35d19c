#include "http/connection.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "http/multipart.h"

namespace insula::http {
namespace {

using boost::system::error_code;
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr auto drain_timeout = std::chrono::milliseconds(2000);
constexpr std::size_t read_ahead_bytes = 2u << 10;
constexpr std::size_t reserve_bytes_max = 1u << 20;  // a claimed length is believed only so far

class StringSink final : public BodySink {
 public:
  explicit StringSink(std::string& body) : body_(body) {}
  Accepted take(std::string_view bytes) override {
    body_.append(bytes);
    return {};
  }
  Accepted finish() override { return {}; }

 private:
  std::string& body_;
};

}  // namespace

Connection::Connection(Lane& lane, tcp::socket socket, std::string remote_address)
    : lane_(lane), socket_(std::move(socket)), remote_address_(std::move(remote_address)), wake_timer_(lane.context()),
      reader_(lane.state().options.limits.header_bytes_max) {}

void Connection::start() {
  place_ = lane_.enter(this);
  auto& context = lane_.context();
  waker_ = std::make_shared<Waker>([this, &context] { asio::post(context, [self = shared_from_this()] { self->wake(); }); });
  mailbox_ = std::make_shared<Mailbox>(waker_);
  wake_timer_.expires_at(TimePoint::max());
  asio::co_spawn(context, run(), [self = shared_from_this()](const std::exception_ptr& thrown) {
    if (thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        log::error("http: a connection ended with an exception: {}", error.what());
      } catch (...) {
        log::error("http: a connection ended with an exception of unknown type");
      }
    }
    self->finish();
  });
}

void Connection::finish() {
  phase_ = Phase::over;
  gone_ = true;
  waker_->detach();
  if (stream_) stream_->end();
  mailbox_->shut();
  error_code ignored;
  socket_.close(ignored);
  lane_.leave(place_);
}

void Connection::enter(Phase phase, std::chrono::milliseconds timeout) {
  phase_ = phase;
  deadline_ = timeout.count() > 0 ? std::chrono::steady_clock::now() + timeout : TimePoint::max();
}

void Connection::sweep(TimePoint now) {
  if (phase_ == Phase::handling) return watch_client();
  if (phase_ == Phase::streaming && !writing_) {
    const auto heartbeat = stream_->options().heartbeat;
    if (heartbeat.count() > 0 && now - last_write_ >= heartbeat) stream_->heartbeat();
    return;
  }
  if (now < deadline_) return;
  deadline_ = TimePoint::max();
  timed_out_ = true;
  if (phase_ != Phase::head && phase_ != Phase::body) gone_ = true;  // there is nothing to say, or nobody who reads
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::begin_stop() {
  stopping_ = true;
  if (phase_ == Phase::idle) return cut();
  if (stream_) stream_->close_with(std::string(stream_->is_events() ? ": the server stops\n\n" : ""));
}

void Connection::cut() {
  gone_ = true;
  error_code ignored;
  socket_.cancel(ignored);
  wake();
}

void Connection::wake() {
  if (writing_ && stream_ && stream_->is_overflowed()) {  // stuck in a write to a client that does not read
    gone_ = true;
    error_code ignored;
    socket_.cancel(ignored);
  }
  wake_timer_.cancel();
}

Connection::Awaitable<void> Connection::sleep_until_woken() { co_await wake_timer_.async_wait(as_values); }

// ---- the client while nothing is read from it

void Connection::watch_client() {
  if (watching_ || gone_ || client_closed_) return;
  watching_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->watching_ = false;
    if (!error) self->client_is_readable();
  });
}

void Connection::client_is_readable() {
  if (phase_ != Phase::handling && phase_ != Phase::streaming) return;
  char byte = 0;
  const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool broken = got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
  if (broken || (got == 0 && phase_ == Phase::streaming)) return cut();
  if (got == 0) {  // it may have shut down its sending side only: tell the handler, and still write the answer
    client_closed_ = true;
    return mailbox_->set_gone();
  }
  // Bytes of a next request hide the end behind them: the watch ends here.
  if (got < 0) watch_client();
}

// ---- bytes

Connection::Awaitable<bool> Connection::read_some(std::size_t room) {
  if (gone_) co_return false;
  const auto space = buffer_.room(room);
  const auto target = asio::buffer(space.data(), space.size());
  const auto [error, count] = co_await socket_.async_read_some(target, as_values);
  if (timed_out_) co_return false;
  if (error) {
    gone_ = gone_ || error != asio::error::eof;  // a client that only shut down its sending side still reads
    co_return false;
  }
  buffer_.commit(count);
  co_return true;
}

bool Connection::write_now(std::string_view& first, std::string_view& second) {
  while (!first.empty() || !second.empty()) {
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(first), asio::buffer(second)};
    error_code error;
    const auto count = socket_.write_some(buffers, error);
    if (error == asio::error::would_block || error == asio::error::try_again) return true;
    if (error == asio::error::interrupted) continue;
    if (error) return false;
    const auto of_first = std::min(count, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(count - of_first);
  }
  return true;
}

Connection::Awaitable<bool> Connection::write_all(std::string_view first, std::string_view second) {
  const auto write_timeout = lane_.state().options.limits.write_timeout;
  while (true) {
    if (gone_) co_return false;
    if (!write_now(first, second)) {
      gone_ = true;
      co_return false;
    }
    if (first.empty() && second.empty()) {
      deadline_ = TimePoint::max();
      co_return true;
    }
    deadline_ = std::chrono::steady_clock::now() + write_timeout;
    const auto [error] = co_await socket_.async_wait(tcp::socket::wait_write, as_values);
    if (error) {
      gone_ = true;
      co_return false;
    }
  }
}

// ---- one request

Connection::Awaitable<void> Connection::run() {
  for (bool more = true; more;) more = co_await serve_one();
  if (!gone_ && !buffer_.empty()) co_await drain();
  if (!gone_) {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
}

Connection::Awaitable<bool> Connection::serve_one() {
  request_ = Request{};
  request_.remote_address = remote_address_;
  reader_.start(request_);
  version_ = 11;
  is_head_request_ = false;
  buffer_.shrink();
  auto head = co_await read_head();
  if (!head) co_return co_await refuse(std::move(head.error()));
  lane_.state().requests.fetch_add(1, std::memory_order_relaxed);
  version_ = request_.version;
  is_head_request_ = request_.method == Method::head;
  keep_alive_ = reader_.keep_alive() && !stopping_;
  Admission admission;
  const auto& admit = lane_.state().options.admit;
  if (admit) {
    try {
      admission = admit(request_);
    } catch (const std::exception& error) {
      log::error("http: admission of {} {} threw: {}", request_.method_text, request_.target.path, error.what());
      admission.refusal = lane_.state().error_page(500, "internal", "The server failed to look at this request.");
    }
  }
  if (admission.refusal) {
    keep_alive_ = keep_alive_ && !has_body();
    const bool goes_on = co_await send(std::move(*admission.refusal));
    if (has_body()) co_await drain();
    co_return goes_on;
  }
  auto body = co_await read_body(admission.body_bytes_max);
  if (!body) co_return co_await refuse(std::move(body.error()));
  co_return co_await answer();
}

bool Connection::has_body() const { return !reader_.is_complete(); }

Connection::Awaitable<Accepted> Connection::read_head() {
  const auto& limits = lane_.state().options.limits;
  if (buffer_.empty()) enter(Phase::idle, limits.idle_timeout);
  if (stopping_) co_return std::unexpected(Refusal::silent());
  while (true) {
    if (!buffer_.empty()) {
      if (phase_ != Phase::head) enter(Phase::head, limits.header_timeout);
      auto step = reader_.read_head(buffer_.data());
      buffer_.consume(step.consumed);
      if (!step.accepted) co_return std::move(step.accepted);
      if (reader_.is_head_complete()) co_return Accepted{};
    }
    if (co_await read_some(read_ahead_bytes)) continue;
    if (gone_ || phase_ == Phase::idle) co_return std::unexpected(Refusal::silent());
    if (timed_out_) co_return std::unexpected(Refusal{408, "header-timeout", "The head of the request did not arrive in time."});
    co_return std::unexpected(Refusal{400, "bad-request", "The connection ended inside the head of the request."});
  }
}

Accepted Connection::check_expectation() const {
  const auto expectation = request_.headers.find("Expect");
  if (!expectation || equal_ignoring_case(*expectation, "100-continue")) return {};
  return std::unexpected(Refusal{417, "expectation", "The only expectation understood is `100-continue`."});
}

std::expected<std::unique_ptr<BodySink>, Refusal> Connection::sink_for_body(std::uint64_t bytes_max) {
  const auto& options = lane_.state().options;
  if (!request_.is_multipart) {
    request_.body.reserve(std::min<std::size_t>(reader_.content_length().value_or(0), reserve_bytes_max));
    return std::make_unique<StringSink>(request_.body);
  }
  auto boundary = MultipartReader::boundary_of(request_.headers.get("Content-Type"));
  if (!boundary) return std::unexpected(std::move(boundary.error()));
  MultipartLimits limits;
  limits.parts_max = options.limits.parts_max;
  limits.text_part_bytes_max = options.limits.text_part_bytes_max;
  limits.text_bytes_max = std::min(options.limits.body_bytes_max, bytes_max);
  return std::make_unique<MultipartReader>(*boundary, limits, options.spool_folder, request_.parts);
}

Connection::Awaitable<Accepted> Connection::read_body(std::optional<std::uint64_t> bytes_max) {
  const auto& limits = lane_.state().options.limits;
  const auto content_type = request_.headers.find("Content-Type");
  request_.is_multipart = content_type && media_type(*content_type) == "multipart/form-data";
  if (!has_body()) co_return Accepted{};
  const auto limit = bytes_max.value_or(request_.is_multipart ? limits.upload_bytes_max : limits.body_bytes_max);
  if (auto limited = reader_.limit_body(limit); !limited) co_return std::move(limited);
  if (auto expected = check_expectation(); !expected) co_return std::move(expected);
  auto sink = sink_for_body(limit);
  if (!sink) co_return std::unexpected(std::move(sink.error()));
  enter(Phase::body, limits.body_timeout);
  const auto started = std::chrono::steady_clock::now();
  if (version_ >= 11 && buffer_.empty() && request_.headers.contains("Expect")) {
    const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write_all(go_on, std::string_view())) co_return std::unexpected(Refusal::silent());
  }
  std::uint64_t received = 0;
  while (true) {
    if (!buffer_.empty()) {
      auto step = reader_.read_body(buffer_.data(), **sink);
      buffer_.consume(step.consumed);
      received += step.consumed;
      if (!step.accepted) co_return std::move(step.accepted);
      if (reader_.is_complete()) co_return Accepted{};
    }
    const std::chrono::seconds earned(received / std::max<std::uint64_t>(1, limits.body_rate_min_bytes_s));
    deadline_ = started + limits.body_timeout + earned;
    const bool is_large = reader_.is_chunked() || reader_.content_length().value_or(0) - received > ReadBuffer::small_bytes;
    if (co_await read_some(is_large ? ReadBuffer::block_bytes : read_ahead_bytes)) continue;
    if (gone_) co_return std::unexpected(Refusal::silent());
    if (timed_out_) co_return std::unexpected(Refusal{408, "body-timeout", "The body of the request did not arrive in time."});
    co_return std::unexpected(Refusal{400, "bad-request", "The connection ended before the body of the request was complete."});
  }
}

Connection::Awaitable<bool> Connection::refuse(Refusal refusal) {
  if (refusal.status == 0) co_return false;
  keep_alive_ = timed_out_ = false;
  request_.parts.clear();  // uploaded files go now
  auto page = lane_.state().error_page(refusal.status, refusal.code, refusal.message);
  co_await send(std::move(page));
  co_await drain();
  co_return false;
}

// A client that still writes must get to read the answer: closing with unread bytes would reset the connection and throw the answer away.
Connection::Awaitable<void> Connection::drain() {
  if (gone_) co_return;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  enter(Phase::draining, drain_timeout);
  std::uint64_t left = lane_.state().options.limits.drain_bytes_max;
  buffer_.consume(buffer_.data().size());
  while (left > 0 && co_await read_some(ReadBuffer::block_bytes)) {
    left -= std::min<std::uint64_t>(left, buffer_.data().size());
    buffer_.consume(buffer_.data().size());
  }
}

void Connection::call_handler() {
  const auto number = mailbox_->open();
  auto exchange = std::make_shared<ExchangeOfConnection>(mailbox_, number);
  const auto method = request_.method_text;
  try {
    lane_.state().handler(std::move(request_), exchange);
    return;
  } catch (const std::exception& error) {
    log::error("http: the handler of a {} request threw: {}", method, error.what());
  } catch (...) {
    log::error("http: the handler of a {} request threw something unknown", method);
  }
  exchange->respond(lane_.state().error_page(500, "internal", "The server failed on this request; its log says why."));
}

Connection::Awaitable<bool> Connection::answer() {
  enter(Phase::handling, std::chrono::milliseconds(0));
  call_handler();
  while (true) {
    auto answer = mailbox_->take();
    if (auto* response = std::get_if<Response>(&answer)) co_return co_await send(std::move(*response));
    if (auto* start = std::get_if<StreamStart>(&answer)) co_return co_await send_stream(std::move(*start));
    if (std::holds_alternative<Dropped>(answer)) {
      auto page = lane_.state().error_page(500, "internal", "The server gave no answer to this request.");
      co_return co_await send(std::move(page));
    }
    co_await sleep_until_woken();
    if (gone_) co_return false;
  }
}

}  // namespace insula::http
