// One I/O thread: its event loop, its accepting socket and the connections it accepted. Inside the folder only.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>

#include "http/server.h"

namespace insula::http {

namespace asio = boost::asio;
using asio::ip::tcp;

class Connection;

// What all lanes of a server share. Outlives them.
struct ServerState {
  Options options;
  Handler handler;
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> connections{0};  // open, over all lanes
  std::mutex mutex;                           // with all_gone, for the thread that stops the server
  std::condition_variable all_gone;

  Response error_page(int status, std::string_view code, std::string_view message) const;
};

class Lane {
 public:
  Lane(ServerState& state, std::chrono::milliseconds sweep_interval);
  ~Lane();

  // Binds and listens; `endpoint` gets the port that was bound.
  Result<void> bind(tcp::endpoint& endpoint);
  void run();  // the body of the thread; returns when everything below has ended
  // From other threads:
  void begin_stop();  // accepts no more, asks every connection to end
  void cut_all();
  void finish();      // after begin_stop: run() returns once the last connection is gone

  // For connections of this lane, on its thread.
  using Place = std::list<Connection*>::iterator;
  Place enter(Connection* connection);
  void leave(Place place);
  asio::io_context& context() { return context_; }
  ServerState& state() { return state_; }
  std::string_view date() const { return date_; }  // of now, for the Date field; renewed by the sweep
  bool is_stopping() const { return stopping_; }

 private:
  asio::awaitable<void> accept_all();
  asio::awaitable<void> sweep_all();
  void admit(tcp::socket socket, const tcp::endpoint& peer);
  void renew_date();

  ServerState& state_;
  const std::chrono::milliseconds sweep_interval_;
  asio::io_context context_{1};  // one thread: no locks inside
  tcp::acceptor acceptor_{context_};
  asio::steady_timer sweep_timer_{context_};
  asio::steady_timer accept_pause_{context_};
  std::list<Connection*> connections_;
  std::string date_;
  bool stopping_ = false;
  bool finishing_ = false;
};

}  // namespace insula::http
