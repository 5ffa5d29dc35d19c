// Any text is a template: it renders or says what is wrong, within its limits, and says the same a second time.
#include "expression/expression.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace insula;
  static const expression::ObjectVariables variables(parse_json(R"({"inputs":{"a":1,"b":"text","c":[1,2,{"d":null}],"e":1.5,"f":"2026-11-24T16:45:30Z"},"outputs":{"t":{"value":"x"}},"flow":{"id":"f"}})")->as_object());
  expression::Environment environment;
  environment.now = Instant(std::chrono::seconds(1'790'000'000));
  environment.limits = {.output_bytes_max = 1u << 20, .steps_max = 20'000, .depth_max = 30};
  const auto compiled = expression::Template::compile(fuzz::text_of(data, size));
  const auto once = compiled.render(variables, environment), twice = compiled.render(variables, environment);
  fuzz::expect(once.has_value() == twice.has_value() && (!once || *once == *twice), "rendering is repeatable");
  static_cast<void>(compiled.render_typed(variables, environment));
  return 0;
}
