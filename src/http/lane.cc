#include "http/lane.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/as_tuple.hpp>
#include <sys/socket.h>

#include "base/json.h"
#include "base/log.h"
#include "http/connection.h"

namespace insula::http {
namespace {

using boost::system::error_code;
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr auto accept_pause = std::chrono::milliseconds(100);  // when the process has no file descriptor left

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

std::string address_text(const tcp::endpoint& peer) {
  const auto address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

}  // namespace

Response ServerState::error_page(int status, std::string_view code, std::string_view message) const {
  if (options.error_page) {
    try {
      return options.error_page(status, code, message);
    } catch (const std::exception& error) {
      log::error("http: the error page threw: {}", error.what());
    }
  }
  std::string document = R"({"message":)";
  write_json_string(message, document);
  document += R"(,"code":)";
  write_json_string(code, document);
  document += '}';
  return Response::json(status, std::move(document));
}

Lane::Lane(ServerState& state, std::chrono::milliseconds sweep_interval) : state_(state), sweep_interval_(sweep_interval) { renew_date(); }
Lane::~Lane() = default;

Result<void> Lane::bind(tcp::endpoint& endpoint) {
  error_code error;
  const auto failed = [&](std::string_view doing) {
    return fail(ErrorKind::unavailable, "bind-failed",
                fmt::format("Cannot {} {} port {}: {}.", doing, endpoint.address().to_string(), endpoint.port(), error.message()));
  };
  acceptor_.open(endpoint.protocol(), error);
  if (error) return failed("open a socket for");
  acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.set_option(ReusePort(true), error);
  if (error) return failed("share");
  if (endpoint.protocol() == tcp::v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failed("listen on");
  endpoint = acceptor_.local_endpoint(error);
  return {};
}

void Lane::run() {
  asio::co_spawn(context_, accept_all(), asio::detached);
  asio::co_spawn(context_, sweep_all(), asio::detached);
  while (true) {
    try {
      context_.run();
      return;
    } catch (const std::exception& error) {  // out of memory in a posted function; the loop is intact
      log::error("http: I/O thread: {}", error.what());
    }
  }
}

asio::awaitable<void> Lane::accept_all() {
  while (!stopping_) {
    tcp::socket socket(context_);
    tcp::endpoint peer;
    const auto [error] = co_await acceptor_.async_accept(socket, peer, as_values);
    if (stopping_ || error == asio::error::operation_aborted) co_return;
    if (!error) {
      admit(std::move(socket), peer);
      continue;
    }
    if (error == asio::error::connection_aborted) continue;
    log::warn("http: cannot accept a connection: {}", error.message());
    accept_pause_.expires_after(accept_pause);
    co_await accept_pause_.async_wait(as_values);
  }
}

void Lane::admit(tcp::socket socket, const tcp::endpoint& peer) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  if (state_.connections.fetch_add(1) >= state_.options.limits.connections_max) {
    state_.connections.fetch_sub(1);
    state_.refused.fetch_add(1, std::memory_order_relaxed);
    static constexpr std::string_view busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";
    socket.write_some(asio::buffer(busy), ignored);
    return;
  }
  socket.set_option(tcp::no_delay(true), ignored);
  std::make_shared<Connection>(*this, std::move(socket), address_text(peer))->start();
}

asio::awaitable<void> Lane::sweep_all() {
  while (!(finishing_ && connections_.empty())) {
    sweep_timer_.expires_after(sweep_interval_);
    co_await sweep_timer_.async_wait(as_values);
    renew_date();
    const auto now = std::chrono::steady_clock::now();
    for (auto* connection : connections_) connection->sweep(now);
  }
}

void Lane::renew_date() {  // IMF-fixdate, RFC 9110 §5.6.7
  static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  date_ = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                      months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                      time.seconds().count());
}

Lane::Place Lane::enter(Connection* connection) { return connections_.insert(connections_.end(), connection); }

void Lane::leave(Place place) {
  connections_.erase(place);
  if (finishing_ && connections_.empty()) sweep_timer_.cancel();
  if (state_.connections.fetch_sub(1) != 1) return;
  const std::lock_guard lock(state_.mutex);  // so that the waiting thread cannot miss it between its check and its sleep
  state_.all_gone.notify_all();
}

void Lane::begin_stop() {
  asio::post(context_, [this] {
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    accept_pause_.cancel();
    for (auto* connection : connections_) connection->begin_stop();
  });
}

void Lane::cut_all() {
  asio::post(context_, [this] {
    for (auto* connection : connections_) connection->cut();
  });
}

void Lane::finish() {
  asio::post(context_, [this] {
    finishing_ = true;
    sweep_timer_.cancel();
  });
}

}  // namespace insula::http
