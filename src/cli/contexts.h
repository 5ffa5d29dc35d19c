// Contexts: named servers with tenant and credentials, in one file that only its owner reads.
#pragma once
#include <filesystem>

#include "cli/cli.h"

namespace insula::cli {

struct Contexts {
  std::string current;
  std::map<std::string, ServerAddress> by_name;
};

// $INSULA_CONTEXTS, else $XDG_CONFIG_HOME/insula/contexts.yml, else ~/.config/insula/contexts.yml.
std::filesystem::path contexts_file();
// Empty when there is no file. Error `contexts-invalid` names the file and the line.
Result<Contexts> read_contexts();
Result<void> write_contexts(const Contexts& contexts);
// What the command line and the environment left open comes from the context (--context, INSULA_CONTEXT, else the current one), then from
// defaults: http://127.0.0.1:8080, tenant main.
Result<ServerAddress> resolved(ServerAddress given);

}  // namespace insula::cli
