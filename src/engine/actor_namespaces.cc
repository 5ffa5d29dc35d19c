// Namespaces that somebody has made; the limits of their executions.
#include "engine/reply.h"

namespace insula::engine {

void TenantActor::limit(const store::NamespaceRow& row) {
  slots_.limit_namespace(row.id, read_concurrency(find(row.settings, "concurrency")));
  slots_.look_again();
  quotas_.limit_namespace(row.id, read_quotas(find(row.settings, "quotas")));
}

// As the tenant asks: a flow is only made where somebody has made the namespace.
Result<bool> TenantActor::may_hold_flows(const Namespace& ns) {
  if (!requires_namespace_ && !ports_.settings.require_existing_namespace) return true;
  const auto& deleted = turn_.rows().deleted_namespaces;
  if (std::ranges::find(turn_.rows().namespaces, ns, &store::NamespaceRow::id) != turn_.rows().namespaces.end()) return true;
  auto made = store_->read().made_namespace(ns);
  if (!made) return fail(made.error());
  return made->has_value() && std::ranges::find(deleted, ns) == deleted.end();
}

void TenantActor::save_namespace(store::NamespaceRow row, bool is_new, std::shared_ptr<Reply<store::NamespaceRow>> reply) {
  auto before = store_->read().made_namespace(row.id);
  if (!before) return reply_after<store::NamespaceRow>(reply, fail(before.error()));
  if (is_new && *before) {
    Error error{ErrorKind::invalid, "namespace-exists", "namespace.id: Namespace id already exists", {}, {}};
    error.violations.push_back({"namespace.id", "Namespace id already exists", 0, 0, {}});
    return reply_after<store::NamespaceRow>(reply, fail(std::move(error)));
  }
  row.created = *before ? (*before)->created : now_;
  row.updated = now_;
  limit(row);
  audit({.kind = *before ? "UPDATE" : "CREATE", .resource = "NAMESPACE", .object_id = row.id.str(), .ns = row.id, .flow_id = {}, .execution_id = {}, .detail = {},
         .before = *before ? write_json((*before)->settings) : std::string(), .after = write_json(row.settings)});
  turn_.rows().namespaces.push_back(row);
  reply_after<store::NamespaceRow>(std::move(reply), std::move(row));
}

void TenantActor::delete_namespace(const Namespace& id, std::shared_ptr<Reply<void>> reply) {
  auto before = store_->read().made_namespace(id);
  if (!before) return reply_after<void>(reply, fail(before.error()));
  if (!*before) return reply_after<void>(reply, fail(ErrorKind::not_found, "namespace-unknown", "Namespace not found"));
  slots_.limit_namespace(id, std::nullopt);
  quotas_.limit_namespace(id, {});
  slots_.look_again();
  audit({.kind = "DELETE", .resource = "NAMESPACE", .object_id = id.str(), .ns = id, .flow_id = {}, .execution_id = {}, .detail = {}, .before = write_json((*before)->settings), .after = {}});
  turn_.rows().deleted_namespaces.push_back(id);
  reply_after<void>(std::move(reply), {});
}

}  // namespace insula::engine
