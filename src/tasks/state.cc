// core.state.Get, Set and Delete: a small map that outlives executions, of a flow or of a namespace, kept as a file of the tenant.
#include "tasks/types.h"

namespace insula::tasks {
namespace {

constexpr std::uint64_t kStateBytesMax = 10u << 20;

std::uint64_t mixed(std::uint64_t k) {
  k = (k ^ (k >> 33)) * 0xff51afd7ed558ccdull;
  k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53ull;
  return k ^ (k >> 33);
}

std::uint64_t word_at(std::string_view text, std::size_t begin, std::size_t bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes && begin + i < text.size(); ++i) word |= std::uint64_t(static_cast<unsigned char>(text[begin + i])) << (8 * i);
  return word;
}

// MurmurHash3 x64 128 with seed 0, bytes in hexadecimal: 1.3 puts it into the key of an iteration's state.
std::string murmur(std::string_view text) {
  constexpr std::uint64_t c1 = 0x87c37b91114253d5ull, c2 = 0x4cf5ad432745937full;
  std::uint64_t h1 = 0, h2 = 0;
  const auto first = [&](std::uint64_t k) { h1 ^= std::rotl(k * c1, 31) * c2; };
  const auto second = [&](std::uint64_t k) { h2 ^= std::rotl(k * c2, 33) * c1; };
  std::size_t at = 0;
  for (; at + 16 <= text.size(); at += 16) {
    first(word_at(text, at, 8));
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
    second(word_at(text, at + 8, 8));
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  if (text.size() - at > 8) second(word_at(text, at + 8, 8));
  if (text.size() > at) first(word_at(text, at, 8));
  h1 ^= text.size();
  h2 ^= text.size();
  h1 += h2;
  h2 += h1;
  h1 = mixed(h1);
  h2 = mixed(h2);
  h1 += h2;
  h2 += h1;
  std::string bytes;
  for (const std::uint64_t h : {h1, h2}) {
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(h >> (8 * i) & 0xff);
  }
  return hex_encode(bytes);
}

struct State {
  std::string name;
  std::string key;                       // as 1.3 names it
  std::string path;                      // of its file
};

Result<State> state_of(JobContext& context) {
  State state;
  const Result<std::string> name = context.text("name", "default");
  const Result<bool> of_namespace = context.boolean("namespace", false), by_value = context.boolean("taskrunValue", true);
  for (const Error* error : {name ? nullptr : &name.error(), of_namespace ? nullptr : &of_namespace.error(), by_value ? nullptr : &by_value.error()}) {
    if (error) return fail(*error);
  }
  const bool plain = !name->empty() && name->size() <= 200 && *name != "." && *name != ".." &&
                     std::ranges::all_of(*name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-_.").contains(c); });
  if (!plain) return fail(ErrorKind::invalid, "task-property-invalid", fmt::format("`name` may hold letters, digits, `-`, `_` and `.`, at most 200 of them; got '{}'.", name->substr(0, 200)));
  std::string value;
  if (*by_value) {
    const Result<std::string> rendered = context.render("{{ taskrun.value ?? '' }}");
    if (!rendered) return fail(rendered.error());
    value = *rendered;
  }
  const FileArea::Owner& owner = context.files().owner();
  state.name = *name;
  state.key = fmt::format("{}states_tasks-states_{}{}", *of_namespace ? "" : owner.flow.str() + "_", *name, value.empty() ? "" : "_" + murmur(value));
  state.path = storage::state_file_path(owner.ns, *of_namespace ? std::nullopt : std::optional(owner.flow), *name, value);
  return state;
}

// Nothing when there is none.
Result<std::optional<JsonObject>> load(JobContext& context, const State& state) {
  const Result<std::optional<std::string>> text = context.files().read_state(state.path, kStateBytesMax);
  if (!text) return fail(text.error());
  if (!*text) return std::nullopt;
  Result<Json> json = parse_json(**text);
  if (!json || !json->is_object()) return fail(ErrorKind::invalid, "state-broken", fmt::format("The state {} cannot be read: its file is no JSON map. Delete it with core.state.Delete.", state.key));
  return std::move(json->as_object());
}

std::int64_t count(const JsonObject& data) { return static_cast<std::int64_t>(data.size()); }

class Get final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    const Result<bool> strict = context.boolean("errorOnMissing", false);
    if (!strict) return JobResult::failed(strict.error());
    const Result<State> state = state_of(context);
    if (!state) return JobResult::failed(state.error());
    Result<std::optional<JsonObject>> data = load(context, *state);
    if (!data) return JobResult::failed(data.error());
    if (!*data && *strict) return JobResult::failed(fmt::format("State {} not found", state->key));
    JsonObject known = std::move(*data).value_or(JsonObject());
    const std::int64_t size = count(known);
    return JobResult::success({{"count", size}, {"data", std::move(known)}});
  }
};

class Set final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    const Result<State> state = state_of(context);
    if (!state) return JobResult::failed(state.error());
    const Result<Json> given = context.json("data");
    if (!given) return JobResult::failed(given.error());
    if (!given->is_null() && !given->is_object()) return JobResult::failed("`data` must be a map.");
    Result<std::optional<JsonObject>> data = load(context, *state);
    if (!data) return JobResult::failed(data.error());
    JsonObject all = std::move(*data).value_or(JsonObject());
    if (given->is_object()) {
      for (const auto& [key, value] : given->as_object()) all[key] = value;
    }
    const std::string text = write_json(all);
    if (text.size() > kStateBytesMax) return JobResult::failed(fmt::format("The state {} would be larger than {} bytes.", state->key, kStateBytesMax));
    if (const Result<void> written = context.files().write_state(state->path, text); !written) return JobResult::failed(written.error());
    return JobResult::success({{"count", count(all)}, {"key", state->key}});
  }
};

class Delete final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    const Result<bool> strict = context.boolean("errorOnMissing", false);
    if (!strict) return JobResult::failed(strict.error());
    const Result<State> state = state_of(context);
    if (!state) return JobResult::failed(state.error());
    const Result<bool> deleted = context.files().remove_state(state->path);
    if (!deleted) return JobResult::failed(deleted.error());
    if (!*deleted && *strict) return JobResult::failed(fmt::format("Unable to find the state file '{}'", state->name));
    return JobResult::success({{"deleted", *deleted}});
  }
};

std::vector<flow::PropertyInfo> properties_with(flow::PropertyInfo more) {
  return {prop("name", Kind::string, "Which state.", {.otherwise = "default"}), prop("namespace", Kind::boolean, "Of the whole namespace instead of this flow.", {.otherwise = "false"}),
          prop("taskrunValue", Kind::boolean, "In a loop: a state for each value.", {.otherwise = "true"}), std::move(more)};
}

}  // namespace

const TaskType& state_get_type() {
  static const Get type;
  return type;
}
const TaskType& state_set_type() {
  static const Set type;
  return type;
}
const TaskType& state_delete_type() {
  static const Delete type;
  return type;
}

void register_states(flow::Catalog& catalog) {
  const std::string doc = "Deprecated in favour of the key-value store. The last writer wins.";
  const flow::PropertyInfo strict = prop("errorOnMissing", Kind::boolean, "Fail when there is none.", {.otherwise = "false"});
  catalog.add({.type = "io.kestra.plugin.core.state.Get", .aliases = {"io.kestra.core.tasks.states.Get"}, .properties = properties_with(strict),
               .outputs = {prop("count", Kind::integer, "Number of keys."), prop("data", Kind::map, "What is kept.")}, .title = "Reads a state.", .doc = doc,
               .example = example_flow("  - id: get\n    type: io.kestra.plugin.core.state.Get\n    name: cursor\n"), .deprecated = true});
  catalog.add({.type = "io.kestra.plugin.core.state.Set", .aliases = {"io.kestra.core.tasks.states.Set"}, .properties = properties_with(prop("data", Kind::map, "Put into what is kept already.")),
               .outputs = {prop("count", Kind::integer, "Number of keys now."), prop("key", Kind::string, "Name of the state.")}, .title = "Puts values into a state.", .doc = doc,
               .example = example_flow("  - id: set\n    type: io.kestra.plugin.core.state.Set\n    name: cursor\n    data:\n      last: \"{{ execution.id }}\"\n"), .deprecated = true});
  catalog.add({.type = "io.kestra.plugin.core.state.Delete", .aliases = {"io.kestra.core.tasks.states.Delete"}, .properties = properties_with(strict),
               .outputs = {prop("deleted", Kind::boolean, "Whether there was one.")}, .title = "Deletes a state.", .doc = doc,
               .example = example_flow("  - id: delete\n    type: io.kestra.plugin.core.state.Delete\n    name: cursor\n"), .deprecated = true});
}

}  // namespace insula::tasks
