// The parsed view of a flow, as GET /flows/{namespace}/{id} shows it: what was written, in 1.3's order of keys, without nulls.
#include "flow/check.h"

namespace insula::flow {
namespace {

Json inputs_tree(const Json& written) {
  JsonArray list;
  if (written.is_array())
    for (const Json& item : written.as_array())
      if (item.is_object()) list.push_back(input_tree(item.as_object()));
  return list;
}

// Tasks as written; only inputs asked for on resume get what 1.3 adds to every input.
Json tasks_tree(const Json& written) {
  if (written.is_array()) {
    JsonArray list;
    for (const Json& item : written.as_array()) list.push_back(tasks_tree(item));
    return list;
  }
  if (!written.is_object()) return written;
  JsonObject tree;
  for (const auto& [key, value] : written.as_object())
    if (!value.is_null()) tree[key] = key == "onResume" && value.is_array() ? inputs_tree(value) : tasks_tree(value);
  return tree;
}

Json defaults_tree(const Json& written) {
  Json tree = without_nulls(written);
  if (tree.is_array())
    for (Json& item : tree.as_array())
      if (item.is_object() && !item.as_object().contains("forced")) item.as_object()["forced"] = false;
  return tree;
}

// Triggers and SLAs carry labels of their own.
Json labelled_tree(const Json& written) {
  Json tree = without_nulls(written);
  if (tree.is_array())
    for (Json& item : tree.as_array())
      if (item.is_object())
        if (Json* labels = item.as_object().if_contains("labels")) *labels = labels_tree(*labels);
  return tree;
}

Json concurrency_tree(const Json& written) {
  Json tree = without_nulls(written);
  if (tree.is_object() && !tree.as_object().contains("behavior")) tree.as_object()["behavior"] = "QUEUE";
  return tree;
}

Json flag(const JsonObject& flow, std::string_view key) {
  const Json* value = find(flow, key);
  return !is_absent(value) && read_bool(*value).value_or(false);
}

Json text(const Json& value) { return Json(to_text(value)); }

}  // namespace

Json without_nulls(const Json& value) {
  if (value.is_object()) {
    JsonObject out;
    for (const auto& [key, child] : value.as_object())
      if (!child.is_null()) out[key] = without_nulls(child);
    return out;
  }
  if (value.is_array()) {
    JsonArray out;
    for (const Json& item : value.as_array()) out.push_back(item.is_null() ? item : without_nulls(item));
    return out;
  }
  return value;
}

Json flow_tree(const Json& written) {
  const JsonObject& flow = written.as_object();
  JsonObject tree;
  const auto put = [&](std::string_view key, Json (*shape)(const Json&)) {
    if (const Json* value = find(flow, key); !is_absent(value)) tree[key] = shape(*value);
  };
  put("id", text);
  put("namespace", text);
  put("description", text);
  put("inputs", inputs_tree);
  put("outputs", without_nulls);
  tree["disabled"] = flag(flow, "disabled");
  tree["deleted"] = flag(flow, "deleted");
  put("labels", labels_tree);
  put("variables", without_nulls);
  put("workerGroup", without_nulls);
  for (const std::string_view key : {"tasks", "errors", "finally", "afterExecution", "listeners"}) put(key, tasks_tree);
  put("triggers", labelled_tree);
  put("pluginDefaults", defaults_tree);
  put("taskDefaults", defaults_tree);
  put("concurrency", concurrency_tree);
  put("retry", without_nulls);
  put("sla", labelled_tree);
  put("checks", without_nulls);
  return tree;
}

}  // namespace insula::flow
