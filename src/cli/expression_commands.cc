// expression render: templates from standard input, results on standard output, one JSON object per line.
#include <iostream>

#include "cli/commands.h"

namespace insula::cli {

namespace {

JsonObject rendered(const JsonObject& line, expression::Environment environment) {
  if (const std::string zone = text_or(line, "zone"); !zone.empty()) environment.zone = zone;
  JsonObject answer;
  if (const Json* id = find(line, "id")) answer["id"] = *id;
  const Json* variables = find(line, "variables");
  const expression::ObjectVariables scope(variables != nullptr && variables->is_object() ? variables->get_object() : JsonObject{}, [](const expression::Lookup& lookup) -> expression::Answer {
    return Error{ErrorKind::invalid, "function-unavailable", fmt::format("{}() needs a server", lookup.name), {}, {}};
  });
  const Json* source = find(line, "template");
  const Json* typed = find(line, "typed");
  const expression::Property property = expression::Property::compile(source != nullptr ? *source : Json(""));
  auto value = typed != nullptr && typed->is_bool() && typed->get_bool() ? property.render_typed(scope, environment) : property.render(scope, environment);
  answer["ok"] = value.has_value();
  if (value) answer["value"] = std::move(*value);
  else if (const Error* error = std::get_if<Error>(&value.error())) answer["error"] = error->message;
  else answer["error"] = "the expression needs a value that is not available here";
  return answer;
}

int render(const Ports& ports) {
  expression::Environment environment;
  environment.now = SystemClock().now();
  environment.seed = 1;
  environment.jq = ports.jq;
  int bad = 0;
  for (std::string line; std::getline(std::cin, line);) {
    if (trim(line).empty()) continue;
    auto parsed = parse_json(line);
    if (!parsed || !parsed->is_object()) {
      fmt::print(stderr, "insula: each line must be a JSON object with `template` and `variables`\n");
      return 2;
    }
    const JsonObject answer = rendered(parsed->get_object(), environment);
    bad += answer.at("ok").as_bool() ? 0 : 1;
    fmt::print("{}\n", write_json(answer));
  }
  return bad == 0 ? 0 : 1;
}

}  // namespace

void add_expression_commands(CLI::App& app, const Ports& ports, int& exit_code) {
  CLI::App* expression = app.add_subcommand("expression", "Try expressions without a server")->require_subcommand(1);
  CLI::App* command = expression->add_subcommand("render", "Render templates: one JSON object {\"template\", \"variables\", \"typed\", \"zone\"} per line of standard input");
  command->footer("Example:\n  echo '{\"template\": \"{{ inputs.name | upper }}\", \"variables\": {\"inputs\": {\"name\": \"ada\"}}}' | insula expression render");
  command->callback([&ports, &exit_code] { exit_code = render(ports); });
}

}  // namespace insula::cli
