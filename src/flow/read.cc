#include "flow/read.h"

#include "flow/check.h"
#include "flow/report.h"

namespace insula::flow {
namespace {

constexpr std::string_view kPrefix = "Validation error: ";

std::string text_at(const Json& tree, std::string_view key) {
  const Json* value = find(tree, key);
  return is_absent_text(value) || value->is_object() || value->is_array() ? "" : to_text(*value);
}

std::vector<PluginDefault> all_defaults(const Json& written, const ReadOptions& options) {
  std::vector<PluginDefault> defaults = options.defaults;
  for (PluginDefault& own : defaults_of(written)) defaults.push_back(std::move(own));
  return defaults;
}

std::set<std::string, std::less<>> refs_of(const std::vector<PluginDefault>& defaults) {
  std::set<std::string, std::less<>> refs;
  for (const PluginDefault& one : defaults)
    if (!one.ref.empty()) refs.insert(one.ref);
  return refs;
}

// A document that is no map has nothing that could be checked.
bool tell_shape(Report& report, const Json& value, std::string_view prefix, std::string_view source_name) {
  if (value.is_object()) return true;
  Error error{ErrorKind::invalid, "yaml-invalid", {}, {}, {}};
  error.message = "YAML parsing error: " + describe_mismatch("java.util.LinkedHashMap<java.lang.String,java.lang.Object>", value) + " (at line 1)";
  error.violations.push_back({"yaml", error.message, 1, 1, fmt::format("a {} is a map: `id: …`", lower_ascii(source_name))});
  tell_broken_yaml(report, error, prefix, source_name);
  return false;
}

}  // namespace

ReadFlow read_flow(std::string_view source, const Catalog& catalog, const ReadOptions& options) {
  ReadFlow read;
  auto document = read_yaml(source);
  if (!document) {
    tell_broken_yaml(read.report, document.error(), kPrefix, "Flow");
    return read;
  }
  const Json& written = document->value;
  if (!tell_shape(read.report, written, kPrefix, "Flow")) return read;
  read.duplicate_keys = document->duplicate_keys;
  read.report.flow_id = text_at(written, "id");
  read.report.ns = text_at(written, "namespace");
  if (const Json* revision = find(written, "revision"); !is_absent(revision))
    if (const auto number = read_integer(*revision)) read.report.written_revision = static_cast<int>(*number);

  const std::vector<PluginDefault> defaults = all_defaults(written, options);
  Json with_defaults = written;
  apply_defaults(with_defaults, defaults, catalog);
  Checker checker{.catalog = catalog, .positions = document->positions, .default_refs = refs_of(defaults)};
  check_flow(checker, with_defaults);
  read.report.deprecation_paths = std::move(checker.deprecations);
  read.report.warnings = std::move(checker.warnings);
  read.report.infos = replaced_types(written, catalog);
  const bool valid = checker.findings.empty();
  tell_findings(read.report, std::move(checker.findings), kPrefix);
  if (!valid) return read;
  const auto flow = compile_flow(written, with_defaults, document->positions, catalog);
  flow->source = without_revision(source);
  read.flow = flow;
  return read;
}

Result<std::shared_ptr<const Flow>> compile_stored(std::string_view source, int revision, const Catalog& catalog, const ReadOptions& options) {
  auto document = read_yaml(source);
  if (!document) return fail(std::move(document.error()));
  if (!document->value.is_object()) return fail(ErrorKind::invalid, "flow-invalid", "the stored source of the flow is no map");
  Json with_defaults = document->value;
  apply_defaults(with_defaults, all_defaults(document->value, options), catalog);
  // Checked when it was saved. What is asked again is only what compiling needs: every list in its place and every type known.
  Checker checker{.catalog = catalog, .positions = document->positions, .default_refs = {}};
  check_flow(checker, with_defaults);
  std::erase_if(checker.findings, [](const Finding& finding) { return finding.rule != Rule::parse; });
  if (!checker.findings.empty()) {
    ReadFlow read;
    tell_findings(read.report, std::move(checker.findings), kPrefix);
    return fail(refusal(read));
  }
  const auto flow = compile_flow(document->value, with_defaults, document->positions, catalog);
  flow->source = source;
  flow->revision = revision;
  return flow;
}

Report check_element(std::string_view source, TypeCategory category, const Catalog& catalog) {
  const std::string_view name = category == TypeCategory::trigger ? "trigger" : "task";
  Report report;
  auto document = read_yaml(source);
  if (!document) {
    tell_broken_yaml(report, document.error(), "", name);
    return report;
  }
  if (!tell_shape(report, document->value, "", name)) return report;
  Checker checker{.catalog = catalog, .positions = document->positions, .source_name = name, .default_refs = {}};
  if (category == TypeCategory::trigger) check_trigger(checker, document->value, {});
  else check_task(checker, document->value, {});
  std::erase(checker.deprecations, "");   // of the element itself, which has no path
  report.deprecation_paths = std::move(checker.deprecations);
  report.warnings = std::move(checker.warnings);
  report.infos = replaced_types(document->value, catalog);
  tell_findings(report, std::move(checker.findings), "");
  return report;
}

Error refusal(const ReadFlow& read) {
  Error error{ErrorKind::invalid, "flow-invalid", {}, {}, read.report.refusal_errors};
  if (read.report.violations.empty() && !read.duplicate_keys.empty()) {
    const Violation& first = read.duplicate_keys.front();
    error.message = fmt::format("Invalid entity: Illegal genericflow source: YAML parsing error: {} (at line {})", first.message, first.line);
    for (const Violation& duplicate : read.duplicate_keys)
      error.violations.push_back({"yaml", fmt::format("YAML parsing error: {} (at line {})", duplicate.message, duplicate.line), duplicate.line, duplicate.column, duplicate.suggestion});
    return error;
  }
  error.message = "Invalid entity: " + read.report.refusal;
  return error;
}

}  // namespace insula::flow
