// Findings → what the API answers. Private to this folder.
#pragma once
#include "flow/check.h"

namespace insula::flow {

// Fills violations, constraints, refusal and refusal_errors. `prefix`: `Validation error: ` for flows, nothing for single elements.
void tell_findings(Report& report, std::vector<Finding> findings, std::string_view prefix);
// A text that is no YAML. `source_name`: `Flow`, `task`, `trigger`.
void tell_broken_yaml(Report& report, const Error& error, std::string_view prefix, std::string_view source_name);
// One line per old name of a type, in the order of the text: `a.Old is replaced by a.New`.
std::vector<std::string> replaced_types(const Json& tree, const Catalog& catalog);

}  // namespace insula::flow
