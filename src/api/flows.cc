// One flow: create, read, update, delete, revisions, tasks; lists and searches of flows.
#include "api/flow_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

// 1.3 answers a JSON body that names an unknown type with the words of its argument binder.
Error as_json_argument(Error error) {
  constexpr std::string_view with_source = "io.kestra.core.models.flows.FlowWithSource";
  if (error.violations.empty() || !error.violations.front().message.starts_with("Invalid type")) return error;
  for (Violation& violation : error.violations) {
    if (!violation.path.starts_with(with_source)) continue;
    std::string path = "io.kestra.core.models.flows.Flow" + violation.path.substr(with_source.size());
    for (std::size_t at; (at = path.find("->")) != std::string::npos;) path.replace(at, 2, " > ");
    violation.path = std::move(path);
  }
  error.message = "Failed to convert argument [flow] for value [null] due to: " + error.message;
  return error;
}

// Found out once more, this time with places: on a reader thread, since the answer came on an engine's.
void reply_refused(const CallPtr& call, Error error, std::string source) {
  if (error.kind != ErrorKind::invalid || error.violations.empty()) return call->reply_error(error);
  off_thread(call, [error = std::move(error), source = std::move(source)](const CallPtr& waiting, store::Stores&) { waiting->reply(refused_flow_response(*waiting, error, source)); });
}

void create_flow(const CallPtr& call) {
  Result<std::string> source = flow_source(call->request());
  if (!source) return call->reply_error(source.error());
  const auto allowed = call->namespaces();
  const auto create = [](const CallPtr& waiting, std::string text) {
    const bool is_json = http::media_type(waiting->request().headers.get("Content-Type")) == "application/json";
    waiting->engine().create_flow(waiting->scope(), text, [waiting, is_json, text](Result<engine::SavedFlow> saved) mutable {
      if (!saved) return reply_refused(waiting, is_json ? as_json_argument(std::move(saved.error())) : std::move(saved.error()), std::move(text));
      waiting->guarded([&] { waiting->reply_json(flow_json(saved->row, saved->flow.get(), {.source = true, .updated = false})); });
    });
  };
  if (!allowed) return create(call, std::move(*source));
  off_thread(call, [create, text = std::move(*source)](const CallPtr& waiting, store::Stores&) {
    if (const auto may = waiting->require(name_in_source(text).ns); !may) return waiting->reply_error(may.error());
    create(waiting, text);
  });
}

void get_flow(const CallPtr& call) {
  const auto revision = call->revision();
  if (!revision) return call->reply_error(revision.error());
  read_json(call, [revision = *revision](Call& c, store::TenantReader& reader) -> Result<Json> {
    auto row = revision ? reader.flow_revision(c.ns(), c.flow_id(), *revision) : reader.flow(c.ns(), c.flow_id());
    if (!row) return fail(std::move(row.error()));
    // A revision that is asked for by number is history: it may belong to a flow that was deleted since.
    if (!*row || ((*row)->deleted && !revision && !c.flag("allowDeleted", false))) return not_found();
    return flow_json(c, **row, {.source = c.flag("source", false), .updated = !(*row)->deleted});
  });
}

void update_flow(const CallPtr& call) {
  Result<std::string> source = flow_source(call->request());
  if (!source) return call->reply_error(source.error());
  call->engine().update_flow(call->scope(), call->ns(), call->flow_id(), *source, [call, text = *source](Result<engine::SavedFlow> saved) mutable {
    if (!saved && saved.error().code != "flow-unknown") return reply_refused(call, std::move(saved.error()), std::move(text));
    if (!saved) return call->reply_error(not_found().error());
    call->guarded([&] { call->reply_json(flow_json(saved->row, saved->flow.get(), {.source = true, .updated = true})); });
  });
}

void delete_flow(const CallPtr& call) {
  call->engine().delete_flow(call->scope(), call->ns(), call->flow_id(), [call](Result<void> deleted) {
    if (!deleted) return call->reply_error(deleted.error().code == "flow-unknown" ? not_found().error() : deleted.error());
    call->reply_empty(204);
  });
}

void list_revisions(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto rows = reader.flow_revisions(c.ns(), c.flow_id());
    if (!rows) return fail(rows.error());
    if (rows->empty()) return not_found();
    JsonArray list;
    for (const store::FlowRow& row : *rows) list.push_back(flow_json(c, row, {.source = true, .updated = true}));
    return list;
  });
}

// The element of the tree whose `id` this is, at any depth: the task as it was written.
const JsonObject* find_task(const Json& tree, std::string_view id) {
  if (const auto* list = tree.if_array()) {
    for (const Json& item : *list)
      if (const JsonObject* found = find_task(item, id)) return found;
    return nullptr;
  }
  const auto* object = tree.if_object();
  if (object == nullptr) return nullptr;
  if (text_or(*object, "id") == id && object->contains("type")) return object;
  for (const auto& [key, value] : *object)
    if (value.is_structured())
      if (const JsonObject* found = find_task(value, id)) return found;
  return nullptr;
}

void get_task(const CallPtr& call) {
  const auto revision = call->revision();
  if (!revision) return call->reply_error(revision.error());
  read_json(call, [revision = *revision](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto row = revision ? reader.flow_revision(c.ns(), c.flow_id(), *revision) : reader.flow(c.ns(), c.flow_id());
    if (!row) return fail(row.error());
    if (!*row || ((*row)->deleted && !revision)) return not_found();
    const auto flow = c.engine().compiled(c.scope(), **row);
    if (!flow) return fail(flow.error());
    const flow::Task* task = (*flow)->find(TaskId(c.parameter("task")));
    if (task == nullptr) return not_found();
    for (const char* list : {"tasks", "errors", "finally", "afterExecution"})
      if (const Json* tasks = find((*flow)->tree, list))
        if (const JsonObject* found = find_task(*tasks, task->id.str())) return *found;
    return not_found();
  });
}

void search_flows(const CallPtr& call) {
  auto query = call->search(flow_search());
  if (!query) return call->reply_error(query.error());
  read_json(call, [query = std::move(*query)](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto found = reader.search_flows(query);
    if (!found) return fail(found.error());
    return page_json(*found, [&](const store::FlowRow& row) { return flow_json(c, row, {}); });
  });
}

// Some lines around each place where the words stand, those marked. At most three places.
JsonArray fragments_of(std::string_view source, std::string_view words) {
  constexpr std::size_t fragments_max = 3, lines_around = 1;
  const std::string folded = lower_ascii(source), needle = lower_ascii(words);
  JsonArray fragments;
  for (std::size_t at = folded.find(needle); at != std::string::npos && fragments.size() < fragments_max;) {
    std::size_t begin = at, end = at + needle.size();
    for (std::size_t lines = 0; begin > 0 && (source[begin - 1] != '\n' || lines++ < lines_around);) --begin;
    for (std::size_t lines = 0; end < source.size() && (source[end] != '\n' || lines++ < lines_around + 1);) ++end;
    fragments.emplace_back(fmt::format("{}[mark]{}[/mark]{}", source.substr(begin, at - begin), source.substr(at, needle.size()), source.substr(at + needle.size(), end - at - needle.size())));
    at = folded.find(needle, end);
  }
  return fragments;
}

// Full text over the sources. They are read in pages: the texts are in the rows, no index holds them.
void search_sources(const CallPtr& call) {
  auto query = call->search(flow_search());
  if (!query) return call->reply_error(query.error());
  std::string words(trim(call->query("q")));
  for (const store::Filter& filter : query->filters)
    if (filter.field == "q" && !filter.values.empty()) words = filter.values.front();
  std::erase_if(query->filters, [](const store::Filter& filter) { return filter.field == "q"; });
  read_json(call, [query = std::move(*query), words](Call& c, store::TenantReader& reader) -> Result<Json> {
    store::Query all = query;
    all.page.number = 1;
    all.page.size = kPageSizeMax;
    const auto found = reader.search_flows(all);
    if (!found) return fail(found.error());
    const std::int64_t first = std::int64_t{query.page.number - 1} * query.page.size;
    std::int64_t total = 0;
    JsonArray results;
    for (const store::FlowRow& row : found->rows) {
      JsonArray fragments = words.empty() ? JsonArray{} : fragments_of(row.source, words);
      if (!words.empty() && fragments.empty()) continue;
      if (total++ < first || std::cmp_greater_equal(results.size(), query.page.size)) continue;
      results.push_back(JsonObject{{"model", flow_json(c, row, {})}, {"fragments", std::move(fragments)}});
    }
    return JsonObject{{"results", std::move(results)}, {"total", total}};
  });
}

void list_namespace(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto rows = reader.flows_of_namespace(c.ns());
    if (!rows) return fail(rows.error());
    JsonArray list;
    for (const store::FlowRow& row : *rows) list.push_back(flow_json(c, row, {}));
    return list;
  });
}

void distinct_namespaces(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto names = reader.namespaces("");
    if (!names) return fail(names.error());
    const std::string words = lower_ascii(c.query("q"));
    JsonArray list;
    for (const std::string& name : *names)
      if (c.allows(Namespace(name)) && lower_ascii(name).contains(words)) list.emplace_back(name);
    return list;
  });
}

}  // namespace

void add_flow_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/flows", needs(Resource::flow, Action::create), create_flow, "Creates a flow from its YAML source.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/search", needs(Resource::flow, Action::list), search_flows, "Searches flows by filters.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/source", needs(Resource::flow, Action::list), search_sources, "Searches the sources of flows for a text.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/distinct-namespaces", needs(Resource::flow, Action::list), distinct_namespaces, "Namespaces that have flows.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/{namespace}", needs(Resource::flow, Action::list, "namespace"), list_namespace, "All flows of one namespace.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/{namespace}/{flow}", needs(Resource::flow, Action::view, "namespace"), get_flow, "One flow, the newest or a given revision.");
  routes.emplace_back(put, "/api/v1/{tenant}/flows/{namespace}/{flow}", needs(Resource::flow, Action::update, "namespace"), update_flow, "Saves a new revision of a flow.");
  routes.emplace_back(del, "/api/v1/{tenant}/flows/{namespace}/{flow}", needs(Resource::flow, Action::delete_, "namespace"), delete_flow, "Deletes a flow; its revisions stay.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/{namespace}/{flow}/revisions", needs(Resource::flow, Action::view, "namespace"), list_revisions, "All revisions with their sources.");
  routes.emplace_back(get, "/api/v1/{tenant}/flows/{namespace}/{flow}/tasks/{task}", needs(Resource::flow, Action::view, "namespace"), get_task, "One task of a flow as it was written.");
}

}  // namespace insula::api
