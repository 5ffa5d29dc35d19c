// A small blocking client over a raw socket, for the tests of this folder: it sends bytes exactly as told.
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>

#include "http/http.h"

namespace insula::http::testing {

struct Reply {
  int status = 0;  // 0: the connection ended before a whole answer
  Headers headers;
  std::string body;
};

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool is_connected() const { return connected_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void close_sending_side() { ::shutdown(socket_, SHUT_WR); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  // One read into the buffer; false at the end of the connection or after 20 s of silence.
  bool receive() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, 20'000) <= 0) return false;
    std::array<char, 65536> block{};
    const auto count = ::recv(socket_, block.data(), block.size(), 0);
    if (count <= 0) return false;
    buffer_.append(block.data(), static_cast<std::size_t>(count));
    return true;
  }
  bool has_ended() {
    while (receive()) {
    }
    return buffer_.empty();
  }
  // Up to and with `mark`; what came when the connection ends first.
  std::string read_until(std::string_view mark) {
    while (buffer_.find(mark) == std::string::npos) {
      if (!receive()) return std::exchange(buffer_, {});
    }
    return cut(buffer_.find(mark) + mark.size());
  }
  std::string read_exactly(std::size_t count) {
    while (buffer_.size() < count) {
      if (!receive()) return {};
    }
    return cut(count);
  }

  Reply read_head() {
    Reply reply;
    const auto head = read_until("\r\n\r\n");
    if (!head.ends_with("\r\n\r\n") || head.size() < 12) return reply;
    std::from_chars(head.data() + 9, head.data() + 12, reply.status);
    for (auto at = head.find("\r\n") + 2; at + 2 < head.size();) {
      const auto end = head.find("\r\n", at), colon = head.find(": ", at);
      reply.headers.add(std::string_view(head).substr(at, colon - at), std::string_view(head).substr(colon + 2, end - colon - 2));
      at = end + 2;
    }
    return reply;
  }
  Reply read_reply(bool has_body = true) {
    auto reply = read_head();
    if (!has_body || reply.status == 0) return reply;
    if (reply.headers.get("Transfer-Encoding") == "chunked") {
      for (auto chunk = read_chunk(); !chunk.empty(); chunk = read_chunk()) reply.body += chunk;
      return reply;
    }
    std::size_t length = 0;
    const auto text = reply.headers.get("Content-Length");
    std::from_chars(text.data(), text.data() + text.size(), length);
    reply.body = read_exactly(length);
    if (reply.body.size() != length) reply.status = 0;
    return reply;
  }
  // The content of the next chunk; empty = the last one, or the end of the connection.
  std::string read_chunk() {
    const auto line = read_until("\r\n");
    std::size_t size = 0;
    if (!line.ends_with("\r\n") || std::from_chars(line.data(), line.data() + line.size(), size, 16).ec != std::errc{}) return {};
    auto content = read_exactly(size + 2);
    if (size == 0) was_last_chunk_ = content == "\r\n";
    content.resize(content.size() - std::min<std::size_t>(2, content.size()));
    return content;
  }
  bool was_last_chunk() const { return was_last_chunk_; }

  Reply get(std::string_view target, std::string_view more_headers = {}) {
    send(fmt::format("GET {} HTTP/1.1\r\nHost: test\r\n{}\r\n", target, more_headers));
    return read_reply();
  }
  Reply post(std::string_view target, std::string_view content_type, std::string_view body) {
    send(fmt::format("POST {} HTTP/1.1\r\nHost: test\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", target, content_type, body.size(), body));
    return read_reply();
  }

 private:
  std::string cut(std::size_t count) {
    auto text = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return text;
  }
  int socket_;
  bool connected_ = false;
  bool was_last_chunk_ = false;
  std::string buffer_;
};

// A server with one handler, stopped at the end of the test.
inline std::unique_ptr<Server> serve(Handler handler, Options options = {}) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler));
  const auto started = server->start();
  EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message);
  return server;
}

// Method, path segments, query and body as text.
inline void echo(Request&& request, const std::shared_ptr<Exchange>& exchange) {
  std::string text = request.method_text;
  for (const auto& segment : request.target.segments) text += fmt::format(" [{}]", segment);
  for (const auto& [key, value] : request.target.query) text += fmt::format(" {}={}", key, value);
  exchange->respond(Response::text(200, fmt::format("{} | {}", text, request.body)));
}

}  // namespace insula::http::testing
