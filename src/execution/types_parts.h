// Words the catalog entries of this folder are written with.
#pragma once
#include "execution/types.h"

namespace insula::execution {

inline std::string core(std::string_view name) { return "io.kestra.plugin.core." + std::string(name); }
inline std::string old(std::string_view name) { return "io.kestra.core.tasks." + std::string(name); }
inline std::string example(std::string_view body) { return "id: example\nnamespace: company.team\n\n" + std::string(body); }

struct PartOptions {
  bool required = false;
  bool min_one = false;
  bool deprecated = false;
  std::string default_value = {};
};

inline flow::PropertyInfo part(std::string name, flow::PropertyInfo::Kind kind, std::string doc, PartOptions options) {
  flow::PropertyInfo info;
  info.name = std::move(name);
  info.kind = kind;
  info.required = options.required;
  info.min_one = options.min_one;
  info.deprecated = options.deprecated;
  info.default_value = std::move(options.default_value);
  info.doc = std::move(doc);
  return info;
}

void register_flowables(flow::Catalog& catalog);
void register_inline(flow::Catalog& catalog);
void register_for_each_item(flow::Catalog& catalog);

}  // namespace insula::execution
