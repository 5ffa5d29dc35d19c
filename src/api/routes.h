// Every route of the server, collected from one file per resource.
#pragma once
#include "api/route.h"

namespace insula::api {

using Routes = std::vector<Route>;

void add_flow_routes(Routes& routes);
void add_flow_bulk_routes(Routes& routes);
void add_flow_transfer_routes(Routes& routes);      // import, export, whole namespaces
void add_flow_validation_routes(Routes& routes);
void add_graph_routes(Routes& routes);              // of flows, sources, executions
void add_expression_routes(Routes& routes);         // rendered for people to see, and offered to editors
void add_execution_routes(Routes& routes);
void add_execution_start_routes(Routes& routes);
void add_execution_action_routes(Routes& routes);
void add_execution_bulk_routes(Routes& routes);
void add_execution_flow_routes(Routes& routes);     // what those who may run, but not read flows, see of them
void add_follow_routes(Routes& routes);
void add_file_routes(Routes& routes);
void add_webhook_routes(Routes& routes);
void add_log_routes(Routes& routes);
void add_metric_routes(Routes& routes);
void add_usage_routes(Routes& routes);              // how much there is of what
void add_operation_routes(Routes& routes);          // progress of bulk commands
void add_namespace_routes(Routes& routes);
void add_trigger_routes(Routes& routes);
void add_trigger_bulk_routes(Routes& routes);
void add_tenant_routes(Routes& routes);
void add_tenant_state_routes(Routes& routes);        // suspend, resume, report of a deletion
void add_audit_routes(Routes& routes);
void add_tenant_archive_routes(Routes& routes);      // export, import
void add_tenant_setting_routes(Routes& routes);     // logo, apps catalog, default dashboards
void add_instance_routes(Routes& routes);           // configs, ping, health, metrics, pebble
void add_interface_routes(Routes& routes);          // the web application
void add_chart_routes(Routes& routes);              // data of charts over executions
void add_dependency_routes(Routes& routes);         // which flows start or follow which
void add_plugin_routes(Routes& routes);             // types of tasks and inputs: documentation, schema, icons
void add_me_routes(Routes& routes);
void add_acl_routes(Routes& routes);
void add_role_routes(Routes& routes);
void add_binding_routes(Routes& routes);
void add_group_routes(Routes& routes);
void add_group_member_routes(Routes& routes);       // and the groups of one user
void add_tenant_access_routes(Routes& routes);
void add_invitation_routes(Routes& routes);
void add_invited_routes(Routes& routes);            // for those who were invited
void add_user_routes(Routes& routes);
void add_service_account_routes(Routes& routes);    // of the instance
void add_tenant_service_account_routes(Routes& routes);
void add_token_routes(Routes& routes);              // API tokens of users, service accounts and oneself
void add_sign_in_routes(Routes& routes);            // login, logout, impersonation
void add_password_routes(Routes& routes);           // rules, forgotten passwords
void add_setup_routes(Routes& routes);              // the first start, in a browser

}  // namespace insula::api
