// The jq worker: runs jq programs for the server, one after another, under limits of its own. libjq ends its process when memory runs out, and overflows
// the stack on values that nest too deeply, so it runs nowhere else; the server starts another worker. No environment, no further files, no C++ library.
//
//   standard input: a socket; requests and answers as in jq_protocol.h. It ends when the socket does.
//
// The server embeds it and runs it from memory.
extern "C" {
#include <jq.h>
#include <jv.h>
}
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox/jq_protocol.h"

namespace {

using insula::sandbox::JqAnswer;
using insula::sandbox::JqRequest;

constexpr int kKeptMax = 16;  // compiled programs: starting libjq takes about 20 ms

struct Engine {
  jq_state* state;
  char* program;
  std::uint64_t used;         // number of the request that used it last
};
Engine g_engines[kKeptMax];
std::uint64_t g_requests = 0;
std::uint64_t g_steps_left = 0;
bool g_spent = false;
jq_state* g_running = nullptr;

bool receive(void* to, std::size_t bytes) {
  for (char* at = static_cast<char*>(to); bytes > 0;) {
    const ssize_t count = read(0, at, bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += count;
    bytes -= static_cast<std::size_t>(count);
  }
  return true;
}

void send_all(const void* from, std::size_t bytes) {
  for (const char* at = static_cast<const char*>(from); bytes > 0;) {
    const ssize_t count = send(0, at, bytes, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(0);  // the server is gone, or has heard enough
    at += count;
    bytes -= static_cast<std::size_t>(count);
  }
}

void answer(JqAnswer::What what, const char* text = nullptr, std::size_t bytes = 0) {
  const JqAnswer head{what, static_cast<std::uint32_t>(bytes)};
  send_all(&head, sizeof head);
  if (bytes > 0) send_all(text, bytes);
}

void on_error(void*, jv message) { jv_free(message); }

// Whatever may go on for ever calls `debug` (expression/jq_program.cc).
void on_step(void*, jv value) {
  jv_free(value);
  if (g_steps_left > 0) {
    --g_steps_left;
    return;
  }
  g_spent = true;
  jq_halt(g_running, jv_invalid(), jv_invalid());
}

jq_state* compiled(const char* program) {
  Engine* oldest = &g_engines[0];
  for (Engine& engine : g_engines) {
    if (engine.state && strcmp(engine.program, program) == 0) {
      engine.used = g_requests;
      return engine.state;
    }
    if (engine.used < oldest->used) oldest = &engine;
  }
  if (oldest->state) jq_teardown(&oldest->state);
  free(oldest->program);
  *oldest = {jq_init(), strdup(program), g_requests};
  if (!oldest->state || !oldest->program) _exit(1);
  jq_set_error_cb(oldest->state, on_error, nullptr);
  jq_set_debug_cb(oldest->state, on_step, nullptr);
  if (jq_compile(oldest->state, program)) return oldest->state;
  jq_teardown(&oldest->state);
  free(oldest->program);
  *oldest = {};
  return nullptr;
}

void run(jq_state* state, jv input) {
  jq_start(state, input, 0);
  for (;;) {
    jv next = jq_next(state);
    if (g_spent) {
      jv_free(next);
      return answer(JqAnswer::too_long);
    }
    if (!jv_is_valid(next)) {
      const bool failed = jv_invalid_has_msg(jv_copy(next)) != 0;
      jv_free(next);
      return answer(failed ? JqAnswer::failed : JqAnswer::end);
    }
    jv text = jv_dump_string(next, 0);
    answer(JqAnswer::result, jv_string_value(text), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text))));
    jv_free(text);
  }
}

void set_limit(__rlimit_resource what, rlim_t value) {
  const rlimit limit{value, value};
  setrlimit(what, &limit);
}

// Of this request only: the hard limit stays away.
void limit_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const rlimit limit{static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + insula::sandbox::kJqSecondsMax + 1, RLIM_INFINITY};
  setrlimit(RLIMIT_CPU, &limit);
}

}  // namespace

int main() {
  syscall(SYS_close_range, 1U, ~0U, 0U);
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_NOFILE, 1);  // nothing can be opened
  set_limit(RLIMIT_FSIZE, 0);
  set_limit(RLIMIT_AS, insula::sandbox::kJqMemoryBytesMax);
  JqRequest request;
  while (receive(&request, sizeof request)) {
    ++g_requests;
    limit_time();
    char* program = static_cast<char*>(malloc(request.program_bytes + 1ULL));
    char* input = static_cast<char*>(malloc(request.input_bytes + 1ULL));
    if (!program || !input) return 1;
    if (!receive(program, request.program_bytes) || !receive(input, request.input_bytes)) return 0;
    program[request.program_bytes] = '\0';
    input[request.input_bytes] = '\0';
    g_steps_left = request.steps_max;
    g_spent = false;
    g_running = compiled(program);
    if (!g_running) {
      answer(JqAnswer::does_not_parse);
    } else {
      jv value = jv_parse_sized(input, static_cast<int>(request.input_bytes));
      if (jv_is_valid(value)) {
        run(g_running, value);
      } else {
        jv_free(value);
        answer(JqAnswer::failed);
      }
    }
    free(program);
    free(input);
  }
  return 0;
}
