// JSON that is read is written as JSON that means the same.
#include "base/base.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = insula::parse_json(insula::fuzz::text_of(data, size));
  if (!value) return 0;
  const std::string text = insula::write_json(*value);
  const auto again = insula::parse_json(text);
  insula::fuzz::expect(again.has_value() && insula::write_json(*again) == text, "what was written reads the same");
  return 0;
}
