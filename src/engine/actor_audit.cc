// The tenant's audit log: what people change through this actor is written in the turn that changes it; entries of identity changes, which are
// made in the system's database, are moved over from its outbox, once by their id.
#include "engine/reply.h"

namespace insula::engine {

void TenantActor::audit(Audited what) {
  if (who_.nobody()) return;
  store::AuditRow entry;
  entry.id = ids_.next_as<AuditId>(now_);
  entry.at = now_;
  entry.kind = what.kind;
  entry.resource = what.resource;
  entry.object_id = std::move(what.object_id);
  entry.ns = std::move(what.ns);
  entry.flow_id = std::move(what.flow_id);
  entry.execution_id = std::move(what.execution_id);
  entry.user = who_.user;
  entry.user_name = who_.user_name;
  entry.impersonator = who_.impersonator;
  entry.address = who_.address;
  entry.detail = std::move(what.detail);
  entry.before = std::move(what.before);
  entry.after = std::move(what.after);
  turn_.rows().audit.push_back(std::move(entry));
}

void TenantActor::append_audit(std::vector<store::AuditRow> entries) { std::ranges::move(entries, std::back_inserter(turn_.rows().audit)); }

void TenantActor::purge_audit(Instant before, std::shared_ptr<Reply<void>> reply) {
  audit({.kind = "DELETE", .resource = "AUDITLOG", .object_id = {}, .ns = {}, .flow_id = {}, .execution_id = {}, .detail = {{"before", format_instant(before)}}, .before = {}, .after = {}});
  turn_.rows().audit_purged_before = before;
  reply_after<void>(std::move(reply), {});
}

void TenantActor::collect_audit() {
  constexpr std::size_t entries_max = 500;
  ports_.system([uid = scope_.uid(), post = ports_.post](store::Stores& stores) {
    auto waiting = stores.system().audit_outbox(uid, entries_max);
    if (!waiting) return log::warn("entries of the audit log stay in the outbox until the next start: {}", waiting.error().message);
    if (waiting->empty()) return;
    std::vector<AuditId> ids;
    for (const store::AuditRow& entry : *waiting) ids.push_back(entry.id);
    post({[entries = std::move(*waiting), ids](TenantActor& actor) {
            actor.append_audit(entries);
            actor.turn_.after([&actor, ids](const Error* error) {
              if (error != nullptr) return;
              actor.ports_.system([uid = actor.scope_.uid(), ids, post = actor.ports_.post](store::Stores& of) {
                if (auto removed = of.system().remove_from_outbox(uid, ids); !removed) return log::warn("the outbox of the audit log could not be emptied: {}", removed.error().message);
                if (ids.size() >= entries_max) post({[](TenantActor& again) { again.collect_audit(); }, false, {}});
              });
            });
          },
          false, {}});
  });
}

Result<void> TenantActor::may_start() const {
  if (!suspended_) return {};
  return fail(ErrorKind::conflict, "tenant-suspended", fmt::format("Tenant '{}' is suspended: nothing new is started in it until a super admin lets it go on", scope_.tenant()));
}

}  // namespace insula::engine
