#include "client/response.h"

namespace insula::client {
namespace {

constexpr std::uint64_t header_bytes_max = 1u << 20;

Error too_large(std::string_view what, std::uint64_t limit) {
  return {ErrorKind::too_large, "http-too-large", fmt::format("the {} of the answer is larger than {} bytes; ask for less or raise the limit", what, limit), {}, {}};
}

}  // namespace

const std::string* HttpResponse::header(std::string_view name) const {
  const std::string wanted = lower_ascii(name);
  for (const Header& each : headers) {
    if (each.name == wanted) return &each.value;
  }
  return nullptr;
}

bool ResponseSink::redirects() const {
  const int status = response_.status;
  const bool moved = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  return moved && request_.follow_redirects && response_.header("location") != nullptr;
}

bool ResponseSink::header_line(std::string_view line, long status) {
  header_bytes_ += line.size();
  if (header_bytes_ > header_bytes_max) {
    error_ = too_large("head", header_bytes_max);
    return false;
  }
  if (line.starts_with("HTTP/")) {  // a new answer: after 100 Continue, a redirect, or a refused login
    response_.headers.clear();
    return true;
  }
  response_.status = static_cast<int>(status);
  if (trim(line).empty() && status >= 200 && !redirects() && request_.on_head && response_.body_bytes == 0) {
    stopped_by_reader_ = !request_.on_head(response_);
    return !stopped_by_reader_;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  response_.headers.push_back({lower_ascii(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  return true;
}

bool ResponseSink::body(std::string_view bytes) {
  if (redirects()) return true;  // its page is of no interest
  response_.body_bytes += bytes.size();
  if (response_.body_bytes > request_.response_bytes_max) {
    error_ = too_large("body", request_.response_bytes_max);
    return false;
  }
  if (request_.on_chunk) {
    stopped_by_reader_ = !request_.on_chunk(bytes);
    return !stopped_by_reader_;
  }
  if (!request_.response_file) {
    response_.body.append(bytes);
    return true;
  }
  if (!file_.is_open()) file_.open(*request_.response_file, std::ios::binary | std::ios::trunc);
  file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file_.good();
}

std::optional<Error> ResponseSink::finish() {
  if (error_) return error_;
  if (!request_.response_file || request_.on_chunk) return std::nullopt;
  if (!file_.is_open()) file_.open(*request_.response_file, std::ios::binary | std::ios::trunc);  // an empty body makes an empty file
  file_.close();
  if (!file_.fail()) return std::nullopt;
  return Error{ErrorKind::internal, "http-file", fmt::format("the answer could not be written to the file '{}'; is the disk full?", request_.response_file->filename().string()), request_.response_file->string(), {}};
}

}  // namespace insula::client
