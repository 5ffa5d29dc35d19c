#include "api/scope_fields.h"

#include <algorithm>

namespace insula::api {
namespace {

constexpr std::array<std::string_view, 6> kServices{"EXECUTOR", "INDEXER", "SCHEDULER", "WEBSERVER", "WORKER", "CONTROLLER"};
constexpr std::array<std::string_view, 2> kMatches{"ALL", "ANY"};
constexpr std::array<std::string_view, 4> kFallbacks{"FAIL", "WAIT", "CANCEL", "IGNORE"};
constexpr std::array<std::string_view, 3> kConcurrencyBehaviours{"QUEUE", "CANCEL", "FAIL"};
constexpr std::array<std::string_view, 2> kQuotaBehaviours{"FAIL", "CANCEL"};
constexpr std::array<std::string_view, 3> kSecretFields{"sdkDefaultAuthentication", "storageConfiguration", "secretConfiguration"};
constexpr std::string_view kMask = "******";

void check_isolation(Fields& fields, std::string_view key) {
  const JsonObject* object = fields.object(key);
  if (object == nullptr) return;
  Fields within = fields.within(*object, key);
  within.flag("enabled");
  within.words("deniedServices", kServices);
}

void check_selector(Fields& fields) {
  if (const JsonObject* object = fields.object("defaultWorkerSelector")) {
    Fields within = fields.within(*object, "defaultWorkerSelector");
    constexpr std::size_t tags_max = 20;
    within.texts("tags", tags_max);
    within.word("match", kMatches);
    within.word("fallback", kFallbacks);
  }
  if (const JsonObject* object = fields.object("workerGroup")) {
    Fields within = fields.within(*object, "workerGroup");
    within.text("key");
    within.word("fallback", kFallbacks);
  }
}

void check_concurrency(Fields& fields) {
  const JsonObject* object = fields.object("concurrency");
  if (object == nullptr) return;
  Fields within = fields.within(*object, "concurrency");
  if (!within.has("limit")) within.wrong("limit", "must not be null");
  within.number("limit", 1, INT32_MAX);
  within.word("behavior", kConcurrencyBehaviours, true);
}

void check_quotas(Fields& fields) {
  const JsonArray* list = fields.array("quotas");
  if (list == nullptr) return;
  std::vector<Duration> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string step = fmt::format("quotas[{}]", i);
    const JsonObject* object = (*list)[i].if_object();
    if (object == nullptr) {
      fields.wrong(step, "must be an object");
      continue;
    }
    Fields within = fields.within(*object, step);
    const std::string text = within.text("duration", {.required = true});
    const std::optional<Duration> duration = parse_duration(text);
    if (!text.empty() && (!duration || *duration < std::chrono::minutes(1))) within.wrong("duration", "must be an ISO-8601 duration of PT1M or more");
    if (duration && std::ranges::find(seen, *duration) != seen.end()) within.wrong("duration", "must be there once");
    if (duration) seen.push_back(*duration);
    if (!within.has("limit")) within.wrong("limit", "must not be null");
    within.number("limit", 0, INT64_MAX);
    within.word("behavior", kQuotaBehaviours, true);
  }
}

void check_storage_and_secrets(Fields& fields) {
  for (const std::string_view key : {"storageType", "secretType"}) fields.text(key);
  for (const std::string_view key : {"storageConfiguration", "secretConfiguration"}) fields.object(key);
  for (const std::string_view key : {"secretReadOnly", "outputsInInternalStorage"}) fields.flag(key);
  if (const JsonObject* object = fields.object("sdkDefaultAuthentication")) {
    Fields within = fields.within(*object, "sdkDefaultAuthentication");
    for (const std::string_view key : {"apiToken", "username", "password"}) within.text(key, {.bytes_max = 4'096});
  }
}

}  // namespace

void check_scope_fields(Fields& fields) {
  for (const std::string_view key : {"storageIsolation", "secretIsolation"}) check_isolation(fields, key);
  check_selector(fields);
  check_concurrency(fields);
  check_quotas(fields);
  check_storage_and_secrets(fields);
}

void mask_credentials(JsonObject& json) {
  for (const std::string_view key : kSecretFields)
    if (json.contains(key)) json[key] = kMask;
}

}  // namespace insula::api
