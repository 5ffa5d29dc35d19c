// context add | use | list | remove: servers one works with.
#include "cli/commands.h"
#include "cli/contexts.h"
#include "cli/output.h"

namespace insula::cli {
namespace {

struct GivenContext {
  std::string name;
  ServerAddress address;
  Format format;
};

int complain(const Error& error) {
  fmt::print(stderr, "insula: {}\n", error.message);
  return 1;
}

int change(const std::function<int(Contexts&)>& work) {
  auto contexts = read_contexts();
  if (!contexts) return complain(contexts.error());
  if (const int code = work(*contexts); code != 0) return code;
  const auto written = write_contexts(*contexts);
  return written ? 0 : complain(written.error());
}

int unknown(const std::string& name) {
  fmt::print(stderr, "insula: there is no context `{}`\n", name);
  return 1;
}

int list(const GivenContext& given) {
  const auto contexts = read_contexts();
  if (!contexts) return complain(contexts.error());
  JsonArray rows;
  for (const auto& [name, address] : contexts->by_name) {
    rows.push_back(JsonObject{{"current", name == contexts->current}, {"name", name}, {"server", address.url}, {"tenant", address.tenant},
                              {"credentials", !address.token.empty() ? "token" : !address.user.empty() ? address.user.substr(0, address.user.find(':')) : "none"}});
  }
  print(Json(std::move(rows)), given.format, {"current", "name", "server", "tenant", "credentials"});
  return 0;
}

}  // namespace

void add_context_commands(CLI::App& app, int& exit_code) {
  auto given = std::make_shared<GivenContext>();
  CLI::App* context = app.add_subcommand("context", "Servers you work with: address, tenant and credentials under a name")->require_subcommand(1);
  context->footer(fmt::format("Kept in {}, readable by you only.\nExamples:\n  insula context add work --server https://insula.example.com --tenant stage --token ist_…\n  insula context use work", contexts_file().string()));

  CLI::App* add = context->add_subcommand("add", "Add or change a context and use it");
  add->add_option("name", given->name, "Name of the context")->required();
  add_server_options(*add, given->address);
  add->callback([given, &exit_code] {
    exit_code = change([&](Contexts& contexts) {
      ServerAddress address = given->address;
      if (address.url.empty()) address.url = "http://127.0.0.1:8080";
      address.context.clear();
      contexts.by_name[given->name] = address;
      contexts.current = given->name;
      return 0;
    });
  });

  CLI::App* use = context->add_subcommand("use", "Use a context from now on");
  use->add_option("name", given->name, "Name of the context")->required();
  use->callback([given, &exit_code] {
    exit_code = change([&](Contexts& contexts) {
      if (!contexts.by_name.contains(given->name)) return unknown(given->name);
      contexts.current = given->name;
      return 0;
    });
  });

  CLI::App* remove = context->add_subcommand("remove", "Remove a context");
  remove->add_option("name", given->name, "Name of the context")->required();
  remove->callback([given, &exit_code] {
    exit_code = change([&](Contexts& contexts) {
      if (contexts.by_name.erase(given->name) == 0) return unknown(given->name);
      if (contexts.current == given->name) contexts.current.clear();
      return 0;
    });
  });

  CLI::App* show = context->add_subcommand("list", "List the contexts");
  add_format_option(*show, given->format);
  show->callback([given, &exit_code] { exit_code = list(*given); });
}

}  // namespace insula::cli
