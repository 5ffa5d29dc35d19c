// The door of `access`: who may do what, and how people and programs prove who they are. Pure: salts, keys and instants are arguments (hashing
// a password takes about 30 ms of CPU and 19 MiB: call it off the I/O threads). Nothing here is thread-safe by itself except const use.
//
// Invariant: rights only add up. There is no deny; more grants never take a right away.
#pragma once
#include "access/credential_cache.h"
#include "access/credentials.h"
#include "access/grants.h"
#include "access/password.h"
#include "access/permissions.h"
#include "access/tenant_id.h"
#include "access/token.h"
