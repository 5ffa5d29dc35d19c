// The door of `schedule`: when something is due. Cron texts, time zones with daylight saving, next and missed dates. Pure: the
// instant is always an argument; nothing here knows what the time is. (The zone tables themselves are read once, by date/tz.)
// All values are immutable; any thread may use them.
#pragma once
#include "schedule/cron.h"
#include "schedule/missed.h"
#include "schedule/zone.h"
