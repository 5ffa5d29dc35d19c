// What a command prints: a table for people, JSON or YAML for programs.
#pragma once
#include <CLI/CLI.hpp>

#include "cli/cli.h"

namespace insula::cli {

enum class Format { table, json, yaml };

void add_format_option(CLI::App& command, Format& format);
// `value`: an object, an array, or a page (`results`, `total`). `columns` of the table are keys, `a.b` reaches into objects; a list is joined with commas.
void print(const Json& value, Format format, const std::vector<std::string>& columns);
// Runs `step` until it says that it is done; what takes longer than a second shows how far it is. `step` gives (done, total).
int show_progress(const std::string& what, const std::function<Result<std::pair<std::int64_t, std::int64_t>>()>& step);

}  // namespace insula::cli
