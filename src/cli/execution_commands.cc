// execution run: start on a server and follow the log until the end.
#include <filesystem>

#include "cli/commands.h"
#include "cli/server_session.h"

namespace insula::cli {

namespace {

struct GivenExecution {
  std::string ns, flow;
  std::vector<std::string> inputs, labels;
  ServerAddress address;
  bool no_follow = false;
};

std::string text_at(const Json& value, std::string_view key) { return value.is_object() ? text_or(value.get_object(), key) : ""; }

int start(const GivenExecution& given) {
  const auto opened = ServerSession::open(given.address);
  if (!opened) {
    fmt::print(stderr, "insula: {}\n", opened.error().message);
    return 1;
  }
  const ServerSession& session = *opened;
  std::vector<std::pair<std::string, std::string>> inputs, labels;
  if (!split_pairs(given.inputs, inputs) || !split_pairs(given.labels, labels)) return 2;
  std::vector<client::Part> parts;
  for (const auto& [name, value] : inputs) {
    client::Part part;
    part.name = name;
    if (value.starts_with('@')) {
      part.file = value.substr(1);
      part.filename = std::filesystem::path(value.substr(1)).filename().string();
    } else {
      part.value = value;
    }
    parts.push_back(std::move(part));
  }
  std::string query;
  for (const auto& [key, value] : labels) query += fmt::format("{}labels={}", query.empty() ? "?" : "&", percent_encode(key + ":" + value));
  auto created = session.send_form(fmt::format("/executions/{}/{}{}", percent_encode(given.ns), percent_encode(given.flow), query), std::move(parts));
  if (!created) {
    fmt::print(stderr, "insula: {}\n", created.error().message);
    return 1;
  }
  const std::string id = text_at(*created, "id");
  fmt::print(stderr, "{} {}.{} in tenant {}: execution {}\n", Terminal::paint("▶", "blue"), given.ns, given.flow, session.address().tenant, id);
  if (given.no_follow) {
    fmt::print("{}\n", id);
    return 0;
  }
  auto followed = session.follow(fmt::format("/logs/{}/follow", id), [](const client::Event& event) {
    auto line = parse_json(event.data);
    if (line && !text_at(*line, "message").empty()) {
      fmt::print(stderr, "{}\n", log_line(text_at(*line, "timestamp"), text_at(*line, "level"), text_at(*line, "taskId"), text_at(*line, "message")));
    }
    return event.id != "end";
  });
  if (!followed) fmt::print(stderr, "insula: the log could not be followed: {}\n", followed.error().message);
  auto ended = session.get("/executions/" + id);
  if (!ended) {
    fmt::print(stderr, "insula: {}\n", ended.error().message);
    return 1;
  }
  const Json* state = find(*ended, "state");
  const std::string current = state != nullptr ? text_at(*state, "current") : "";
  const std::string duration = state != nullptr ? text_at(*state, "duration") : "";
  fmt::print(stderr, "{} {} {}\n", Terminal::paint("■", "blue"), state_text(current), duration);
  return current == "SUCCESS" || current == "WARNING" ? 0 : 1;
}

}  // namespace

void add_execution_commands(CLI::App& app, int& exit_code) {
  auto given = std::make_shared<GivenExecution>();
  CLI::App* execution = app.add_subcommand("execution", "Executions on a server")->require_subcommand(1);
  CLI::App* run = execution->add_subcommand("run", "Start a flow on a server and follow its log until it ends");
  run->footer("Examples:\n  insula execution run company.team hello --input name=Ada --tenant stage --user admin@example.com:Passw0rd\n  insula execution run company.team load --input file=@data.csv");
  run->add_option("namespace", given->ns, "Namespace of the flow")->required();
  run->add_option("flow", given->flow, "Id of the flow")->required();
  run->add_option("-i,--input", given->inputs, "Input, key=value, or key=@file for a FILE input; may be repeated")->take_all();
  run->add_option("-l,--label", given->labels, "Label, key=value; may be repeated")->take_all();
  run->add_flag("--no-follow", given->no_follow, "Print the id of the execution and return at once");
  add_server_options(*run, given->address);
  run->callback([given, &exit_code] { exit_code = start(*given); });
}

}  // namespace insula::cli
