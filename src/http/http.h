// The door of `http`: an HTTP/1.1 server (RFC 9110, 9112) with uploads, files and event streams. Knows nothing of flows. Transport security
// belongs in front of it, or later into the three functions of Connection that touch the socket.
//
// Life cycle  Server(options, handler) → start() → … → stop(grace). start() binds and begins to serve, or says why it cannot; stop() is
//             idempotent, and the destructor calls it.
// A request   head read → options.admit(head) may refuse, before any byte of the body is read → body read whole (multipart/form-data is parsed
//             while it arrives, file parts go to disk) → handler(request, exchange) → exchange->respond(…) or exchange->start_stream(…).
// Threads     `threads` I/O threads, each with its own event loop and its own accepting socket (SO_REUSEPORT); a connection stays on the thread that
//             accepted it. `admit`, `handler`, on_gone and on_close callbacks run on that thread and must not block: long work is handed to other
//             threads, which may call Exchange and EventStream at any time, also after the client, the connection or the server has gone.
// Invariants  One request in flight per connection; later (pipelined) bytes wait. Every request gets exactly one answer: the first respond or
//             start_stream wins, later ones are ignored, and an Exchange that is dropped unanswered answers 500.
//             Nothing is unbounded: every size, count and time has a limit in Limits, and going over it has a status of its own.
//             Exceptions of handlers become 500 and a line in the log. Spooled files are removed unless taken.
// HEAD        reaches the handler as HEAD; answer as to GET, the body is left out here.
#pragma once
#include "http/exchange.h"
#include "http/headers.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"
