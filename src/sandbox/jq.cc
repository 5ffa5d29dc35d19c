#include "sandbox/jq.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sandbox/embedded.h"
#include "sandbox/jq_protocol.h"

namespace insula::sandbox {
namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr std::size_t large_bytes = 1u << 20;  // a worker that handled as much is not kept: its heap has grown

std::unexpected<Error> too_large() { return fail(ErrorKind::invalid, "expression-too-large", "The jq program needs more memory than is allowed."); }
std::unexpected<Error> too_slow() { return fail(ErrorKind::invalid, "expression-too-long", "The jq program takes more time than is allowed."); }

}  // namespace

class JqProcesses::Worker {
 public:
  static Result<std::unique_ptr<Worker>> start() {
    const Result<std::string> path = jq_worker_path();
    if (!path) return fail(path.error());
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return fail(ErrorKind::unavailable, "process-failed", "No jq process can be started now: no descriptors are left.", std::strerror(errno));
    auto worker = std::make_unique<Worker>();
    worker->socket_ = ends[0];
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    const int error = worker->spawn(*path, ends[1]);
    ::close(ends[1]);
    if (error != 0) return fail(ErrorKind::unavailable, "process-failed", "No jq process can be started now.", std::strerror(error));
    return worker;
  }

  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    if (socket_ >= 0) ::close(socket_);
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
  }

  // The worker can take another request only when this gave results or `jq-failed`.
  Result<std::vector<std::string>> run(std::string_view program, std::string_view input, std::size_t steps_max, const Limits& limits) {
    deadline_ = std::chrono::steady_clock::now() + limits.time;
    const JqRequest request{static_cast<std::uint32_t>(program.size()), static_cast<std::uint32_t>(input.size()), steps_max};
    ++requests_;
    usable_ = false;
    if (!send({reinterpret_cast<const char*>(&request), sizeof request}) || !send(program) || !send(input)) return broken();
    std::vector<std::string> results;
    for (std::size_t bytes = 0;;) {
      JqAnswer head{};
      if (!receive(reinterpret_cast<char*>(&head), sizeof head)) return broken();
      switch (head.what) {
        case JqAnswer::end: usable_ = requests_ < limits.requests_of_a_process_max && bytes + input.size() < large_bytes; return results;
        case JqAnswer::failed: case JqAnswer::does_not_parse:
          usable_ = requests_ < limits.requests_of_a_process_max && input.size() < large_bytes;
          return fail(ErrorKind::invalid, "jq-failed", head.what == JqAnswer::failed ? "The jq program failed." : "The jq program does not parse.");
        case JqAnswer::too_long: return fail(ErrorKind::invalid, "expression-too-long", fmt::format("The jq program takes more than {} steps.", steps_max));
        case JqAnswer::result: break;
        default: return fail(ErrorKind::internal, "process-failed", "The jq process answered something unknown.");
      }
      bytes += head.bytes;
      if (bytes > limits.output_bytes_max || results.size() >= limits.results_max) return too_large();
      std::string text(head.bytes, '\0');
      if (!receive(text.data(), text.size())) return broken();
      results.push_back(std::move(text));
    }
  }
  bool usable() const { return usable_; }
  bool is_fresh() const { return requests_ == 0; }

 private:
  int spawn(const std::string& path, int theirs) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&actions, theirs, 0);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    std::array<char*, 2> argv{const_cast<char*>("insula-jq"), nullptr};
    char* nothing = nullptr;
    const int error = ::posix_spawn(&pid_, path.c_str(), &actions, &attributes, argv.data(), &nothing);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) pid_ = -1;
    return error;
  }

  // False: too late.
  bool wait(short events) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now()).count();
      if (left <= 0) return !(late_ = true);
      pollfd one{socket_, events, 0};
      if (::poll(&one, 1, static_cast<int>(left)) > 0) return true;
    }
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
      else if (count < 0 && (errno == EAGAIN || errno == EINTR) && wait(POLLOUT)) continue;
      else return false;
    }
    return true;
  }
  bool receive(char* to, std::size_t bytes) {
    while (bytes > 0) {
      const ssize_t count = ::recv(socket_, to, bytes, 0);
      if (count > 0) {
        to += count;
        bytes -= static_cast<std::size_t>(count);
      } else if (count < 0 && (errno == EAGAIN || errno == EINTR) && wait(POLLIN)) {
        continue;
      } else {
        return false;
      }
    }
    return true;
  }
  // It does not answer any more: by its own limits, which end it, or by ours.
  std::unexpected<Error> broken() {
    if (late_) return too_slow();
    int status = 0;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    pid_ = -1;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return too_slow();
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return fail(ErrorKind::unavailable, "process-failed", "The jq process was killed by another process.");
    return too_large();
  }

  int socket_ = -1;
  pid_t pid_ = -1;
  Moment deadline_;
  bool late_ = false;
  bool usable_ = false;
  std::size_t requests_ = 0;
};

JqProcesses::JqProcesses() : JqProcesses(Limits{}) {}
JqProcesses::JqProcesses(Limits limits) : limits_(limits) {}
JqProcesses::~JqProcesses() = default;

Result<std::unique_ptr<JqProcesses::Worker>> JqProcesses::take() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Worker> worker = std::move(idle_.back());
      idle_.pop_back();
      return worker;
    }
  }
  return Worker::start();
}

void JqProcesses::give_back(std::unique_ptr<Worker> worker) {
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < limits_.processes_max) idle_.push_back(std::move(worker));
}

Result<std::vector<std::string>> JqProcesses::run(std::string_view program, std::string_view input, std::size_t steps_max) {
  if (input.size() > limits_.output_bytes_max) return too_large();
  for (;;) {
    Result<std::unique_ptr<Worker>> worker = take();
    if (!worker) return fail(worker.error());
    const bool fresh = (*worker)->is_fresh();
    Result<std::vector<std::string>> results = (*worker)->run(program, input, steps_max, limits_);
    if ((*worker)->usable()) give_back(std::move(*worker));
    // One that waited may have been killed meanwhile, by whoever makes room in the machine.
    if (!results && results.error().code == "process-failed" && !fresh) continue;
    return results;
  }
}

}  // namespace insula::sandbox
