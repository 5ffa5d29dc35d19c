// An HTTP load generator: keep-alive connections on one epoll thread, closed loop or at a fixed rate (then latency counts from the moment a
// request was due, so that a stall is not hidden). Prints one JSON object: requests, errors, seconds, rate, latency percentiles in milliseconds.
//
//   insula_bench --host 127.0.0.1 --port 8080 --path /api/v1/main/… [--path …] [--method POST] [--user a:b] [--connections 64] [--count N | --seconds S] [--rate R]
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/base.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string host = "127.0.0.1";
  int port = 8080;
  std::vector<std::string> paths;
  std::string method = "POST";
  std::string user, body, content_type;
  int connections = 64;
  long count = 0;
  double seconds = 0;
  double rate = 0;
};

struct Connection {
  int socket = -1;
  bool busy = false;
  Clock::time_point due;
  std::string in;
};

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)), connections_(static_cast<std::size_t>(options_.connections)) {
    const std::string auth = options_.user.empty() ? "" : "Authorization: Basic " + insula::base64_encode(options_.user) + "\r\n";
    for (const std::string& path : options_.paths) {
      requests_.push_back(fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\n{}{}Content-Length: {}\r\n\r\n{}", options_.method, path, options_.host, options_.port, auth,
                                      options_.content_type.empty() ? "" : "Content-Type: " + options_.content_type + "\r\n", options_.body.size(), options_.body));
    }
  }

  int run() {
    poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (!open(i)) return 1;
    }
    begin_ = Clock::now();
    for (std::size_t i = 0; i < connections_.size(); ++i) idle_.push_back(i);
    while (!done()) {
      launch();
      epoll_event events[256];
      const int ready = ::epoll_wait(poll_, events, 256, wait_ms());
      for (int i = 0; i < ready; ++i) receive(events[i].data.u64);
    }
    report();
    return errors_ == 0 ? 0 : 3;
  }

 private:
  bool open(std::size_t index) {
    Connection& connection = connections_[index];
    connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    ::inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr);
    if (::connect(connection.socket, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address) != 0) {
      fmt::print(stderr, "cannot connect: {}\n", std::strerror(errno));
      return false;
    }
    const int on = 1;
    ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(connection.socket, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    return ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event) == 0;
  }

  bool may_send() const {
    if (options_.count > 0) return sent_ < options_.count;
    return Clock::now() - begin_ < std::chrono::duration<double>(options_.seconds);
  }
  bool done() const { return !may_send() && idle_.size() == connections_.size(); }

  Clock::time_point due_of(long number) const {
    return options_.rate > 0 ? begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(number) / options_.rate)) : Clock::now();
  }

  int wait_ms() const {
    if (options_.rate <= 0 || idle_.empty() || !may_send()) return 100;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due_of(sent_) - Clock::now()).count();
    return static_cast<int>(std::clamp<long>(left, 0, 100));
  }

  void launch() {
    while (!idle_.empty() && may_send()) {
      const auto due = due_of(sent_);
      if (options_.rate > 0 && due > Clock::now()) return;
      Connection& connection = connections_[idle_.back()];
      idle_.pop_back();
      const std::string& request = requests_[static_cast<std::size_t>(sent_) % requests_.size()];
      connection.busy = true;
      connection.due = due;
      connection.in.clear();
      ++sent_;
      if (::send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) ++errors_;
    }
  }

  void receive(std::size_t index) {
    Connection& connection = connections_[index];
    char buffer[65536];
    const ssize_t count = ::recv(connection.socket, buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {
      ++errors_;
      ::close(connection.socket);
      if (!open(index)) std::exit(1);
      finish(index, 0);
      return;
    }
    connection.in.append(buffer, static_cast<std::size_t>(count));
    const std::size_t head = connection.in.find("\r\n\r\n");
    if (head == std::string::npos) return;
    std::size_t length = 0;
    if (const std::size_t at = connection.in.find("Content-Length: "); at < head) length = static_cast<std::size_t>(std::atol(connection.in.c_str() + at + 16));
    if (connection.in.size() < head + 4 + length) return;
    finish(index, std::atoi(connection.in.c_str() + 9));
  }

  void finish(std::size_t index, int status) {
    Connection& connection = connections_[index];
    if (!connection.busy) return;
    connection.busy = false;
    if (status < 200 || status >= 300) {
      ++errors_;
      if (first_error_.empty()) first_error_ = connection.in.substr(0, 300);
    }
    latencies_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - connection.due).count());
    idle_.push_back(index);
  }

  void report() {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    std::sort(latencies_.begin(), latencies_.end());
    const auto percentile = [this](double share) { return latencies_.empty() ? 0.0 : latencies_[std::min(latencies_.size() - 1, static_cast<std::size_t>(share * static_cast<double>(latencies_.size())))]; };
    if (!first_error_.empty()) fmt::print(stderr, "first error: {}\n", first_error_);
    fmt::print("{{\"requests\":{},\"errors\":{},\"seconds\":{:.3f},\"rate\":{:.1f},\"p50_ms\":{:.3f},\"p90_ms\":{:.3f},\"p99_ms\":{:.3f},\"max_ms\":{:.3f}}}\n", latencies_.size(), errors_, seconds,
               static_cast<double>(latencies_.size()) / seconds, percentile(0.5), percentile(0.9), percentile(0.99), latencies_.empty() ? 0.0 : latencies_.back());
  }

  Options options_;
  std::vector<Connection> connections_;
  std::vector<std::string> requests_;
  std::vector<std::size_t> idle_;
  std::vector<double> latencies_;
  std::string first_error_;
  int poll_ = -1;
  long sent_ = 0, errors_ = 0;
  Clock::time_point begin_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--host") options.host = value;
    else if (name == "--port") options.port = std::atoi(value.c_str());
    else if (name == "--path") options.paths.push_back(value);
    else if (name == "--method") options.method = value;
    else if (name == "--user") options.user = value;
    else if (name == "--body") options.body = value;
    else if (name == "--content-type") options.content_type = value;
    else if (name == "--connections") options.connections = std::atoi(value.c_str());
    else if (name == "--count") options.count = std::atol(value.c_str());
    else if (name == "--seconds") options.seconds = std::atof(value.c_str());
    else if (name == "--rate") options.rate = std::atof(value.c_str());
    else return fmt::print(stderr, "unknown option {}\n", name), 2;
  }
  if (options.paths.empty()) return fmt::print(stderr, "--path is missing\n"), 2;
  return Load(std::move(options)).run();
}
