#include "flow/report.h"

namespace insula::flow {
namespace {

// 1.3 tells all rules of FlowValidator as one violation of the flow.
std::string flow_rules(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings)
    if (finding.rule == Rule::flow) text += (text.empty() ? "Invalid Flow: " : ", ") + finding.message;
  return text;
}

// Lines `path: message`. What could not be read has no path; alone, it ends without a newline, as in 1.3.
std::string lines_of(const std::vector<Finding>& findings, std::string_view before_rules) {
  const bool only_parse = std::ranges::all_of(findings, [](const Finding& finding) { return finding.rule == Rule::parse; });
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.rule == Rule::parse) text += (text.empty() || !only_parse ? "" : "\n") + finding.message + (only_parse ? "" : "\n");
    if (finding.rule == Rule::bean) text += fmt::format("{}: {}\n", finding.shown, finding.message);
  }
  if (const std::string rules = flow_rules(findings); !rules.empty()) text += fmt::format("{}{}\n", before_rules, rules);
  return text;
}

void add_refusal(Report& report, const Finding& finding) {
  if (finding.rule == Rule::flow) return;
  const std::string& path = finding.rule == Rule::parse ? finding.chain : finding.shown;
  report.refusal_errors.push_back({path, finding.message, finding.position.line, finding.position.column, finding.suggestion});
  if (!finding.is_unknown_type || !finding.message.contains('.')) return;
  const std::string type = finding.message.substr(finding.message.find(": ") + 2);
  report.refusal_errors.push_back({path,
                                   fmt::format("Could not resolve type id '{}' as a subtype of `io.kestra.core.models.Plugin`: No plugin registered for the defined type: '{}'\n at [Source: "
                                               "UNKNOWN; byte offset: #UNKNOWN] (through reference chain: {})",
                                               type, type, path),
                                   finding.position.line, finding.position.column, finding.suggestion});
}

}  // namespace

void tell_findings(Report& report, std::vector<Finding> findings, std::string_view prefix) {
  if (findings.empty()) return;
  for (std::size_t i = 0; i < findings.size(); ++i) findings[i].order = i;
  std::ranges::sort(findings, [](const Finding& a, const Finding& b) {
    if (a.rule != b.rule) return a.rule < b.rule;
    if (a.rule == Rule::flow) return a.order < b.order;   // FlowValidator's rules keep its order
    return std::tuple(a.position.line, a.position.column, a.order) < std::tuple(b.position.line, b.position.column, b.order);
  });
  for (const Finding& finding : findings) {
    const std::string message = finding.rule == Rule::flow ? "Invalid Flow: " + finding.message : finding.message;
    report.violations.push_back({finding.path, message, finding.position.line, finding.position.column, finding.suggestion});
    add_refusal(report, finding);
  }
  if (const std::string rules = flow_rules(findings); !rules.empty()) report.refusal_errors.push_back({"", rules, findings.back().position.line, findings.back().position.column, {}});
  report.constraints = std::string(prefix) + lines_of(findings, prefix.empty() ? ": " : " ");
  report.refusal = lines_of(findings, ": ");
}

void tell_broken_yaml(Report& report, const Error& error, std::string_view prefix, std::string_view source_name) {
  report.violations = error.violations;
  report.constraints = fmt::format("{}Illegal {} source: {}", prefix, source_name, error.message);
  report.refusal = fmt::format("Illegal genericflow source: {}", error.message);
  report.refusal_errors = error.violations;
}

std::vector<std::string> replaced_types(const Json& tree, const Catalog& catalog) {
  std::vector<std::string> infos;
  const auto walk = [&](const auto& self, const Json& value) -> void {
    if (value.is_array())
      for (const Json& item : value.as_array()) self(self, item);
    if (!value.is_object()) return;
    if (const Json* type = find(value, "type"); type && type->is_string()) {
      const TypeInfo* info = catalog.find(as_view(type->as_string()));
      if (info && info->type != as_view(type->as_string())) infos.push_back(fmt::format("{} is replaced by {}", as_view(type->as_string()), info->type));
    }
    for (const auto& [key, child] : value.as_object()) self(self, child);
  };
  walk(walk, tree);
  return infos;
}

}  // namespace insula::flow
