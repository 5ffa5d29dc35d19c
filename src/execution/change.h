// What a step gives back: rows to write, commands to act on after the commit, lookups to answer.
#pragma once
#include "execution/model.h"

namespace insula::execution {

struct Changes {
  bool header_changed = false;           // write Run::header()
  std::vector<TaskRun> task_runs;        // new or changed rows, each once, in its final form of this step
  std::vector<TaskRunId> removed;        // rows that no longer count (error branch at a restart, LoopUntil's old iteration)
  std::vector<LogLine> logs;
};

// Hand this task run to a worker. The engine gives it `variables` and the compiled task; the worker renders and runs.
struct SubmitJob {
  TaskRunId task_run_id;
  flow::TaskIndex task = flow::kNoTask;
  int attempt = 0;                       // 0-based number of the attempt
  JsonObject variables;                  // roots that its expressions may read; `outputs` and `tasks` only as far as named
  std::optional<Duration> timeout;
  std::uint64_t seed = 0;
  // A WorkingDirectory hands out two jobs of its own: before its children (files into the folder) and after them (files out of it).
  enum class Part : std::uint8_t { whole, open_folder, close_folder } part = Part::whole;
  std::optional<TaskRunId> session;      // the WorkingDirectory in whose folder it works
  bool session_begun = false;            // a job has ended in that folder before: it must be there
};
// Stop a job: its result is not accepted any more. The task run has ended when the command is acted on: `attempt` tells which job it was.
struct CancelJob { TaskRunId task_run_id; int attempt = 0; };

// Wake the run at `due` with Event TimerFired{key}; one timer per key, a later one replaces it. Keys: task run id + purpose.
struct SetTimer { std::string key; Instant due; };
struct ClearTimer { std::string key; };

// Start another execution of this tenant in the same turn; answered at once by SubflowStarted or SubflowRefused.
struct StartSubflow {
  TaskRunId task_run_id;
  Namespace ns;
  FlowId flow_id;
  std::optional<int> revision;
  JsonObject inputs;
  std::vector<Label> labels;
  bool wait = true;
  std::optional<Instant> schedule_date;
  TriggerInfo trigger;
  Namespace calling_namespace;
  std::optional<int> batch = {};         // of a ForEachItem: which one, from 0
};
// An existing child is to be killed / restarted (RETRY_FAILED) with its parent.
struct KillSubflow { ExecutionId execution_id; };
// All that this part of a ForEachItem has started and waits for.
struct KillBatches { TaskRunId task_run_id; };
struct RestartSubflow { TaskRunId task_run_id; ExecutionId execution_id; };
// core.execution.Resume: resume another execution of this tenant.
struct ResumeOther { TaskRunId task_run_id; ExecutionId execution_id; JsonObject inputs; };

// This execution, a child with a waiting parent, changed state in a way the parent must know (terminal, or PAUSED).
struct NotifyParent { ParentLink parent; State state; };
// Retry with CREATE_NEW_EXECUTION: at `due`, replay this execution as a new one with attemptNumber + 1.
struct CreateNewExecution { Instant due; };
// A WorkingDirectory has ended, in whatever way: its folder is not needed any more.
struct EndSession { TaskRunId task_run_id; };
// The execution reached a terminal state in this step: release its concurrency slot, count it, unlock its trigger, drop the Run from memory.
struct Ended { State state; };

using Command = std::variant<SubmitJob, CancelJob, SetTimer, ClearTimer, StartSubflow, KillSubflow, KillBatches, RestartSubflow, ResumeOther, NotifyParent, CreateNewExecution, EndSession, Ended>;

// A question of a parked task run; the engine answers with Event Answered.
struct Need {
  TaskRunId task_run_id;                 // empty: the execution itself (flow outputs, labels…)
  expression::Lookup lookup;
};

struct Step {
  Changes changes;
  std::vector<Command> commands;         // in order
  std::vector<Need> needs;
  bool more = false;                     // stopped at the budget of one turn: call Run::proceed() again
  std::optional<Error> refused;          // the event was not allowed in this state (kind conflict or invalid): nothing changed
};

}  // namespace insula::execution
