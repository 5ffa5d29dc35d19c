// Commands that are one call each: what they are called, where they go, what they say. Written as data by identity_commands.cc.
#pragma once
#include "cli/output.h"
#include "cli/server_session.h"

namespace insula::cli {

// What a command of this kind was given: texts by name of option or argument, lists, flags.
struct Arguments {
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, std::vector<std::string>, std::less<>> lists;
  std::map<std::string, bool, std::less<>> flags;
  ServerAddress address;
  Format format = Format::table;

  const std::string& text(std::string_view name) const;
  const std::vector<std::string>& list(std::string_view name) const;
  bool flag(std::string_view name) const;
};

struct Argument {
  enum class Kind { positional, option, list, flag };
  Kind kind = Kind::option;
  std::string name;          // `email`, or `first-name` of `--first-name`
  std::string help;
  bool required = false;
};

struct RestCommand {
  std::string name;          // `list`
  std::string help;
  std::string example;
  std::vector<Argument> arguments;
  std::vector<std::string> columns;
  // Does the work; its value is printed, null prints nothing.
  std::function<Result<Json>(const ServerSession& session, const Arguments& given)> run;
};

// A group of commands such as `roles`. With `in_tenant` they take --tenant.
void add_group(CLI::App& app, const std::string& name, const std::string& help, std::vector<RestCommand> commands, int& exit_code, bool in_tenant = true);
void add_commands(CLI::App& group, std::vector<RestCommand> commands, int& exit_code, bool in_tenant);

Argument positional(std::string name, std::string help);
Argument option(std::string name, std::string help, bool required = false);
Argument list_option(std::string name, std::string help);
Argument flag(std::string name, std::string help);

Result<Json> send_json(const ServerSession& session, const std::string& method, const std::string& path, const Json& body);
// `?page=…&size=…&q=…` from options of the same names.
std::string page_query(const Arguments& given);
std::vector<Argument> with_page(std::vector<Argument> more = {});

}  // namespace insula::cli
