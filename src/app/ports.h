// What the command line runs in this process.
#pragma once
#include "cli/cli.h"

namespace insula::app {

const cli::Ports& command_line_ports();
// Runs jq programs in processes of its own.
std::shared_ptr<const expression::Jq> jq_port();

}  // namespace insula::app
