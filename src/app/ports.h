// What the command line runs in this process.
#pragma once
#include "cli/cli.h"

namespace insula::app {

const cli::Ports& command_line_ports();

}  // namespace insula::app
