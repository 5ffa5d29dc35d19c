// For the tests of this folder: an HTTP server on 127.0.0.1, one request per connection.
#pragma once
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"

namespace insula::tasks {

struct SeenRequest {
  std::string method, target, body;
  std::map<std::string, std::string> headers;   // names in lower case
};

class TestServer {
 public:
  using Handler = std::function<std::string(const SeenRequest&)>;   // the whole answer; empty = none, the connection stays open

  explicit TestServer(Handler handler) : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    INSULA_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 16) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    INSULA_ASSERT(::pipe(stop_.data()) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~TestServer() {
    ::close(stop_[1]);
    thread_.join();
    for (const int connection : left_open_) ::close(connection);
    ::close(listener_);
    ::close(stop_[0]);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string host() const { return fmt::format("127.0.0.1:{}", port_); }
  std::string url(std::string_view path) const { return fmt::format("http://{}{}", host(), path); }
  SeenRequest last() {
    const std::lock_guard lock(mutex_);
    return seen_.empty() ? SeenRequest{} : seen_.back();
  }

  static std::string answer(int status, std::string_view body, std::string_view headers = "Content-Type: application/json\r\n") {
    return fmt::format("HTTP/1.1 {} Reason\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status, headers, body.size(), body);
  }

 private:
  void serve() {
    for (;;) {
      std::array<pollfd, 2> waits{{{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
      ::poll(waits.data(), 2, -1);
      if (waits[1].revents != 0) return;
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection >= 0) handle(connection);
    }
  }
  void handle(int connection) {
    std::string text;
    std::array<char, 4096> buffer;
    std::size_t wanted = std::string::npos;
    while (text.size() < wanted) {
      const ssize_t count = ::read(connection, buffer.data(), buffer.size());
      if (count <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(count));
      const std::size_t head = text.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const std::size_t length = lower_ascii(text.substr(0, head)).find("content-length: ");
      wanted = head + 4 + (length == std::string::npos ? 0 : std::strtoul(text.c_str() + length + 16, nullptr, 10));
    }
    const SeenRequest request = parse(text);
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(request);
    }
    const std::string response = handler_(request);
    if (response.empty()) {
      left_open_.push_back(connection);
      return;
    }
    for (std::string_view rest = response; !rest.empty();) {
      const ssize_t count = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count <= 0) break;
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    ::close(connection);
  }
  static SeenRequest parse(const std::string& text) {
    SeenRequest request;
    const std::size_t head = std::min(text.find("\r\n\r\n"), text.size());
    request.body = text.substr(std::min(head + 4, text.size()));
    const std::vector<std::string> lines = split(text.substr(0, head), '\n');
    const std::vector<std::string> first = split(lines.front(), ' ');
    request.method = first.front();
    request.target = first.size() > 1 ? first[1] : "";
    for (const std::string& line : lines) {
      if (const std::size_t colon = line.find(": "); colon != std::string::npos) request.headers[lower_ascii(line.substr(0, colon))] = std::string(trim(line.substr(colon + 2)));
    }
    return request;
  }

  Handler handler_;
  int listener_, port_ = 0;
  std::array<int, 2> stop_{};
  std::thread thread_;
  std::mutex mutex_;
  std::vector<SeenRequest> seen_;
  std::vector<int> left_open_;
};

}  // namespace insula::tasks
