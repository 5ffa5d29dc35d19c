#include "store/identity_tables.h"

namespace insula::store::outbox_table {
namespace {

const Table& table() {
  static const Table table{"audit_outbox", {{"id", ColumnType::text, ColumnRole::key}, {"entry"}}};
  return table;
}

JsonObject to_json(const AuditRow& a) {
  return {{"id", a.id.str()}, {"at", a.at.time_since_epoch().count()}, {"kind", a.kind}, {"resource", a.resource}, {"objectId", a.object_id}, {"namespace", a.ns.str()},
          {"flowId", a.flow_id.str()}, {"executionId", a.execution_id.str()}, {"userId", a.user.str()}, {"userName", a.user_name}, {"impersonator", a.impersonator.str()},
          {"address", a.address}, {"result", a.result}, {"detail", a.detail}, {"before", a.before}, {"after", a.after}};
}

AuditRow from_json(const JsonObject& json) {
  AuditRow a;
  a.id = AuditId(text_or(json, "id"));
  a.at = Instant(Duration(json.at("at").to_number<std::int64_t>()));
  a.kind = text_or(json, "kind");
  a.resource = text_or(json, "resource");
  a.object_id = text_or(json, "objectId");
  a.ns = Namespace(text_or(json, "namespace"));
  a.flow_id = FlowId(text_or(json, "flowId"));
  a.execution_id = ExecutionId(text_or(json, "executionId"));
  a.user = UserId(text_or(json, "userId"));
  a.user_name = text_or(json, "userName");
  a.impersonator = UserId(text_or(json, "impersonator"));
  a.address = text_or(json, "address");
  a.result = text_or(json, "result");
  if (const auto* detail = json.at("detail").if_object()) a.detail = *detail;
  a.before = text_or(json, "before");
  a.after = text_or(json, "after");
  return a;
}

}  // namespace

void write(Connection& c, const std::vector<AuditRow>& entries) {
  Cells rows;
  for (const AuditRow& a : entries) rows.id(a.id).own(write_json(to_json(a)));
  if (!rows.empty()) c.insert(table(), rows);
}

void erase(Connection& c, const std::vector<AuditId>& ids) {
  Cells keys;
  for (const AuditId& id : ids) keys.id(id);
  if (!keys.empty()) c.erase(table(), keys, 1);
}

std::vector<AuditRow> list(Connection& c, std::size_t limit) {
  std::vector<AuditRow> out;
  c.query("select entry from audit_outbox where {tenant} order by id limit $1", Cells().integer(static_cast<std::int64_t>(limit)), [&](const Row& row) {
    Cursor cell(row);
    out.push_back(from_json(cell.object()));
  });
  return out;
}

std::vector<TenantUid> tenants(Connection& c) {
  std::vector<TenantUid> out;
  c.query("select distinct tenant from audit_outbox", {}, [&](const Row& row) { out.emplace_back(row.text(0)); });
  return out;
}

void erase_tenant(Connection& c, const TenantUid& uid) { c.execute("delete from audit_outbox where tenant = $1", Cells().id(uid)); }

}  // namespace insula::store::outbox_table
