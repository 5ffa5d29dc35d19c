// Flows in and out: import, export, and whole namespaces brought to what a body says.
#include "api/csv.h"
#include "api/flow_sets.h"
#include "api/routes.h"
#include "api/zip.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

constexpr std::size_t kDocumentsMax = 10'000;

http::Response attachment(std::string body, std::string_view type, std::string_view disposition) {
  http::Response response = http::Response::text(200, std::move(body), type);
  response.headers.set("Content-Disposition", disposition);
  return response;
}

void export_zip(const CallPtr& call, const Flows& flows) {
  std::vector<ZipEntry> entries;
  for (const store::FlowRow& row : flows) entries.push_back({fmt::format("{}.{}.yml", row.ns, row.id), row.source});
  Result<std::string> zip = write_zip(entries);
  if (!zip) return call->reply_error(zip.error());
  call->reply(attachment(std::move(*zip), "application/octet-stream", "attachment; filename=\"flows.zip\""));
}

void export_by_ids(const CallPtr& call) { with_flows_by_ids(call, export_zip); }
void export_by_query(const CallPtr& call) { with_flows_by_query(call, export_zip); }
void export_csv(const CallPtr& call) {
  with_flows_by_query(call, [](const CallPtr& waiting, const Flows& flows) {
    std::vector<JsonObject> rows;
    for (const store::FlowRow& row : flows) rows.push_back(flow_json(*waiting, row, {}));
    waiting->reply(attachment(write_csv(rows), "text/csv", "attachment; filename=flows.csv"));
  });
}

// ---- import

struct Import {
  struct Document {
    std::string name;     // how a failure is told: the file, or the index of the document in it
    std::string source;
  };
  std::vector<Document> documents;
  JsonArray failed;
  std::optional<Error> error;
};

Result<std::vector<Import::Document>> documents_of(const http::Part& part) {
  const std::string_view name = *part.filename;
  std::vector<Import::Document> documents;
  if (name.ends_with(".zip")) {
    static constexpr std::array<std::string_view, 2> endings = {".yml", ".yaml"};
    Result<std::vector<ZipEntry>> entries = read_zip(part.file.path(), endings);
    if (!entries) return fail(std::move(entries.error()));
    for (ZipEntry& entry : *entries) documents.push_back({std::move(entry.name), std::move(entry.content)});
  } else if (name.ends_with(".yml") || name.ends_with(".yaml")) {
    Result<std::string> text = part.file.read(64u << 20);
    if (!text) return fail(std::move(text.error()));
    for (std::string& one : flow::split_documents(*text)) documents.push_back({fmt::format("{}", documents.size()), std::move(one)});
  } else {
    return illegal_argument("import-format", fmt::format("Cannot import file of type {}: .yml, .yaml or .zip is expected", name.substr(std::min(name.rfind('.'), name.size()))));
  }
  if (documents.size() > kDocumentsMax) return illegal_argument("documents-too-many", fmt::format("at most {} flows are imported at once", kDocumentsMax));
  return documents;
}

void import_all(const CallPtr& call, std::vector<Import::Document> documents) {
  const auto import = std::make_shared<Import>();
  import->documents = std::move(documents);
  const bool stops = call->flag("failOnError", false);
  in_order(import->documents.size(), [call, import, stops](std::size_t index, std::function<void()> next) {
    if (import->error) return next();
    const auto note = [import, stops, index, next](const Error& error) {
      import->failed.emplace_back(import->documents[index].name);
      if (stops) import->error = error;
      next();
    };
    const std::string& source = import->documents[index].source;
    if (const auto may = call->require(name_in_source(source).ns); call->namespaces() && !may) return note(may.error());
    save_flow(call, source, [note, next](Result<engine::SavedFlow> saved) { saved ? next() : note(saved.error()); });
  }, [call, import] {
    if (import->error) return call->reply_error(*import->error);
    call->reply_json(std::move(import->failed));
  });
}

void import_flows(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores&) {
    const http::Part* part = waiting->request().part("fileUpload");
    if (part == nullptr || !part->is_file())
      return waiting->reply_error({ErrorKind::bad_request, "part-missing", "Required argument [MultipartFile fileUpload] not specified: a file part named `fileUpload` is expected", {}, {}});
    Result<std::vector<Import::Document>> documents = documents_of(*part);
    documents ? import_all(waiting, std::move(*documents)) : waiting->reply_error(documents.error());
  });
}

// ---- synchronising namespaces with a body

struct Sync {
  std::vector<std::string> sources;
  Flows surplus;               // flows that the body does not name
  JsonArray answer;            // deleted ones, then those of the body, as 1.3 lists them
  std::optional<Error> error;
};

Error entity_error(std::vector<Violation> violations) {
  Error error{ErrorKind::invalid, "flows-invalid", {}, {}, std::move(violations)};
  for (const Violation& violation : error.violations) error.message += fmt::format("{}{}: {}", error.message.empty() ? "" : "\n", violation.path, violation.message);
  return error;
}

// All or nothing as far as it can be seen before: every document is checked, its namespace is the caller's to change, no id stands twice.
Result<std::vector<FlowName>> check_documents(const Call& call, const std::vector<std::string>& sources, const std::function<bool(const Namespace&)>& belongs) {
  std::vector<FlowName> names;
  std::vector<Violation> violations;
  for (const std::string& source : sources) {
    flow::ReadFlow read = flow::read_flow(source, *call.engine().ports().catalog, {call.engine().settings().plugin_defaults});
    if (!read.flow || !read.duplicate_keys.empty()) return fail(flow::refusal(read));
    const FlowName name{read.flow->ns, read.flow->id};
    if (!belongs(name.ns)) violations.push_back({"flow.namespace", "Illegal namespace, should be the one of the request: " + name.ns.str(), 0, 0, {}});
    if (std::ranges::any_of(names, [&](const FlowName& other) { return other.ns == name.ns && other.id == name.id; }))
      violations.push_back({"flow.id", "Duplicate flow id: " + name.id.str(), 0, 0, {}});
    if (const auto may = call.require(name.ns); !may) return fail(may.error());
    names.push_back(name);
  }
  if (!violations.empty()) return fail(entity_error(std::move(violations)));
  return names;
}

void save_all(const CallPtr& call, const std::shared_ptr<Sync>& sync) {
  in_order(sync->sources.size(), [call, sync](std::size_t index, std::function<void()> next) {
    if (sync->error) return next();
    save_flow(call, sync->sources[index], [sync, next](Result<engine::SavedFlow> saved) {
      if (saved) sync->answer.push_back(flow_json(saved->row, saved->flow.get(), {.source = true, .updated = false}));
      else sync->error = std::move(saved.error());
      next();
    });
  }, [call, sync] { sync->error ? call->reply_error(*sync->error) : call->reply_json(std::move(sync->answer)); });
}

void apply(const CallPtr& call, const std::shared_ptr<Sync>& sync) {
  in_order(sync->surplus.size(), [call, sync](std::size_t index, std::function<void()> next) {
    store::FlowRow& row = sync->surplus[index];
    call->engine().delete_flow(call->scope(), row.ns, row.id, [call, sync, &row, next](Result<void> deleted) {
      if (deleted) {
        row.deleted = true;
        sync->answer.push_back(flow_json(*call, row, {.source = true, .updated = false}));
      } else if (deleted.error().kind != ErrorKind::not_found) {
        sync->error = std::move(deleted.error());
      }
      next();
    });
  }, [call, sync] { sync->error ? call->reply_error(*sync->error) : save_all(call, sync); });
}

// Reads what is there in `roots` (with their children when `deep`) and keeps what `names` does not hold.
Result<Flows> surplus_of(store::TenantReader& reader, const std::vector<Namespace>& roots, bool deep, const std::vector<FlowName>& names) {
  Flows surplus;
  for (const Namespace& root : roots) {
    store::Query query;
    query.filters.push_back({"namespace", deep ? store::Op::prefix : store::Op::equals, {}, {root.str()}});
    query.page.size = kPageSizeMax;
    auto found = reader.search_flows(query);
    if (!found) return fail(found.error());
    for (store::FlowRow& row : found->rows)
      if (std::ranges::none_of(names, [&](const FlowName& name) { return name.ns == row.ns && name.id == row.id; })) surplus.push_back(std::move(row));
  }
  return surplus;
}

void synchronise(const CallPtr& call, std::optional<Namespace> root, bool deep) {
  Result<std::string> source = flow_source(call->request());
  if (!source) return call->reply_error(source.error());
  read_then(call, [source = std::move(*source), root, deep](const CallPtr& waiting, store::TenantReader& reader) {
    const auto sync = std::make_shared<Sync>();
    sync->sources = flow::split_documents(source);
    if (sync->sources.size() > kDocumentsMax) return waiting->reply_error(illegal_argument("documents-too-many", fmt::format("at most {} flows are taken at once", kDocumentsMax)).error());
    const auto belongs = [&](const Namespace& ns) { return !root || ns == *root || (deep && access::covers(*root, ns)); };
    const Result<std::vector<FlowName>> names = check_documents(*waiting, sync->sources, belongs);
    if (!names) return waiting->reply_error(names.error());
    if (waiting->flag("delete", true)) {
      std::vector<Namespace> roots;
      if (root) roots.push_back(*root);
      else for (const FlowName& name : *names) if (std::ranges::find(roots, name.ns) == roots.end()) roots.push_back(name.ns);
      Result<Flows> surplus = surplus_of(reader, roots, deep, *names);
      if (!surplus) return waiting->reply_error(surplus.error());
      sync->surplus = std::move(*surplus);
      for (const store::FlowRow& row : sync->surplus) if (const auto may = waiting->require(row.ns); !may) return waiting->reply_error(may.error());
    }
    apply(waiting, sync);
  });
}

void update_namespace(const CallPtr& call) { synchronise(call, call->ns(), false); }

void bulk(const CallPtr& call) {
  const std::string_view ns = call->query("namespace");
  synchronise(call, ns.empty() ? std::nullopt : std::optional(Namespace(ns)), !ns.empty() && call->flag("allowNamespaceChild", false));
}

}  // namespace

void add_flow_transfer_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/flows/export/by-ids", needs(Resource::flow, Action::export_), export_by_ids, "The sources of the named flows as a zip file.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/export/by-query", needs(Resource::flow, Action::export_), export_by_query, "The sources of the flows that match as a zip file.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/export/by-query/csv", needs(Resource::flow, Action::export_), export_csv, "The flows that match as CSV.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/import", needs(Resource::flow, Action::import), import_flows, "Creates or updates flows from a YAML or zip file.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/bulk", needs(Resource::flow, Action::update), bulk, "Brings the flows of several namespaces to what the body says.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/{namespace}", needs(Resource::flow, Action::update, "namespace"), update_namespace, "Brings the flows of a namespace to what the body says.");
}

}  // namespace insula::api
