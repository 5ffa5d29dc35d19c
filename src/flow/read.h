// Source text → checked → compiled Flow.
#pragma once
#include "flow/model.h"

namespace insula::flow {

struct PluginDefault {
  std::string type;                     // exact type, alias or prefix
  bool forced = false;
  JsonObject values;
  std::string ref = {};                 // not empty: only for elements that name it as their `pluginDefaultsRef`
};

struct ReadOptions {
  std::vector<PluginDefault> defaults;  // of the instance and of the namespace, outermost first; the flow's own come from its source
};

// What POST /flows/validate answers for one document.
struct Report {
  int index = 0;
  std::string flow_id;                  // as far as they could be read
  std::string ns;
  std::vector<Violation> violations;    // empty = valid. Each with path, message (1.3's words), line, column, suggestion
  std::string constraints;              // 1.3's one string of them, or empty
  std::vector<std::string> deprecation_paths;
  std::vector<std::string> warnings;
  std::vector<std::string> infos;
  std::optional<int> written_revision;  // a `revision:` line, for `outdated`
  // The same violations as creating or updating tells them: the text after `Invalid entity: `, and `_embedded.errors` with 1.3's paths (Jackson's
  // reference chain for what could not be read).
  std::string refusal;
  std::vector<Violation> refusal_errors;
};

struct ReadFlow {
  Report report;
  std::shared_ptr<const Flow> flow;     // null when the report has violations
  std::vector<Violation> duplicate_keys;  // refused by creation, not by validation
};

// Reads, checks (all violations at once), applies plugin defaults, compiles. Never throws on bad text.
ReadFlow read_flow(std::string_view source, const Catalog& catalog, const ReadOptions& options = {});
// Re-reads a stored source (already checked once): an Error only when the language changed under it.
Result<std::shared_ptr<const Flow>> compile_stored(std::string_view source, int revision, const Catalog& catalog, const ReadOptions& options = {});
// POST /flows/validate/task and /trigger: one element.
Report check_element(std::string_view source, TypeCategory category, const Catalog& catalog);
// The error that creating or updating answers (kind invalid, 422): message with its `Invalid entity: ` and violations as in recorded/flows.json.
Error refusal(const ReadFlow& read);

// Text edits that keep comments (sharp edge 3): `disabled:` line set or appended; top-level `revision:` line removed.
std::string with_disabled(std::string_view source, bool disabled);
std::string without_revision(std::string_view source);

}  // namespace insula::flow
