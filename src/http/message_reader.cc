#include "http/message_reader.h"

#include <boost/beast/http/basic_parser.hpp>
#include <limits>

#include "base/text.h"

namespace insula::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using Text = boost::beast::string_view;

std::string_view view(Text text) { return {text.data(), text.size()}; }

Refusal bad_request(std::string message) { return {400, "bad-request", std::move(message)}; }

Refusal refusal_for(const error_code& error, std::size_t header_bytes_max) {
  if (error == beast_http::error::header_limit) {
    return {431, "header-too-large", fmt::format("The request line and header fields have more than {} bytes.", header_bytes_max)};
  }
  if (error == beast_http::error::bad_version) return {505, "http-version", "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
  return bad_request(fmt::format("The request is not well-formed HTTP/1.1: {}.", error.message()));
}

}  // namespace

// Beast calls back for each element. A refusal of our own is kept here and Beast stopped with any error.
class MessageReader::Parser final : public beast_http::basic_parser<true> {
 public:
  Parser(Request& request, std::size_t header_bytes_max) : request_(request) {
    header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(header_bytes_max, std::numeric_limits<std::uint32_t>::max())));
    body_limit(boost::none);
    eager(false);
  }

  void refuse(Refusal refusal, error_code& error) {
    own_refusal = std::move(refusal);
    error = beast_http::error::bad_value;
  }

  std::optional<Refusal> own_refusal;
  BodySink* sink = nullptr;
  std::size_t header_bytes = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t body_bytes_max = std::numeric_limits<std::uint64_t>::max();

 private:
  void on_request_impl(beast_http::verb, Text method, Text target, int version, error_code& error) override {
    request_.method_text = view(method);
    request_.method = method_of(request_.method_text);
    request_.version = version;
    auto parsed = http::parse_target(view(target));
    if (!parsed) return refuse(Refusal::of(parsed.error()), error);
    request_.target = std::move(*parsed);
  }
  void on_field_impl(beast_http::field, Text name, Text value, error_code&) override {
    if (!is_header_done_) request_.headers.add(view(name), view(value));  // trailer fields are dropped (RFC 9110 §6.5.1)
  }
  void on_header_impl(error_code& error) override {
    is_header_done_ = true;
    const auto& headers = request_.headers;
    if (const auto coding = headers.find("Transfer-Encoding")) {
      if (request_.version < 11) return refuse(bad_request("Transfer-Encoding needs HTTP/1.1."), error);
      if (headers.count("Transfer-Encoding") != 1 || !equal_ignoring_case(trim(*coding), "chunked")) {
        return refuse({501, "transfer-coding", "The only transfer coding understood is `chunked`."}, error);
      }
    }
    const auto hosts = headers.count("Host");
    if (hosts > 1 || (hosts == 0 && request_.version >= 11)) return refuse(bad_request("HTTP/1.1 requires exactly one Host header field."), error);
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(Text body, error_code& error) override { return take(view(body), error); }
  void on_chunk_header_impl(std::uint64_t size, Text, error_code& error) override {
    if (size > body_bytes_max - body_bytes) refuse_size(error);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code& error) override { return take(view(body), error); }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, Text, int, error_code&) override {}

  void refuse_size(error_code& error) {
    refuse({413, "body-too-large", fmt::format("The body has more than {} bytes.", body_bytes_max)}, error);
  }
  std::size_t take(std::string_view bytes, error_code& error) {
    if (bytes.size() > body_bytes_max - body_bytes) {
      refuse_size(error);
      return 0;
    }
    body_bytes += bytes.size();
    if (auto accepted = sink->take(bytes); !accepted) refuse(std::move(accepted.error()), error);
    return bytes.size();
  }

  Request& request_;
  bool is_header_done_ = false;
};

struct MessageReader::Storage {
  std::size_t header_bytes_max;
  std::optional<Parser> parser;

  Step put(std::string_view bytes) {
    Step step;
    error_code error;
    step.consumed = parser->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (parser->own_refusal) {
      step.accepted = std::unexpected(std::move(*parser->own_refusal));
    } else if (error && error != beast_http::error::need_more) {
      step.accepted = std::unexpected(refusal_for(error, header_bytes_max));
    }
    return step;
  }
};

MessageReader::MessageReader(std::size_t header_bytes_max) : storage_(std::make_unique<Storage>(header_bytes_max, std::nullopt)) {}
MessageReader::~MessageReader() = default;

void MessageReader::start(Request& request) { storage_->parser.emplace(request, storage_->header_bytes_max); }

MessageReader::Step MessageReader::read_head(std::string_view bytes) {
  auto& parser = *storage_->parser;
  std::size_t skipped = 0;
  if (!parser.got_some()) {
    while (bytes.substr(skipped).starts_with("\r\n")) skipped += 2;  // RFC 9112 §2.2: empty lines before the request line
    if (skipped == bytes.size()) return {skipped, {}};
  }
  auto step = storage_->put(bytes.substr(skipped));
  parser.header_bytes += step.consumed;
  step.consumed += skipped;
  // Beast counts only what it has not yet consumed.
  const auto total = parser.header_bytes + (parser.is_header_done() ? 0 : bytes.size() - step.consumed);
  if (step.accepted && total > storage_->header_bytes_max) {
    step.accepted = std::unexpected(refusal_for(beast_http::error::header_limit, storage_->header_bytes_max));
  }
  if (parser.is_header_done()) parser.eager(true);
  return step;
}

MessageReader::Step MessageReader::read_body(std::string_view bytes, BodySink& sink) {
  auto& parser = *storage_->parser;
  parser.sink = &sink;
  auto step = storage_->put(bytes);
  // What is left is the line of a chunk or the trailer: no one may let it grow without end.
  if (step.accepted && !parser.is_done() && bytes.size() - step.consumed > storage_->header_bytes_max) {
    step.accepted = std::unexpected(bad_request("A chunk line or the trailer of the body is too long."));
  }
  if (step.accepted && parser.is_done()) step.accepted = sink.finish();
  return step;
}

bool MessageReader::is_head_complete() const { return storage_->parser->is_header_done(); }
bool MessageReader::is_complete() const { return storage_->parser->is_done(); }
bool MessageReader::keep_alive() const { return storage_->parser->keep_alive(); }
bool MessageReader::is_chunked() const { return storage_->parser->chunked(); }

Accepted MessageReader::limit_body(std::uint64_t bytes_max) {
  storage_->parser->body_bytes_max = bytes_max;
  const auto length = content_length();
  if (!length || *length <= bytes_max) return {};
  return std::unexpected(Refusal{413, "body-too-large", fmt::format("The body has {} bytes; at most {} are accepted.", *length, bytes_max)});
}

std::optional<std::uint64_t> MessageReader::content_length() const {
  const auto length = storage_->parser->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

}  // namespace insula::http
