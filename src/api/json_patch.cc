#include "api/json_patch.h"

namespace insula::api {
namespace {

// RFC 6901: `~` is `~0`, `/` is `~1`.
std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  return out;
}

constexpr int kDepthMax = 64;

void compare(const Json& from, const Json& to, const std::string& path, int depth, JsonArray& patch) {
  if (from == to) return;
  if (!from.is_object() || !to.is_object() || depth >= kDepthMax) {
    patch.push_back(JsonObject{{"op", "replace"}, {"path", path}, {"value", to}});
    return;
  }
  for (const auto& [key, value] : from.get_object()) {
    const std::string at = path + "/" + escaped({key.data(), key.size()});
    if (const Json* other = insula::find(to.get_object(), key)) compare(value, *other, at, depth + 1, patch);
    else patch.push_back(JsonObject{{"op", "remove"}, {"path", at}});
  }
  for (const auto& [key, value] : to.get_object()) {
    if (!from.get_object().contains(key)) patch.push_back(JsonObject{{"op", "add"}, {"path", path + "/" + escaped({key.data(), key.size()})}, {"value", value}});
  }
}

}  // namespace

JsonArray json_patch(const Json& from, const Json& to) {
  JsonArray patch;
  compare(from, to, "", 0, patch);
  return patch;
}

}  // namespace insula::api
