// The source of a flow: YAML, then every check. Whatever it says is written back and must be read again as the same value.
#include "app/server.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto catalog = insula::app::make_catalog();
  const std::string_view text = insula::fuzz::text_of(data, size);
  const auto read = insula::flow::read_flow(std::string(text), *catalog);
  insula::fuzz::expect(read.flow.has_value() || !read.report.violations.empty() || !read.report.constraints.empty(), "a flow that is refused is refused for a reason");
  if (const auto yaml = insula::flow::read_yaml(text)) {
    const auto again = insula::flow::read_yaml(insula::flow::write_yaml(yaml->value));
    insula::fuzz::expect(again.has_value(), "YAML that was written can be read");
  }
  return 0;
}
