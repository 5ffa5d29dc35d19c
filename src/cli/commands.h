// The groups of commands; each adds itself to the command line. `exit_code` is set by the command that ran.
#pragma once
#include <CLI/CLI.hpp>

#include "cli/cli.h"

namespace insula::cli {

void add_flow_commands(CLI::App& app, const Ports& ports, int& exit_code);
void add_execution_commands(CLI::App& app, int& exit_code);
void add_expression_commands(CLI::App& app, const Ports& ports, int& exit_code);
void add_context_commands(CLI::App& app, int& exit_code);
void add_tenant_commands(CLI::App& app, const Ports& ports, int& exit_code);
void add_identity_commands(CLI::App& app, int& exit_code);            // users, groups, roles, bindings, service accounts, tokens, invitations, access
void add_audit_commands(CLI::App& app, int& exit_code);
// --context, --server, --user, --token, --tenant with their environment variables.
void add_server_options(CLI::App& command, ServerAddress& address, bool with_tenant = true);
// The page docs/reference/cli.md.
std::string command_reference(const CLI::App& app);
std::optional<std::string> read_file(const std::string& path);
// `k=v` texts; false (and a message) when one has no `=`.
bool split_pairs(const std::vector<std::string>& texts, std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace insula::cli
