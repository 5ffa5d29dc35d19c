// The door of `execution`: the rules of a run. Event in → changes and commands out; no I/O, no clock, no threads, no randomness.
//
// A Run is the frontier of one execution in memory: its header, its task runs that are not terminal, the counters of its open flowables and
// the outputs that are still cheap to hold. Finished task runs leave memory as rows; what an expression later needs of them is asked for
// (Step::needs) and the task run that asked parks until the answers come. The cost of a step does not depend on how much the execution has
// already done (I6).
//
// The engine owns a Run, feeds it Events, commits Step::changes in one turn and only then acts on Step::commands (I1).
#pragma once
#include "execution/change.h"
#include "execution/model.h"
#include "execution/outputs.h"
#include "execution/run.h"
#include "execution/state.h"
#include "execution/types.h"
