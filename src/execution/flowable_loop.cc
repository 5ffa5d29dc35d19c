// ForEach, EachSequential, EachParallel: one group of children for each value.
#include "execution/frontier.h"
#include "execution/loop_values.h"
#include "execution/variables.h"

namespace insula::execution {

namespace {

bool has_enabled(const flow::Flow& flow, const flow::Branch& branch) {
  return std::ranges::any_of(branch.tasks, [&](flow::TaskIndex task) { return !flow.task(task).disabled; });
}

}  // namespace

bool Frontier::know_values(Node& node) {
  if (node.values_known) return true;
  auto values = loop_values(*this, node);
  if (!values) {
    if (const auto* needs = std::get_if<expression::Needs>(&values.error())) park(node, *needs);
    else fail_flowable(node, std::get<Error>(values.error()).message);
    return false;
  }
  node.values = std::move(*values);
  node.values_known = true;
  node.answers.clear();
  return true;
}

Item& Frontier::open_item(Node& node, int index) {
  Item& item = node.progress.items[index];
  if (!item.scope) {
    item.scope = std::make_unique<Scope>();
    item.scope->parent = node.scope;
    item.scope->loop = node.task;
    if (node.scope) item.scope->path = node.scope->path;
    if (index < static_cast<int>(node.values.size())) item.scope->path.push_back(node.values[static_cast<std::size_t>(index)]);
  }
  return item;
}

// Each iteration is a chain: only iterations whose child has just ended, and new ones, are looked at, so that a step costs the same
// however many iterations there are or are in flight (I6).
bool Frontier::make_iterations(Node& node, const flow::Branch& branch) {
  if (!know_values(node)) return false;
  const bool limited_to_one = task_of(node).type.ends_with(".EachSequential");
  const std::optional<int> limit = limited_to_one ? 1 : integer_property(node, "concurrencyLimit", 1);
  if (!limit) return false;
  if (!has_enabled(*flow, branch)) return true;
  Progress& progress = node.progress;
  const int count = static_cast<int>(node.values.size());
  for (;;) {
    if (out_of_budget()) {
      enqueue_advance(node);
      return false;
    }
    if (progress.idle_items.empty() && progress.cursor >= count) return true;
    // An iteration may have come back idle from a replay: only those with an open child count against the limit.
    if (*limit > 0 && static_cast<int>(progress.items.size() - progress.idle_items.size()) >= *limit) return false;
    if (progress.idle_items.empty()) {
      open_item(node, progress.cursor);
      progress.idle_items.insert(progress.cursor++);
    }
    const int index = *progress.idle_items.begin();  // the earliest first: an iteration ends before a later one goes on
    progress.idle_items.erase(progress.idle_items.begin());
    Item& item = open_item(node, index);
    while (item.cursor < static_cast<int>(branch.tasks.size()) && flow->task(branch.tasks[static_cast<std::size_t>(item.cursor)]).disabled) ++item.cursor;
    if (item.cursor >= static_cast<int>(branch.tasks.size())) {
      for (const auto& [task, held] : item.scope->held) left_memory.insert(task);
      progress.items.erase(index);
      touch(node);
      continue;
    }
    const flow::TaskIndex next = branch.tasks[static_cast<std::size_t>(item.cursor++)];
    ++item.open;
    make_child(node, next, *item.scope, node.values[static_cast<std::size_t>(index)], index);
  }
}

// All tasks of all items at once, item by item, as far as `concurrent` lets them.
bool Frontier::make_each_parallel(Node& node, const flow::Branch& branch) {
  if (!know_values(node)) return false;
  const std::optional<int> limit = integer_property(node, "concurrent", 0);
  if (!limit) return false;
  if (!has_enabled(*flow, branch)) return true;
  Progress& progress = node.progress;
  for (const int index : progress.idle_items) {
    const auto item = progress.items.find(index);
    if (item == progress.items.end() || item->second.cursor < static_cast<int>(branch.tasks.size())) continue;
    if (item->second.scope) for (const auto& [task, held] : item->second.scope->held) left_memory.insert(task);
    progress.items.erase(item);
  }
  progress.idle_items.clear();
  const int width = static_cast<int>(branch.tasks.size());
  const int count = static_cast<int>(node.values.size());
  while (progress.cursor < count * width) {
    const int index = progress.cursor / width;
    const flow::TaskIndex next = branch.tasks[static_cast<std::size_t>(progress.cursor % width)];
    if (*limit > 0 && progress.open >= *limit) return false;
    if (out_of_budget()) {
      enqueue_advance(node);
      return false;
    }
    ++progress.cursor;
    Item& item = open_item(node, index);
    item.cursor = (progress.cursor - 1) % width + 1;
    if (flow->task(next).disabled) continue;
    ++item.open;
    make_child(node, next, *item.scope, node.values[static_cast<std::size_t>(index)], index);
  }
  return true;
}

std::optional<int> Frontier::integer_property(Node& node, std::string_view name, int otherwise) {
  const expression::Property* property = task_of(node).property(name);
  if (!property || property->source().is_null()) return otherwise;
  if (property->source().is_int64()) return static_cast<int>(property->source().as_int64());
  const TaskVariables variables(*this, node, property->source());
  auto text = property->render_text(variables, environment_of(*this, node, name));
  if (!text) {
    if (const auto* needs = std::get_if<expression::Needs>(&text.error())) park(node, *needs);
    else fail_flowable(node, std::get<Error>(text.error()).message);
    return std::nullopt;
  }
  int value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc{} || read.ptr != text->data() + text->size() || value < 0) {
    fail_flowable(node, fmt::format("`{}` must be a whole number of 0 or more, but it is `{}`", name, *text));
    return std::nullopt;
  }
  return value;
}

}  // namespace insula::execution
