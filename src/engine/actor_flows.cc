// Flows: create, update, delete. The actor is the only writer, so its heads are always the newest.
#include "engine/reply.h"

namespace insula::engine {

Result<TenantActor::Head*> TenantActor::head(const Namespace& ns, const FlowId& id) {
  const FlowKey key{ns, id};
  if (const auto at = heads_.find(key); at != heads_.end()) return &at->second;
  auto row = store_->read().flow(ns, id);
  if (!row) return fail(row.error());
  if (!*row) return nullptr;
  auto compiled = ports_.flows.compiled(scope_.uid(), **row);
  if (!compiled) return fail(compiled.error());
  return &heads_.emplace(key, Head{std::move(**row), std::move(*compiled)}).first->second;
}

Result<std::shared_ptr<const flow::Flow>> TenantActor::flow_of(const Namespace& ns, const FlowId& id, std::optional<int> revision) {
  auto newest = head(ns, id);
  if (!newest) return fail(newest.error());
  if (*newest == nullptr) return fail(ErrorKind::not_found, "flow-unknown", "Flow not found");
  if (!revision || *revision == (*newest)->row.revision) return (*newest)->flow;
  auto row = store_->read().flow_revision(ns, id, *revision);
  if (!row) return fail(row.error());
  if (!*row) return fail(ErrorKind::not_found, "flow-unknown", fmt::format("Flow not found: revision {} of {}.{} does not exist", *revision, ns, id));
  return ports_.flows.compiled(scope_.uid(), **row);
}

namespace {

Error already_exists(const Namespace&, const FlowId&) {
  Error error{ErrorKind::invalid, "flow-exists", "Flow id already exists", {}, {}};
  error.violations.push_back({"flow.id", "Flow id already exists", 0, 0, {}});
  return error;
}

Error namespace_missing(const Namespace& ns) {
  Error error{ErrorKind::invalid, "namespace-unknown", fmt::format("Namespace '{}' does not exist", ns), {}, {}};
  error.violations.push_back({"flow.namespace", fmt::format("Namespace '{}' does not exist, and flows may only be made in existing ones: make it first", ns), 0, 0, {}});
  return error;
}

store::FlowRow row_of(const flow::Flow& flow, std::string source, int revision, Instant now) {
  store::FlowRow row;
  row.ns = flow.ns;
  row.id = flow.id;
  row.revision = revision;
  row.source = std::move(source);
  row.disabled = flow.disabled;
  row.description = flow.description;
  row.labels = flow.labels;
  row.updated = now;
  for (const flow::Trigger& trigger : flow.triggers) row.trigger_types.push_back(trigger.type);
  return row;
}

}  // namespace

void TenantActor::create_flow(const std::string& source, std::shared_ptr<Reply<SavedFlow>> reply) {
  flow::ReadFlow read = flow::read_flow(source, ports_.flows.catalog(), ports_.flows.read_options());
  if (!read.flow || !read.duplicate_keys.empty()) return reply_after<SavedFlow>(reply, fail(flow::refusal(read)));
  auto existing = head(read.flow->ns, read.flow->id);
  if (!existing) return reply_after<SavedFlow>(reply, fail(existing.error()));
  int revision = 1;
  if (*existing != nullptr) {
    if (!(*existing)->row.deleted) return reply_after<SavedFlow>(reply, fail(already_exists(read.flow->ns, read.flow->id)));
    revision = (*existing)->row.revision + 1;  // re-creating continues the count (sharp edge 4)
  }
  const auto may = may_hold_flows(read.flow->ns);
  if (!may) return reply_after<SavedFlow>(reply, fail(may.error()));
  if (!*may) return reply_after<SavedFlow>(reply, fail(namespace_missing(read.flow->ns)));
  save_flow(source, std::move(read), revision, std::move(reply));
}

void TenantActor::update_flow(const Namespace& ns, const FlowId& id, const std::string& source, std::shared_ptr<Reply<SavedFlow>> reply) {
  auto existing = head(ns, id);
  if (!existing) return reply_after<SavedFlow>(reply, fail(existing.error()));
  if (*existing == nullptr || (*existing)->row.deleted) return reply_after<SavedFlow>(reply, fail(ErrorKind::not_found, "flow-unknown", "Flow not found"));
  flow::ReadFlow read = flow::read_flow(source, ports_.flows.catalog(), ports_.flows.read_options());
  if (!read.flow || !read.duplicate_keys.empty()) return reply_after<SavedFlow>(reply, fail(flow::refusal(read)));
  Error moved{ErrorKind::invalid, "flow-id-changed", "", {}, {}};
  if (read.flow->id != id) moved.violations.push_back({"flow.id", "Illegal flow id update", 0, 0, {}});
  if (read.flow->ns != ns) moved.violations.push_back({"flow.namespace", "Illegal namespace update", 0, 0, {}});
  if (!moved.violations.empty()) {
    for (const Violation& violation : moved.violations) moved.message += fmt::format("{}{}: {}", moved.message.empty() ? "" : "\n", violation.path, violation.message);
    return reply_after<SavedFlow>(reply, fail(std::move(moved)));
  }
  if ((*existing)->row.source == source) {  // the same source makes no new revision (sharp edge 3)
    return reply_after<SavedFlow>(reply, SavedFlow{(*existing)->row, (*existing)->flow});
  }
  save_flow(source, std::move(read), (*existing)->row.revision + 1, std::move(reply));
}

void TenantActor::save_flow(std::string source, flow::ReadFlow read, int revision, std::shared_ptr<Reply<SavedFlow>> reply) {
  auto stored = std::make_shared<flow::Flow>(*read.flow);
  stored->revision = revision;
  stored->source = source;  // byte for byte: 1.3 keeps a `revision:` line too
  store::FlowRow row = row_of(*stored, stored->source, revision, now_);
  const FlowKey key{row.ns, row.id};
  Head before;
  if (const auto at = heads_.find(key); at != heads_.end()) before = at->second;
  Head after{row, stored};
  const bool replaces = before.flow != nullptr && !before.row.deleted;
  audit({.kind = replaces ? "UPDATE" : "CREATE", .resource = "FLOW", .object_id = row.id.str(), .ns = row.ns, .flow_id = row.id, .execution_id = {}, .detail = {{"revision", revision}},
         .before = replaces ? before.row.source : "", .after = row.source});
  turn_.rows().flows.push_back(row);
  refresh_triggers(before, after);
  refresh_listeners(after);
  heads_.insert_or_assign(key, after);
  turn_.after([this, row, stored](const Error* error) {
    if (error == nullptr) ports_.flows.keep(scope_.uid(), row, stored);
  });
  reply_after<SavedFlow>(reply, SavedFlow{std::move(row), std::move(stored)});
}

void TenantActor::delete_flow(const Namespace& ns, const FlowId& id, std::shared_ptr<Reply<void>> reply) {
  auto existing = head(ns, id);
  if (!existing) return reply_after<void>(reply, fail(existing.error()));
  if (*existing == nullptr || (*existing)->row.deleted) return reply_after<void>(reply, fail(ErrorKind::not_found, "flow-unknown", "Flow not found"));
  const Head before = **existing;
  Head after = before;
  after.row.revision += 1;
  after.row.deleted = true;
  after.row.updated = now_;
  auto flow = std::make_shared<flow::Flow>(*before.flow);
  flow->revision = after.row.revision;
  flow->deleted = true;
  after.flow = std::move(flow);
  audit({.kind = "DELETE", .resource = "FLOW", .object_id = id.str(), .ns = ns, .flow_id = id, .execution_id = {}, .detail = {{"revision", after.row.revision}}, .before = before.row.source, .after = {}});
  turn_.rows().flows.push_back(after.row);
  refresh_triggers(before, after);
  refresh_listeners(after);
  heads_.insert_or_assign(FlowKey{ns, id}, after);
  reply_after<void>(reply, {});
}

}  // namespace insula::engine
