// jq in processes, for tests.
#pragma once
#include "expression/expression.h"
#include "sandbox/sandbox.h"

namespace insula::expression {

inline std::shared_ptr<const Jq> jq_for_tests() {
  static const auto jq = std::make_shared<const Jq>([processes = std::make_shared<sandbox::JqProcesses>()](std::string_view program, std::string_view input, std::size_t steps_max) { return processes->run(program, input, steps_max); });
  return jq;
}

inline Environment with_jq() {
  Environment environment;
  environment.jq = jq_for_tests();
  return environment;
}

}  // namespace insula::expression
