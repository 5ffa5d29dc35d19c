// POST /flows/validate and its brothers for one task or one trigger: always 200, what is wrong stands in the answer.
#include "api/flow_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

JsonArray texts(const std::vector<std::string>& list) {
  JsonArray array;
  for (const std::string& text : list) array.emplace_back(text);
  return array;
}

JsonObject report_json(const Call& call, const flow::Report& report, int index, bool outdated) {
  JsonObject json{{"index", index}};
  // A text that cannot be read as a flow has nothing else to say in 1.3.
  const bool is_read = !report.flow_id.empty() || !report.ns.empty() || report.constraints.empty();
  if (!report.ns.empty()) json["namespace"] = report.ns;
  if (!report.flow_id.empty()) json["flow"] = report.flow_id;
  if (!report.constraints.empty()) json["constraints"] = report.constraints;
  // A superset of 1.3: the same one by one, with places. Lines count from the beginning of their document.
  if (!report.violations.empty()) json["violations"] = violations_json(report.violations, http::media_type(call.request().headers.get("Content-Type")) != "application/json");
  json["outdated"] = outdated;
  if (is_read) {
    json["deprecationPaths"] = texts(report.deprecation_paths);
    json["warnings"] = texts(report.warnings);
    json["infos"] = texts(report.infos);
  }
  return json;
}

// A document that carries a revision is outdated when it was not made from the newest one.
Result<bool> is_outdated(const flow::Report& report, store::TenantReader& reader) {
  if (!report.written_revision) return false;
  const auto row = reader.flow(Namespace(report.ns), FlowId(report.flow_id));
  if (!row) return fail(row.error());
  const int newest = *row ? (*row)->revision : 0;
  return *report.written_revision != newest + 1;
}

void validate_flows(const CallPtr& call) {
  Result<std::string> source = flow_source(call->request());
  if (!source) return call->reply_error(source.error());
  read_json(call, [source = std::move(*source)](Call& c, store::TenantReader& reader) -> Result<Json> {
    constexpr std::size_t documents_max = 1'000;
    const std::vector<std::string> documents = flow::split_documents(source);
    if (documents.size() > documents_max) return illegal_argument("documents-too-many", fmt::format("at most {} documents are validated at once", documents_max));
    JsonArray answers;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const flow::ReadFlow read = flow::read_flow(documents[i], *c.engine().ports().catalog, {c.engine().settings().plugin_defaults});
      const Result<bool> outdated = is_outdated(read.report, reader);
      if (!outdated) return fail(outdated.error());
      answers.push_back(report_json(c, read.report, static_cast<int>(i), *outdated));
    }
    return answers;
  });
}

void validate_element(const CallPtr& call, flow::TypeCategory category) {
  Result<std::string> source = flow_source(call->request());
  if (!source) return call->reply_error(source.error());
  off_thread(call, [source = std::move(*source), category](const CallPtr& waiting, store::Stores&) {
    waiting->reply_json(report_json(*waiting, flow::check_element(source, category, *waiting->engine().ports().catalog), 0, false));
  });
}

void validate_task(const CallPtr& call) {
  const std::string_view section = call->query("section", "TASKS");
  if (section != "TASKS" && section != "TRIGGERS") return call->reply_error(illegal_argument("section-invalid", fmt::format("'{}' is not a section: TASKS or TRIGGERS", section)).error());
  validate_element(call, section == "TRIGGERS" ? flow::TypeCategory::trigger : flow::TypeCategory::task);
}

void validate_trigger(const CallPtr& call) { validate_element(call, flow::TypeCategory::trigger); }

}  // namespace

void add_flow_validation_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/flows/validate", needs(Resource::flow, Action::validate), validate_flows, "Checks one or several flows without saving them.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/validate/task", needs(Resource::flow, Action::validate), validate_task, "Checks one task.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/validate/trigger", needs(Resource::flow, Action::validate), validate_trigger, "Checks one trigger.");
}

}  // namespace insula::api
