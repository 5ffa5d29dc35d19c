#include "flow/model.h"

namespace insula::flow {
namespace {
constexpr std::array<std::string_view, 5> kLevels = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR"};

bool holds(const Branch& branch, TaskIndex index) { return std::ranges::find(branch.tasks, index) != branch.tasks.end(); }
}  // namespace

std::string_view to_string(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  const auto found = std::ranges::find(kLevels, text);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kLevels.begin());
}

const Branch* Task::branch(std::string_view name, std::string_view key) const {
  const auto found = std::ranges::find_if(branches, [&](const Branch& branch) { return branch.name == name && branch.key == key; });
  return found == branches.end() ? nullptr : &*found;
}

const expression::Property* Task::property(std::string_view name) const {
  const auto found = compiled.find(name);
  return found == compiled.end() ? nullptr : &found->second;
}

const Task* Flow::find(const TaskId& task_id) const {
  const auto found = std::ranges::find(tasks, task_id, &Task::id);
  return found == tasks.end() ? nullptr : &*found;
}

const Trigger* Flow::find(const TriggerId& trigger_id) const {
  const auto found = std::ranges::find(triggers, trigger_id, &Trigger::id);
  return found == triggers.end() ? nullptr : &*found;
}

const Branch& Flow::branch_of(TaskIndex index) const {
  const TaskIndex parent = task(index).parent;
  if (parent == kNoTask) {
    for (const Branch* branch : {&main, &errors, &finally, &after_execution})
      if (holds(*branch, index)) return *branch;
    for (const Listener& listener : listeners)
      if (holds(listener.tasks, index)) return listener.tasks;
  } else {
    for (const Branch& branch : task(parent).branches)
      if (holds(branch, index)) return branch;
  }
  assertion_failed("every task stands in a branch", __FILE__, __LINE__);
}

}  // namespace insula::flow
