// For the tests of this folder: a small HTTP server on 127.0.0.1 that answers each connection once with raw bytes.
#pragma once
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <semaphore>

#include "base/base.h"

namespace insula::client {

struct Received {
  std::string head;  // request line and headers as they came
  std::string body;
  std::string line() const { return head.substr(0, head.find("\r\n")); }
  // The value of a header, or `-`.
  std::string header(std::string_view name) const {
    for (std::string_view rest = head; !rest.empty();) {
      const std::size_t end = std::min(rest.find("\r\n"), rest.size());
      const std::string_view each = rest.substr(0, end);
      if (const auto colon = each.find(':'); colon != std::string_view::npos && lower_ascii(each.substr(0, colon)) == name) return std::string(trim(each.substr(colon + 1)));
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    return "-";
  }
};

class TestServer {
 public:
  // Gives the whole answer; an empty one leaves the connection open until the server ends.
  using Handler = std::function<std::string(const Received&)>;

  explicit TestServer(Handler handler) : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    INSULA_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(listener_, 64) == 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    INSULA_ASSERT(::pipe2(end_.data(), O_CLOEXEC) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~TestServer() {
    ::close(end_[1]);
    thread_.join();
    for (const int connection : open_) ::close(connection);
    ::close(listener_);
    ::close(end_[0]);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url(std::string_view path = "/") const { return fmt::format("http://127.0.0.1:{}{}", port_, path); }
  int port() const { return port_; }
  // Requests so far; read after the client has its answer.
  std::vector<Received> received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  void wait_for_request() { arrived_.acquire(); }

 private:
  void serve() {
    for (;;) {
      std::array<pollfd, 2> wait{pollfd{listener_, POLLIN, 0}, pollfd{end_[0], POLLIN, 0}};
      ::poll(wait.data(), wait.size(), -1);
      if (wait[1].revents != 0) return;
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection >= 0) answer(connection);
    }
  }

  void answer(int connection) {
    Received request;
    std::string bytes;
    std::size_t head_end = std::string::npos;
    const auto complete = [&] {
      head_end = bytes.find("\r\n\r\n");
      if (head_end == std::string::npos) return false;
      request.head = bytes.substr(0, head_end + 2);
      request.body = bytes.substr(head_end + 4);
      const std::string length = request.header("content-length");
      return length == "-" ? request.header("transfer-encoding") == "-" || request.body.ends_with("0\r\n\r\n") : request.body.size() >= std::stoul(length);
    };
    while (!complete()) {
      std::array<pollfd, 2> wait{pollfd{connection, POLLIN, 0}, pollfd{end_[0], POLLIN, 0}};
      ::poll(wait.data(), wait.size(), -1);
      std::array<char, 65536> buffer{};
      const ssize_t got = wait[1].revents != 0 ? 0 : ::read(connection, buffer.data(), buffer.size());
      if (got <= 0) {
        ::close(connection);
        return;
      }
      bytes.append(buffer.data(), static_cast<std::size_t>(got));
    }
    {
      const std::lock_guard lock(mutex_);
      received_.push_back(request);
    }
    const std::string reply = handler_(request);
    arrived_.release();
    for (std::size_t sent = 0; sent < reply.size();) {
      const ssize_t wrote = ::send(connection, reply.data() + sent, reply.size() - sent, MSG_NOSIGNAL);
      if (wrote <= 0) break;
      sent += static_cast<std::size_t>(wrote);
    }
    if (reply.empty() || reply.ends_with("\x01")) open_.push_back(connection);  // \x01: sent, and then silence
    else ::close(connection);
  }

  Handler handler_;
  int listener_;
  int port_ = 0;
  std::array<int, 2> end_{};
  std::mutex mutex_;
  std::vector<Received> received_;
  std::vector<int> open_;
  std::counting_semaphore<> arrived_{0};
  std::thread thread_;
};

inline std::string answer(std::string_view body, std::string_view status = "200 OK", std::string_view headers = {}) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status, body.size(), headers, body);
}

}  // namespace insula::client
