#include "cli/contexts.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "cli/commands.h"

namespace insula::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Json to_json(const ServerAddress& address) {
  JsonObject json{{"server", address.url}};
  if (!address.tenant.empty()) json["tenant"] = address.tenant;
  if (!address.user.empty()) json["user"] = address.user;
  if (!address.token.empty()) json["token"] = address.token;
  return json;
}

ServerAddress from_json(const JsonObject& json) {
  ServerAddress address;
  address.url = text_or(json, "server");
  address.tenant = text_or(json, "tenant");
  address.user = text_or(json, "user");
  address.token = text_or(json, "token");
  return address;
}

}  // namespace

std::filesystem::path contexts_file() {
  if (const std::string given = variable("INSULA_CONTEXTS"); !given.empty()) return given;
  const std::string home = variable("XDG_CONFIG_HOME");
  return (home.empty() ? std::filesystem::path(variable("HOME")) / ".config" : std::filesystem::path(home)) / "insula" / "contexts.yml";
}

Result<Contexts> read_contexts() {
  Contexts contexts;
  const auto text = read_file(contexts_file().string());
  if (!text) return contexts;
  const auto yaml = flow::read_yaml(*text);
  const auto invalid = [](std::string_view why) { return fail(ErrorKind::invalid, "contexts-invalid", fmt::format("{} cannot be read: {}", contexts_file().string(), why)); };
  if (!yaml) return invalid(yaml.error().message);
  const auto* object = yaml->value.if_object();
  if (object == nullptr) return invalid("a map with `current` and `contexts` is expected");
  contexts.current = text_or(*object, "current");
  if (const Json* named = insula::find(*object, "contexts"); named != nullptr && named->is_object()) {
    for (const auto& [name, one] : named->get_object()) {
      if (!one.is_object()) return invalid(fmt::format("context `{}` is no map", std::string_view(name)));
      contexts.by_name.emplace(std::string(name), from_json(one.get_object()));
    }
  }
  return contexts;
}

Result<void> write_contexts(const Contexts& contexts) {
  const std::filesystem::path file = contexts_file();
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  JsonObject named;
  for (const auto& [name, address] : contexts.by_name) named[name] = to_json(address);
  const std::string text = flow::write_yaml(Json(JsonObject{{"current", contexts.current}, {"contexts", std::move(named)}}));
  // Written beside and moved over, so that a crash leaves the old one; credentials stand in it, so nobody else may read it.
  const std::filesystem::path next = file.string() + ".new";
  const mode_t mask = ::umask(0077);
  std::ofstream out(next, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  ::umask(mask);
  if (!out.fail()) std::filesystem::rename(next, file, failed);
  if (out.fail() || failed) return fail(ErrorKind::unavailable, "contexts-unwritable", fmt::format("{} cannot be written", file.string()));
  return {};
}

Result<ServerAddress> resolved(ServerAddress given) {
  auto contexts = read_contexts();
  if (!contexts) return fail(contexts.error());
  const std::string name = given.context.empty() ? contexts->current : given.context;
  if (!name.empty()) {
    const auto found = contexts->by_name.find(name);
    if (found == contexts->by_name.end()) {
      return fail(ErrorKind::not_found, "context-unknown", fmt::format("there is no context `{}`; `insula context list` shows those that are, `insula context add` makes one", name));
    }
    const ServerAddress& known = found->second;
    const bool anonymous = given.user.empty() && given.token.empty();
    if (given.url.empty()) given.url = known.url;
    if (given.tenant.empty()) given.tenant = known.tenant;
    if (anonymous) given.user = known.user, given.token = known.token;
  }
  if (given.url.empty()) given.url = "http://127.0.0.1:8080";
  if (given.tenant.empty()) given.tenant = "main";
  while (given.url.ends_with('/')) given.url.pop_back();
  return given;
}

}  // namespace insula::cli
