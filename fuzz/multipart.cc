// A form that arrives: in one piece and byte by byte it is the same form.
#include "fuzz.h"
#include "http/multipart.h"

namespace {

struct Outcome {
  bool accepted = true;
  std::vector<std::pair<std::string, std::string>> parts;
};

Outcome read(std::string_view bytes, std::size_t piece) {
  Outcome outcome;
  std::vector<insula::http::Part> parts;
  insula::http::MultipartReader reader("x", {.parts_max = 50, .part_header_bytes_max = 2'000, .text_part_bytes_max = 10'000, .text_bytes_max = 50'000}, {}, parts);
  for (std::size_t at = 0; at < bytes.size() && outcome.accepted; at += piece) outcome.accepted = reader.take(bytes.substr(at, piece)).has_value();
  if (outcome.accepted) outcome.accepted = reader.finish().has_value();
  for (const insula::http::Part& part : parts) outcome.parts.emplace_back(part.name, part.text);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = insula::fuzz::text_of(data, size);
  const Outcome whole = read(bytes, bytes.size() + 1), slow = read(bytes, 1);
  insula::fuzz::expect(whole.accepted == slow.accepted && (!whole.accepted || whole.parts == slow.parts), "how bytes arrive does not change the form");
  return 0;
}
