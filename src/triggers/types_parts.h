// Words the catalog entries of this folder are written with. Private to it.
#pragma once
#include "flow/flow.h"

namespace insula::triggers {

using Kind = flow::PropertyInfo::Kind;

struct PartOptions {
  bool required = false;
  bool min_one = false;
  bool fixed = false;                     // no expression
  bool deprecated = false;
  std::string otherwise = {};             // default, for the documentation
  std::vector<std::string> values = {};
  std::vector<flow::PropertyInfo> properties = {};
};
inline flow::PropertyInfo part(std::string name, Kind kind, std::string doc, PartOptions options = {}) {
  flow::PropertyInfo info;
  info.name = std::move(name);
  info.kind = kind;
  info.required = options.required;
  info.min_one = options.min_one;
  info.dynamic = !options.fixed;
  info.deprecated = options.deprecated;
  info.default_value = std::move(options.otherwise);
  info.values = std::move(options.values);
  info.properties = std::move(options.properties);
  info.doc = std::move(doc);
  return info;
}

// As 1.3 lists them in its messages; those of other versions are accepted and never reached.
inline std::vector<std::string> state_names() {
  return {"SUCCESS", "KILLING", "RESUBMITTED", "PAUSED", "SKIPPED", "CANCELLED", "QUEUED", "RETRIED", "RETRYING", "SUBMITTED", "WARNING", "FAILED", "RUNNING", "CREATED", "RESTARTED", "BREAKPOINT", "KILLED"};
}

// The properties and faults of `timeWindow`, told below `path`.
flow::PropertyInfo time_window_part();
void check_time_window(const JsonObject& holder, const std::string& path, std::vector<Violation>& wrong);
// `id` of preconditions and of a MultipleCondition.
void check_gathering_id(const JsonObject& holder, const std::string& path, std::vector<Violation>& wrong);

void register_conditions(flow::Catalog& catalog);
void register_flow_trigger(flow::Catalog& catalog);
void register_other_triggers(flow::Catalog& catalog);

}  // namespace insula::triggers
