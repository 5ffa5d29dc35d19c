// Every route of the server, collected from one file per resource.
#pragma once
#include "api/route.h"

namespace insula::api {

using Routes = std::vector<Route>;

void add_flow_routes(Routes& routes);
void add_flow_bulk_routes(Routes& routes);
void add_flow_transfer_routes(Routes& routes);      // import, export, whole namespaces
void add_flow_validation_routes(Routes& routes);
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
void add_trigger_routes(Routes& routes);
void add_trigger_bulk_routes(Routes& routes);
void add_tenant_routes(Routes& routes);
void add_instance_routes(Routes& routes);           // configs, me, ping, health, metrics, pebble, user interface
void add_sign_in_routes(Routes& routes);            // login, logout, impersonation
void add_password_routes(Routes& routes);           // rules, forgotten passwords
void add_setup_routes(Routes& routes);              // the first start, in a browser

}  // namespace insula::api
