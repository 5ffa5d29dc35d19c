// Suspending a tenant and letting it go on; how far its deletion is.
#include "api/identity.h"
#include "api/parts.h"
#include "api/routes.h"
#include "api/tenant_json.h"

namespace insula::api {
namespace {

void set_suspended(const CallPtr& call, bool suspended) {
  const TenantId id(call->parameter("id"));
  const auto audited = [call, suspended](const store::TenantRow& row, store::SystemTurn& turn) {
    turn.audit.push_back(audit_row(*call, {"UPDATE", "TENANT", row.id.str(), nullptr, audited_tenant_json(row), {{"suspended", suspended}}}));
  };
  call->engine().suspend_tenant(id, suspended, audited, [call](Result<store::TenantRow> row) {
    if (!row) return call->reply_error(row.error().kind == ErrorKind::not_found ? not_found().error() : row.error());
    call->reply_json(tenant_json(*row));
  });
}
void suspend(const CallPtr& call) { set_suspended(call, true); }
void go_on(const CallPtr& call) { set_suspended(call, false); }

void show_deletion(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores&) {
    const auto report = waiting->engine().deletion_report(TenantId(waiting->parameter("id")));
    if (!report) return waiting->reply_error(report.error());
    *report ? waiting->reply_json(**report) : waiting->reply_error(not_found().error());
  });
}

}  // namespace

void add_tenant_state_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/tenants/{id}/suspend", super_admin(), suspend, "Suspends a tenant: triggers rest, nothing new is started (409), what runs goes on.");
  routes.emplace_back(post, "/api/v1/tenants/{id}/resume", super_admin(), go_on, "Lets a suspended tenant go on.");
  routes.emplace_back(get, "/api/v1/tenants/{id}/deletion", super_admin(), show_deletion, "How far the deletion of the last tenant with this id is, and what was erased.");
}

}  // namespace insula::api
