#include "engine/files.h"

#include "client/client.h"

namespace insula::engine {

namespace {

constexpr std::uint64_t kReadBytesMax = 16u << 20;

// The first argument under any of its names.
std::string argument(const expression::Lookup& lookup, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    std::string text = text_or(lookup.arguments, name);
    if (!text.empty()) return text;
  }
  return {};
}

expression::Answer unavailable(const expression::Lookup& lookup, std::string why) {
  return Error{ErrorKind::invalid, "function-unavailable", fmt::format("{}(): {}", lookup.name, why), {}, {}};
}

}  // namespace

expression::Answer answer_from_files(storage::Storage& storage, const TenantUid& tenant, const Namespace& ns, const FlowId& flow, const ExecutionId& execution,
                                     const std::optional<execution::TriggerInfo>& trigger, const expression::Lookup& lookup) {
  if (lookup.name != "read" && lookup.name != "fileSize" && lookup.name != "fileExists" && lookup.name != "isFileEmpty") {
    return unavailable(lookup, "this function is not available in this version");
  }
  const std::string uri = argument(lookup, {"path", "uri"});
  if (!storage::is_uri(uri)) return unavailable(lookup, fmt::format("'{}' is not a file of an execution (kestra:///…); namespace files are not available in this version", uri));
  auto path = storage::path_of(uri);
  if (!path) return path.error();
  bool own = storage::belongs_to_execution(*path, ns, flow, execution);
  if (!own && trigger && trigger->variables.is_object()) {
    // The execution that started this one may share its files with it.
    const JsonObject& by = trigger->variables.as_object();
    const ExecutionId other(text_or(by, "executionId"));
    if (!other.empty()) own = storage::belongs_to_execution(*path, Namespace(text_or(by, "namespace")), FlowId(text_or(by, "flowId")), other);
  }
  if (!own) return Error{ErrorKind::invalid, "file-foreign", fmt::format("Unable to read the file '{}' as it is not an execution file", uri), {}, {}};
  if (lookup.name == "fileExists") {
    auto there = storage.exists(tenant, *path);
    return there ? expression::Answer(Json(*there)) : expression::Answer(there.error());
  }
  if (lookup.name == "read") {
    auto text = storage.read(tenant, *path, kReadBytesMax);
    return text ? expression::Answer(Json(*text)) : expression::Answer(text.error());
  }
  auto size = storage.size(tenant, *path);
  if (!size) return size.error();
  return lookup.name == "fileSize" ? Json(static_cast<std::int64_t>(*size)) : Json(*size == 0);
}

}  // namespace insula::engine
