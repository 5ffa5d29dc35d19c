// What can be written in a flow, for the editor and the pages of documentation. The catalog is the same for everybody and changes only with the build.
#include "api/call.h"
#include "api/plugin_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

const flow::Catalog& catalog_of(const Call& call) { return *call.engine().ports().catalog; }

// Answered from a reader thread: what is written is too long for the thread of a connection.
template <class Make>
void reply_cacheable(const CallPtr& call, Make make) {
  off_thread(call, [make](const CallPtr& waiting, store::Stores&) {
    const Result<Json> body = make(*waiting);
    if (!body) return waiting->reply_error(body.error());
    http::Response response = http::Response::text(200, write_json(*body), "application/json");
    response.headers.set("Cache-Control", "public, max-age=3600");
    waiting->reply(std::move(response));
  });
}

void list_plugins(const CallPtr& call) { call->reply_json(plugins_json(catalog_of(*call), false)); }
void list_subgroups(const CallPtr& call) { call->reply_json(plugins_json(catalog_of(*call), true)); }

void show_plugin(const CallPtr& call) {
  reply_cacheable(call, [](const Call& c) -> Result<Json> {
    const std::string_view name = c.parameter("cls");
    const flow::TypeInfo* info = catalog_of(c).find(name);
    if (info == nullptr) return not_found(fmt::format("Class '{}' doesn't exists ", name));
    return documentation_json(info->type.substr(info->type.rfind('.') + 1), info->type, flow::type_documentation(*info, c.flag("all", false)));
  });
}

void show_schema(const CallPtr& call) {
  reply_cacheable(call, [](const Call& c) -> Result<Json> {
    const auto kind = flow::parse_schema_kind(c.parameter("type"));
    if (!kind) return not_found(fmt::format("There is no schema of '{}': flow, task, trigger and plugindefault have one", c.parameter("type")));
    return flow::schema(catalog_of(c), *kind, c.flag("arrayOf", false));
  });
}

void list_icons(const CallPtr& call) {
  reply_cacheable(call, [](const Call& c) -> Result<Json> { return type_icons(catalog_of(c)); });
}

void list_group_icons(const CallPtr& call) {
  reply_cacheable(call, [](const Call& c) -> Result<Json> { return group_icons(catalog_of(c)); });
}

void list_inputs(const CallPtr& call) {
  JsonArray list;
  for (const flow::InputType& type : flow::input_types()) list.push_back(JsonObject{{"type", type.type}, {"cls", type.cls}});
  call->reply_json(std::move(list));
}

void show_input(const CallPtr& call) {
  reply_cacheable(call, [](const Call& c) -> Result<Json> {
    const std::string type(c.parameter("type"));
    auto documentation = flow::input_documentation(type);
    if (!documentation) return not_found(fmt::format("There is no input of type '{}'", type));
    const auto types = flow::input_types();
    const std::string& cls = std::ranges::find(types, type, &flow::InputType::type)->cls;
    return documentation_json(cls.substr(cls.rfind('.') + 1), cls, std::move(*documentation));
  });
}

}  // namespace

void add_plugin_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/plugins", signed_in(), list_plugins, "Tasks, triggers, conditions and task runners by group.");
  routes.emplace_back(get, "/api/v1/plugins/groups/subgroups", signed_in(), list_subgroups, "The same, and once more for each subgroup.");
  routes.emplace_back(get, "/api/v1/plugins/icons", signed_in(), list_icons, "An icon for each type.");
  routes.emplace_back(get, "/api/v1/plugins/icons/groups", signed_in(), list_group_icons, "An icon for each group and subgroup.");
  routes.emplace_back(get, "/api/v1/plugins/inputs", signed_in(), list_inputs, "Types of inputs.");
  routes.emplace_back(get, "/api/v1/plugins/inputs/{type}", signed_in(), show_input, "Documentation of one type of input.");
  routes.emplace_back(get, "/api/v1/plugins/schemas/{type}", signed_in(), show_schema, "JSON Schema of a flow, task, trigger or plugindefault, for editors.");
  routes.emplace_back(get, "/api/v1/plugins/{cls}", signed_in(), show_plugin, "Documentation of one type.");
}

}  // namespace insula::api
