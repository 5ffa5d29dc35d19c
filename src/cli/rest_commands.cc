#include "cli/rest_commands.h"

#include "cli/commands.h"

namespace insula::cli {

const std::string& Arguments::text(std::string_view name) const {
  static const std::string none;
  const auto found = texts.find(name);
  return found == texts.end() ? none : found->second;
}
const std::vector<std::string>& Arguments::list(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto found = lists.find(name);
  return found == lists.end() ? none : found->second;
}
bool Arguments::flag(std::string_view name) const {
  const auto found = flags.find(name);
  return found != flags.end() && found->second;
}

Argument positional(std::string name, std::string help) { return {Argument::Kind::positional, std::move(name), std::move(help), true}; }
Argument option(std::string name, std::string help, bool required) { return {Argument::Kind::option, std::move(name), std::move(help), required}; }
Argument list_option(std::string name, std::string help) { return {Argument::Kind::list, std::move(name), std::move(help), false}; }
Argument flag(std::string name, std::string help) { return {Argument::Kind::flag, std::move(name), std::move(help), false}; }

void add_commands(CLI::App& group, std::vector<RestCommand> commands, int& exit_code, bool in_tenant) {
  for (RestCommand& command : commands) {
    auto given = std::make_shared<Arguments>();
    CLI::App* sub = group.add_subcommand(command.name, command.help);
    if (!command.example.empty()) sub->footer("Example:\n  " + command.example);
    for (const Argument& argument : command.arguments) {
      switch (argument.kind) {
        case Argument::Kind::positional: sub->add_option(argument.name, given->texts[argument.name], argument.help)->required(); break;
        case Argument::Kind::option: sub->add_option("--" + argument.name, given->texts[argument.name], argument.help)->required(argument.required); break;
        case Argument::Kind::list: sub->add_option("--" + argument.name, given->lists[argument.name], argument.help)->take_all(); break;
        case Argument::Kind::flag: sub->add_flag("--" + argument.name, given->flags[argument.name], argument.help); break;
      }
    }
    add_server_options(*sub, given->address, in_tenant);
    add_format_option(*sub, given->format);
    sub->callback([given, command = std::make_shared<RestCommand>(std::move(command)), &exit_code] {
      const auto session = ServerSession::open(given->address);
      const auto answer = session ? command->run(*session, *given) : Result<Json>(fail(session.error()));
      if (answer) return print(*answer, given->format, command->columns);
      fmt::print(stderr, "insula: {}\n", answer.error().message);
      exit_code = 1;
    });
  }
}

void add_group(CLI::App& app, const std::string& name, const std::string& help, std::vector<RestCommand> commands, int& exit_code, bool in_tenant) {
  add_commands(*app.add_subcommand(name, help)->require_subcommand(1), std::move(commands), exit_code, in_tenant);
}

Result<Json> send_json(const ServerSession& session, const std::string& method, const std::string& path, const Json& body) {
  return session.send(method, path, body.is_null() ? "" : write_json(body), body.is_null() ? "" : "application/json");
}

std::vector<Argument> with_page(std::vector<Argument> more) {
  more.push_back(option("page", "Page, from 1"));
  more.push_back(option("size", "Rows of a page; 25 when nothing is said"));
  more.push_back(option("q", "Words to look for"));
  return more;
}

std::string page_query(const Arguments& given) {
  std::string query = fmt::format("?page={}&size={}", given.text("page").empty() ? "1" : percent_encode(given.text("page")), given.text("size").empty() ? "25" : percent_encode(given.text("size")));
  if (!given.text("q").empty()) query += "&filters%5Bq%5D%5BEQUALS%5D=" + percent_encode(given.text("q"));
  return query;
}

}  // namespace insula::cli
