// The door of `base`: the words every folder uses. Pure but for the log and SystemClock; no state of its own.
// Entry rule: it could have been in the standard library of this product.
#pragma once
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
