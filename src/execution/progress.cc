#include "execution/frontier.h"

namespace insula::execution {

namespace {

int int_or(const JsonObject& json, std::string_view key, int otherwise) {
  const Json* value = insula::find(json, key);
  return value && value->is_int64() ? static_cast<int>(value->as_int64()) : otherwise;
}

JsonArray ints(const std::vector<int>& values) {
  JsonArray list;
  for (const int value : values) list.push_back(value);
  return list;
}

std::vector<int> ints_at(const JsonObject& json, std::string_view key) {
  std::vector<int> values;
  const Json* list = insula::find(json, key);
  if (!list || !list->is_array()) return values;
  for (const Json& value : list->as_array()) values.push_back(static_cast<int>(value.to_number<std::int64_t>()));
  return values;
}

}  // namespace

void Seen::add(State state) {
  switch (state) {
    case State::killed: killed = true; break;
    case State::failed: failed = true; break;
    case State::warning: warning = true; break;
    case State::retried: retried = true; break;
    default: break;
  }
}

State Seen::worst() const {
  if (retried) return State::retried;
  if (killed) return State::killed;
  if (failed) return State::failed;
  if (warning) return State::warning;
  return State::success;
}

Json Progress::to_json() const {
  JsonObject json;
  if (phase != Phase::main) json["phase"] = static_cast<int>(phase);
  if (branch != "tasks") json["branch"] = branch;
  if (!key.empty()) json["key"] = key;
  if (cursor != 0) json["cursor"] = cursor;
  const int bits = (seen.killed ? 1 : 0) | (seen.failed ? 2 : 0) | (seen.warning ? 4 : 0) | (seen.retried ? 8 : 0);
  if (bits != 0) json["seen"] = bits;
  if (stopped) json["stopped"] = true;
  if (resumed) json["resumed"] = true;
  if (!done.empty()) json["done"] = ints(done);
  if (!started.empty()) json["started"] = ints(started);
  if (!round_rows.empty()) {
    JsonArray ids;
    for (const TaskRunId& id : round_rows) ids.push_back(boost::json::string(id.str()));
    json["rows"] = std::move(ids);
  }
  JsonArray idle;
  for (const int index : idle_items) {
    const auto item = items.find(index);
    if (item != items.end()) idle.push_back(JsonArray{index, item->second.cursor});
  }
  if (!idle.empty()) json["idle"] = std::move(idle);
  if (forced) json["forced"] = to_string(*forced);
  if (folder != Folder::none) json["folder"] = static_cast<int>(folder);
  if (folder_begun) json["folderBegun"] = true;
  return json.empty() ? Json(nullptr) : Json(std::move(json));
}

Progress Progress::from_json(const Json& json) {
  Progress progress;
  if (!json.is_object()) return progress;
  const JsonObject& object = json.as_object();
  progress.phase = static_cast<Phase>(int_or(object, "phase", 0));
  progress.branch = text_or(object, "branch", "tasks");
  progress.key = text_or(object, "key");
  progress.cursor = int_or(object, "cursor", 0);
  const int bits = int_or(object, "seen", 0);
  progress.seen = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
  progress.stopped = insula::find(object, "stopped") != nullptr;
  progress.resumed = insula::find(object, "resumed") != nullptr;
  progress.done = ints_at(object, "done");
  progress.started = ints_at(object, "started");
  if (const Json* idle = insula::find(object, "idle")) {
    for (const Json& pair : idle->as_array()) {
      const int index = static_cast<int>(pair.as_array()[0].to_number<std::int64_t>());
      progress.items[index].cursor = static_cast<int>(pair.as_array()[1].to_number<std::int64_t>());
      progress.idle_items.insert(index);
    }
  }
  if (const Json* ids = insula::find(object, "rows")) {
    for (const Json& id : ids->as_array()) progress.round_rows.emplace_back(as_view(id.as_string()));
  }
  progress.forced = parse_state(text_or(object, "forced"));
  progress.folder = static_cast<Folder>(int_or(object, "folder", 0));
  progress.folder_begun = insula::find(object, "folderBegun") != nullptr;
  return progress;
}

}  // namespace insula::execution
