#include "api/flow_sets.h"

namespace insula::api {

void with_flows_by_ids(const CallPtr& call, std::function<void(const CallPtr&, Flows)> work) {
  const Result<Json> body = call->json_body();
  if (!body) return call->reply_error(body.error());
  std::vector<FlowName> names;
  if (const auto* list = body->if_array()) {
    for (const Json& item : *list)
      if (const auto* object = item.if_object()) names.push_back({Namespace(text_or(*object, "namespace")), FlowId(text_or(*object, "id"))});
    if (names.size() != list->size()) names.clear();
  }
  if (names.empty() || names.size() > kPageSizeMax)
    return call->reply_error({ErrorKind::invalid, "body-invalid", fmt::format("Unprocessable Entity: a list of 1 to {} objects with `id` and `namespace` is expected", kPageSizeMax), {}, {}});
  read_then(call, [names = std::move(names), work = std::move(work)](const CallPtr& waiting, store::TenantReader& reader) {
    Flows flows;
    for (const FlowName& name : names) {
      if (const auto may = waiting->require(name.ns); !may) return waiting->reply_error(may.error());
      auto row = reader.flow(name.ns, name.id);
      if (!row) return waiting->reply_error(row.error());
      if (!*row || (*row)->deleted) return waiting->reply_error(not_found("No value present").error());
      flows.push_back(std::move(**row));
    }
    work(waiting, std::move(flows));
  });
}

void with_flows_by_query(const CallPtr& call, std::function<void(const CallPtr&, Flows)> work) {
  auto query = call->search(flow_search());
  if (!query) return call->reply_error(query.error());
  query->page.number = 1;
  query->page.size = kPageSizeMax;
  read_then(call, [query = std::move(*query), work = std::move(work)](const CallPtr& waiting, store::TenantReader& reader) {
    auto found = reader.search_flows(query);
    if (!found) return waiting->reply_error(found.error());
    if (std::cmp_greater(found->total, found->rows.size()))
      return waiting->reply_error({ErrorKind::invalid, "bulk-too-large", fmt::format("{} flows match; at most {} are taken at once, so narrow the query", found->total, kPageSizeMax), {}, {}});
    work(waiting, std::move(found->rows));
  });
}

void save_flow(const CallPtr& call, const std::string& source, std::function<void(Result<engine::SavedFlow>)> done) {
  call->engine().create_flow(call->scope(), source, [call, source, done = std::move(done)](Result<engine::SavedFlow> created) {
    if (created || created.error().code != "flow-exists") return done(std::move(created));
    const FlowName name = name_in_source(source);
    call->engine().update_flow(call->scope(), name.ns, name.id, source, done);
  });
}

}  // namespace insula::api
