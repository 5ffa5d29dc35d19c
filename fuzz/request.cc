// A request, in one piece and byte by byte: taken either way or not at all; its target, cookies and fields are read.
#include "fuzz.h"
#include "http/message_reader.h"

namespace {

class Sink final : public insula::http::BodySink {
 public:
  insula::http::Accepted take(std::string_view bytes) override {
    size += bytes.size();
    return {};
  }
  insula::http::Accepted finish() override { return {}; }
  std::size_t size = 0;
};

// 0: not complete, 1: complete, 2: refused.
int verdict(std::string_view bytes, std::size_t piece, std::size_t& body) {
  insula::http::MessageReader reader(16u << 10);
  insula::http::Request request;
  Sink sink;
  reader.start(request);
  std::size_t available = 0, at = 0;
  while (!reader.is_complete()) {
    const std::size_t before = at;
    const std::string_view window = bytes.substr(at, available - at);
    const auto step = reader.is_head_complete() ? reader.read_body(window, sink) : reader.read_head(window);
    at += step.consumed;
    if (!step.accepted) return 2;
    if (reader.is_complete()) break;
    if (at == before) {
      if (available == bytes.size()) return 0;
      available = std::min(bytes.size(), available + piece);
    }
  }
  body = sink.size;
  return 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = insula::fuzz::text_of(data, size);
  std::size_t whole = 0, pieces = 0;
  const int at_once = verdict(bytes, bytes.size() + 1, whole), slowly = verdict(bytes, 1, pieces);
  // What cannot become a request any more may be refused before or at its end; what is taken, and how much of it, is the same.
  insula::fuzz::expect((at_once == 1) == (slowly == 1) && (at_once != 1 || whole == pieces), "how bytes arrive does not change what they say");
  static_cast<void>(insula::http::parse_target(bytes.substr(0, bytes.find('\n'))));
  return 0;
}
