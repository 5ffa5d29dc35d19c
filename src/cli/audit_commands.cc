// audit search | export | verify: who did what in a tenant, or in the instance.
#include <fstream>

#include "cli/commands.h"
#include "cli/rest_commands.h"

namespace insula::cli {
namespace {

std::string base(const Arguments& given) { return given.flag("instance") ? "//auditlogs" : "/auditlogs"; }

std::string query(const Arguments& given) {
  std::string text = page_query(given);
  for (const auto& [option, parameter] : {std::pair("user-id", "userId"), std::pair("resource", "resource"), std::pair("type", "type"), std::pair("namespace", "namespace"), std::pair("flow", "flowId"),
                                          std::pair("execution", "executionId"), std::pair("from", "startDate"), std::pair("to", "endDate")}) {
    if (!given.text(option).empty()) text += fmt::format("&{}={}", parameter, percent_encode(given.text(option)));
  }
  return text;
}

std::vector<Argument> filters() {
  return with_page({flag("instance", "The log of the instance instead of a tenant's (super admin)"), option("user-id", "By this user"), option("resource", "About FLOW, EXECUTION, ROLE, …"),
                    option("type", "CREATE, UPDATE, DELETE, LOGIN, …"), option("namespace", "In this namespace"), option("flow", "About this flow"), option("execution", "About this execution"),
                    option("from", "Not before this date, ISO-8601"), option("to", "Not after this date, ISO-8601")});
}

}  // namespace

void add_audit_commands(CLI::App& app, int& exit_code) {
  std::vector<Argument> to_file = filters();
  to_file.push_back(positional("file", "CSV file to write"));
  std::vector<RestCommand> commands{
      {"search", "Entries of the audit log, newest first", "insula audit search --tenant stage --resource FLOW --type DELETE", filters(),
       {"auditLog.date", "auditLog.type", "auditLog.detail.resource", "auditLog.detail.id", "user.username", "auditLog.ipAddress", "auditLog.result"},
       [](const ServerSession& session, const Arguments& given) { return session.get(base(given) + "/search" + query(given)); }},
      {"export", "Entries as CSV", "insula audit export --tenant stage audit.csv", std::move(to_file), {}, [](const ServerSession& session, const Arguments& given) -> Result<Json> {
         auto done = session.download(base(given) + "/export" + query(given), given.text("file"));
         if (!done) return fail(done.error());
         return Json(nullptr);
       }},
      {"verify", "Check that no entry was changed, removed or added", "insula audit verify --tenant stage", {flag("instance", "The log of the instance instead of a tenant's (super admin)")}, {"intact", "entries", "brokenAt", "reason"},
       [](const ServerSession& session, const Arguments& given) -> Result<Json> {
         auto verdict = session.get(base(given) + "/verify");
         if (!verdict) return verdict;
         const Json* intact = verdict->is_object() ? insula::find(verdict->get_object(), "intact") : nullptr;
         if (intact != nullptr && intact->is_bool() && !intact->get_bool()) {
           return fail(ErrorKind::conflict, "audit-broken", fmt::format("the log is not what was written: {}", text_or(verdict->get_object(), "reason")));
         }
         return verdict;
       }}};
  add_group(app, "audit", "Audit log of a tenant or of the instance", std::move(commands), exit_code);
}

}  // namespace insula::cli
