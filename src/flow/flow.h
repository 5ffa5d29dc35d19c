// The door of `flow`: what a user writes. YAML text → tree with positions → checked → compiled Flow; inputs bound; plugin defaults applied.
//
// Pure. A compiled Flow is immutable and shared between threads. It keeps the source text byte for byte (the truth, sharp edge 2), the parsed
// tree as JSON (what the API shows) and the task list with every expression compiled once.
#pragma once
#include "flow/catalog.h"
#include "flow/inputs.h"
#include "flow/model.h"
#include "flow/read.h"
#include "flow/yaml.h"
