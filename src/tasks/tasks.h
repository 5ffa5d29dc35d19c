// The door of `tasks`: what a task does when it runs on a worker. A task type is one file: its properties, outputs and documentation (register_…)
// beside its code (run). It sees rendered properties, a log, a file area and a cancel flag; never the store: what is about the tenant goes
// through Platform, which the engine implements.
//
// Threads: run_job() blocks its thread until the attempt has ended; task types have no state, so many jobs may run at once.
#pragma once
#include "flow/flow.h"
#include "tasks/context.h"
#include "tasks/ports.h"

namespace insula::tasks {

struct JobResult {
  enum class State { success, warning, failed, killed } state = State::success;
  JsonObject outputs = {};
  std::string error = {};                   // of `failed`: logged at ERROR by run_job(); also here for the engine
  std::vector<flow::Label> labels = {};     // to be added to the execution
  std::vector<JsonObject> metrics = {};     // {name, type: counter|timer|gauge, value, tags}, as a script told them

  static JobResult success(JsonObject outputs = {}) { return {State::success, std::move(outputs), {}, {}, {}}; }
  static JobResult failed(std::string message, JsonObject outputs = {}) { return {State::failed, std::move(outputs), std::move(message), {}, {}}; }
  static JobResult failed(const Error& error) { return failed(error.message); }
};

class TaskType {
 public:
  virtual ~TaskType() = default;
  virtual JobResult run(JobContext& context) const = 0;
};

// Adds every type of this folder to the catalog (task and taskRunner types).
void register_types(flow::Catalog& catalog);
// By canonical type; nullptr when no worker of this build knows it.
const TaskType* find_type(std::string_view canonical_type);

// One attempt: makes and removes the scratch folder, masks secrets, enforces timeout and limits, turns exceptions into failures. A cancelled attempt is
// `killed`, one past its timeout `failed`. Never throws.
JobResult run_job(JobSetup setup);

// Removes a folder that tasks worked in, also what they made unreadable for its owner; tells the log when it cannot.
void remove_folder(const std::filesystem::path& folder);

}  // namespace insula::tasks
