#include "http/server.h"

#include <thread>

#include "base/log.h"
#include "http/lane.h"

namespace insula::http {
namespace {

// How late a time-out or a heartbeat may come: a quarter of the shortest, within 10 ms and 1 s.
std::chrono::milliseconds sweep_interval(const Limits& limits) {
  const auto shortest = std::min({limits.idle_timeout, limits.header_timeout, limits.body_timeout, limits.write_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(1000));
}

// Uploads that a crash left behind. The folder belongs to this server alone.
Result<void> prepare_spool_folder(const std::filesystem::path& folder) {
  if (folder.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      std::error_code ignored;
      if (entry.path().filename().string().starts_with("upload-")) std::filesystem::remove(entry.path(), ignored);
    }
  }
  if (!error) return {};
  return fail(ErrorKind::unavailable, "spool-failed", fmt::format("The upload folder {} cannot be used: {}.", folder.string(), error.message()));
}

}  // namespace

class Server::Core {
 public:
  Core(Options options, Handler handler) {
    state_.options = std::move(options);
    state_.handler = std::move(handler);
  }

  Result<void> start() {
    INSULA_ASSERT(lanes_.empty());
    if (auto prepared = prepare_spool_folder(state_.options.spool_folder); !prepared) return prepared;
    boost::system::error_code error;
    const auto address = asio::ip::make_address(state_.options.address, error);
    if (error) return fail(ErrorKind::unavailable, "bind-failed", fmt::format("`{}` is not an IP address to listen on.", state_.options.address));
    tcp::endpoint endpoint(address, state_.options.port);
    if (auto free = check_free(endpoint); !free) return free;
    std::vector<std::unique_ptr<Lane>> lanes;
    for (unsigned i = 0; i < std::max(1u, state_.options.threads); ++i) {
      lanes.push_back(std::make_unique<Lane>(state_, sweep_interval(state_.options.limits)));
      if (auto bound = lanes.back()->bind(endpoint); !bound) return bound;
    }
    port_ = endpoint.port();
    lanes_ = std::move(lanes);
    for (auto& lane : lanes_) threads_.emplace_back([&lane = *lane] { lane.run(); });
    return {};
  }

  void stop(std::chrono::milliseconds grace) {
    const std::lock_guard only_one(stop_mutex_);
    if (threads_.empty()) return;
    for (auto& lane : lanes_) lane->begin_stop();
    const auto all_gone = [this] { return state_.connections.load() == 0; };
    {
      std::unique_lock lock(state_.mutex);
      const bool in_time = state_.all_gone.wait_for(lock, grace, all_gone);
      if (!in_time && grace.count() > 0) log::warn("http: {} connections are cut after the grace period", state_.connections.load());
    }
    for (auto& lane : lanes_) {
      lane->cut_all();
      lane->finish();
    }
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  std::uint16_t port() const { return port_; }
  ServerCounters counters() const { return {state_.requests.load(), state_.connections.load(), state_.refused.load()}; }

 private:
  // SO_REUSEPORT lets a second server of the same user bind the same port and take half of the requests: look without it first.
  Result<void> check_free(const tcp::endpoint& endpoint) {
    if (endpoint.port() == 0) return {};
    asio::io_context context;
    tcp::acceptor probe(context);
    boost::system::error_code error;
    probe.open(endpoint.protocol(), error);
    if (!error) probe.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.protocol() == tcp::v6()) probe.set_option(asio::ip::v6_only(false), error);
    if (!error) probe.bind(endpoint, error);
    if (!error) probe.listen(1, error);
    if (!error) return {};
    return fail(ErrorKind::unavailable, "bind-failed",
                fmt::format("Cannot listen on {} port {}: {}.", endpoint.address().to_string(), endpoint.port(), error.message()));
  }

  ServerState state_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::thread> threads_;
  std::mutex stop_mutex_;
  std::uint16_t port_ = 0;
};

Server::Server(Options options, Handler handler) : core_(std::make_unique<Core>(std::move(options), std::move(handler))) {}
Server::~Server() { stop(std::chrono::milliseconds(0)); }
Result<void> Server::start() { return core_->start(); }
std::uint16_t Server::port() const { return core_->port(); }
void Server::stop(std::chrono::milliseconds grace) { core_->stop(grace); }
ServerCounters Server::counters() const { return core_->counters(); }

}  // namespace insula::http
