// What `outputs.<task>` and `tasks.<task>` mean when they are built from rows: the answers to the Lookups `outputs` and `tasks` of a Step.
#pragma once
#include "execution/model.h"

namespace insula::execution {

// `outputs.<task>`: the outputs themselves, or nested by the values of the enclosing iterations, outermost first, then by its own value
// (sharp edge 25). `rows`: all task runs of `task` and those of its enclosing flowables (others are ignored). Null when no task run of the
// task has outputs: the name is undefined.
Json outputs_of(const flow::Flow& flow, const TaskId& task, const std::vector<TaskRun>& rows);
// `tasks.<task>`: `{state}`, or by its own value only `{v: {state}}` as 1.3 does. Null when there is no such task run.
Json state_of(const TaskId& task, const std::vector<TaskRun>& rows);

// The whole of `outputs` and `tasks` from all rows of an execution.
JsonObject all_outputs(const flow::Flow& flow, const std::vector<TaskRun>& rows);
JsonObject all_states(const std::vector<TaskRun>& rows);

// The tasks whose rows outputs_of needs: the task itself and its enclosing flowables that may carry values.
std::vector<TaskId> rows_needed(const flow::Flow& flow, const TaskId& task);

// Answers the Lookups `outputs` and `tasks` ({"key": …}, or without a key: all) from rows; nothing for any other lookup.
std::optional<expression::Answer> answer_from_rows(const flow::Flow& flow, const expression::Lookup& lookup, const std::vector<TaskRun>& rows);

}  // namespace insula::execution
