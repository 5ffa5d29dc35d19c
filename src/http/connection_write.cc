// How a connection writes its answers: whole, from a file, as a stream.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "http/connection.h"

namespace insula::http {
namespace {

constexpr std::size_t joined_bytes_max = 8u << 10;   // a body up to this size is copied behind the head: one buffer
constexpr std::size_t file_block_bytes = 256u << 10;

bool has_no_body(int status) { return status / 100 == 1 || status == 204 || status == 304; }

bool is_set_by_server(std::string_view name) {
  switch (name.size()) {
    case 4: return equal_ignoring_case(name, "Date");
    case 10: return equal_ignoring_case(name, "Connection");
    case 14: return equal_ignoring_case(name, "Content-Length");
    case 17: return equal_ignoring_case(name, "Transfer-Encoding");
    default: return false;
  }
}

// Closes, and removes the file when it was only made for this answer.
class FileToSend {
 public:
  explicit FileToSend(FileBody body) : body_(std::move(body)), descriptor_(::open(body_.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat info{};
    if (descriptor_ < 0 || ::fstat(descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) return;
    const auto size = static_cast<std::uint64_t>(info.st_size);
    offset_ = std::min(body_.offset, size);
    left_ = std::min(body_.length.value_or(size), size - offset_);
    is_open_ = true;
  }
  ~FileToSend() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (body_.remove_after) ::unlink(body_.path.c_str());
  }
  FileToSend(const FileToSend&) = delete;
  FileToSend& operator=(const FileToSend&) = delete;

  bool is_open() const { return is_open_; }
  std::uint64_t left() const { return left_; }
  // The next block; empty = the file ended early or cannot be read.
  std::string_view read(std::span<char> block) {
    const auto wanted = std::min<std::uint64_t>(block.size(), left_);
    ssize_t got = 0;
    do got = ::pread(descriptor_, block.data(), wanted, static_cast<off_t>(offset_));
    while (got < 0 && errno == EINTR);
    if (got <= 0) return {};
    offset_ += static_cast<std::uint64_t>(got);
    left_ -= static_cast<std::uint64_t>(got);
    return {block.data(), static_cast<std::size_t>(got)};
  }

 private:
  const FileBody body_;
  const int descriptor_;
  std::uint64_t offset_ = 0, left_ = 0;
  bool is_open_ = false;
};

}  // namespace

void Connection::write_head(const Response& response, std::optional<std::uint64_t> length, bool chunked) {
  head_.clear();
  auto out = std::back_inserter(head_);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status), lane_.date());
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const auto field = response.headers[i];
    if (field.name.empty() || is_set_by_server(field.name)) continue;
    head_.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  if (length) fmt::format_to(out, "Content-Length: {}\r\n", *length);
  if (chunked) head_ += "Transfer-Encoding: chunked\r\n";
  if (stopping_) keep_alive_ = false;
  if (!keep_alive_) head_ += "Connection: close\r\n";
  else if (version_ < 11) head_ += "Connection: keep-alive\r\n";
  head_ += "\r\n";
}

Connection::Awaitable<bool> Connection::send(Response response) {
  phase_ = Phase::writing;
  deadline_ = TimePoint::max();
  if (auto* file = std::get_if<FileBody>(&response.body)) {
    auto body = std::move(*file);
    co_return co_await send_file(std::move(response), std::move(body));
  }
  auto& body = std::get<std::string>(response.body);
  const bool bodyless = has_no_body(response.status);
  const std::optional<std::uint64_t> length = bodyless ? std::nullopt : std::optional<std::uint64_t>(body.size());
  write_head(response, length, false);
  if (bodyless || is_head_request_) body.clear();
  std::string_view second = body;
  if (body.size() <= joined_bytes_max) {
    head_ += body;
    second = std::string_view();
  }
  std::string_view first = head_;
  if (gone_ || !write_now(first, second)) {
    gone_ = true;
    co_return false;
  }
  const bool sent = (first.empty() && second.empty()) || co_await write_all(first, second);
  co_return sent && keep_alive_;
}

Connection::Awaitable<bool> Connection::send_file(Response response, FileBody body) {
  FileToSend file(std::move(body));
  if (!file.is_open()) {
    auto page = lane_.state().error_page(404, "file-not-found", "The file of this answer is not there any more.");
    co_return co_await send(std::move(page));
  }
  write_head(response, file.left(), false);
  std::string_view head = head_;
  if (is_head_request_) {
    const bool sent = co_await write_all(head, std::string_view());
    co_return sent && keep_alive_;
  }
  const auto block_size = static_cast<std::size_t>(std::min<std::uint64_t>(file_block_bytes, file.left()));
  const auto block = std::make_unique_for_overwrite<char[]>(block_size);
  while (file.left() > 0) {
    const auto bytes = file.read(std::span(block.get(), block_size));
    if (bytes.empty()) {
      log::error("http: a file became shorter while it was sent; the connection is cut");
      gone_ = true;
      co_return false;
    }
    if (!co_await write_all(head, bytes)) co_return false;
    head = std::string_view();
  }
  const bool sent = head.empty() || co_await write_all(head, std::string_view());
  co_return sent && keep_alive_;
}

Connection::Awaitable<bool> Connection::send_stream(StreamStart start) {
  const bool chunked = version_ >= 11;
  keep_alive_ = false;
  phase_ = Phase::streaming;
  deadline_ = TimePoint::max();
  last_write_ = std::chrono::steady_clock::now();
  stream_ = start.queue;
  write_head(start.head, std::nullopt, chunked);
  auto* body = std::get_if<std::string>(&start.head.body);
  if (body && !body->empty() && !is_head_request_) {
    if (chunked) fmt::format_to(std::back_inserter(head_), "{:x}\r\n{}\r\n", body->size(), *body);
    else head_ += *body;
  }
  writing_ = true;
  const bool started = co_await write_all(head_, std::string_view());
  writing_ = false;
  if (started && !is_head_request_) {
    if (stopping_) begin_stop();
    watch_client();
    co_await write_events(*start.queue, chunked);
  }
  stream_ = nullptr;
  start.queue->end();
  phase_ = Phase::writing;
  const std::string_view last_chunk = "0\r\n\r\n";
  if (started && chunked && !is_head_request_ && !gone_) co_await write_all(last_chunk, std::string_view());
  co_return false;
}

Connection::Awaitable<void> Connection::write_events(StreamQueue& queue, bool chunked) {
  while (!gone_) {
    auto batch = queue.take();
    if (queue.is_overflowed()) {
      gone_ = true;
    } else if (!batch.bytes.empty()) {
      head_.clear();
      if (chunked) {
        fmt::format_to(std::back_inserter(head_), "{:x}\r\n", batch.bytes.size());
        batch.bytes += "\r\n";
      }
      writing_ = true;
      co_await write_all(head_, batch.bytes);
      writing_ = false;
      last_write_ = std::chrono::steady_clock::now();
    } else if (batch.is_last) {
      co_return;
    } else {
      co_await sleep_until_woken();
    }
  }
}

}  // namespace insula::http
