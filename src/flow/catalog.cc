#include "flow/catalog.h"

namespace insula::flow {

void Catalog::add(TypeInfo info) {
  const auto shared = std::make_shared<const TypeInfo>(std::move(info));
  const bool is_new = by_name_.emplace(shared->type, shared).second;
  INSULA_ASSERT(is_new);
  for (const std::string& alias : shared->aliases) {
    const bool alias_is_new = by_name_.emplace(alias, shared).second;
    INSULA_ASSERT(alias_is_new);
  }
}

const TypeInfo* Catalog::find(std::string_view type) const {
  const auto found = by_name_.find(type);
  return found == by_name_.end() ? nullptr : found->second.get();
}

std::optional<std::string> Catalog::nearest(std::string_view type) const {
  std::vector<std::string> names;
  const std::string_view last = type.substr(type.rfind('.') + 1);
  for (const auto& [name, info] : by_name_) {
    // The right class in the wrong package is nearer than any spelling: `io.kestra.core.log.Log`, or just `Log`.
    if (name == info->type && std::string_view(name).substr(name.rfind('.') + 1) == last) return name;
    if (name == info->type) names.push_back(name);
  }
  return nearest_word(type, names);
}

std::vector<const TypeInfo*> Catalog::all() const {
  std::vector<const TypeInfo*> types;
  for (const auto& [name, info] : by_name_)
    if (name == info->type) types.push_back(info.get());
  return types;
}

}  // namespace insula::flow
