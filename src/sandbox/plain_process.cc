#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "sandbox/embedded.h"
#include "sandbox/lines.h"
#include "sandbox/protocol.h"
#include "sandbox/sandbox.h"

namespace insula::sandbox {
namespace {

using Moment = std::chrono::steady_clock::time_point;

std::unexpected<Error> out_of(std::string_view what, int error) {
  return fail(ErrorKind::unavailable, "process-failed", fmt::format("No process can be started now: {} ({}).", what, std::strerror(error)));
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

// Clear of the numbers 0–3 that the launcher gets, so that one dup2 cannot overwrite the source of the next.
Descriptor above_standard(int fd) {
  const Descriptor low(fd);
  return Descriptor(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 10));
}

struct Channel {
  Descriptor ours, theirs;
};

Channel make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  Channel channel{above_standard(ends[0]), above_standard(ends[1])};
  if (channel.ours) ::fcntl(channel.ours.get(), F_SETFL, O_NONBLOCK);
  return channel;
}

Channel make_control() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return {};
  return {above_standard(ends[0]), above_standard(ends[1])};
}

// Standard input as a file in memory: a process that reads late, or never, blocks nobody.
Descriptor make_input(const std::string& text) {
  if (text.empty()) return above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Descriptor file = above_standard(::memfd_create("input", MFD_CLOEXEC));
  for (std::string_view rest = text; file && !rest.empty();) {
    const ssize_t count = ::write(file.get(), rest.data(), rest.size());
    if (count < 0 && errno != EINTR) return Descriptor();
    if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
  }
  if (file) ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// Kills what carries the token in its environment; for the case that somebody killed the launcher.
void kill_by_token(const std::string& variable) {
  for (int pass = 0; pass < 100; ++pass) {
    bool found = false;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
      const std::string name = entry.path().filename().string();
      if (name.empty() || name.front() < '1' || name.front() > '9') continue;
      std::ifstream file(entry.path() / "environ", std::ios::binary);
      const std::string environment{std::istreambuf_iterator<char>(file), {}};
      if (!environment.contains(variable)) continue;
      found = ::kill(static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10)), SIGKILL) == 0 || found;
    }
    if (!found) return;
  }
}

// One launcher with its streams. Destroyed early, it closes the control socket, which makes the launcher kill the tree, and waits for it.
class Tree {
 public:
  Tree() = default;
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() {
    control_.ours.close();
    reap();
  }

  Result<void> start(const Command& command);
  void order(char what) { static_cast<void>(::send(control_.ours.get(), &what, 1, MSG_NOSIGNAL)); }
  int control() const { return control_.ours.get(); }
  Descriptor& out() { return out_.ours; }
  Descriptor& error() { return error_.ours; }
  const std::string& token() const { return token_; }
  void reap() {
    if (launcher_ <= 0) return;
    while (::waitpid(launcher_, nullptr, 0) < 0 && errno == EINTR) {}
    launcher_ = -1;
  }

 private:
  Result<void> spawn(const Command& command, int input);
  Channel control_, out_, error_;
  pid_t launcher_ = -1;
  std::string token_ = "INSULA_JOB=" + hex_encode(random_bytes(16));
};

Result<void> Tree::start(const Command& command) {
  control_ = make_control();
  out_ = make_pipe();
  error_ = make_pipe();
  const Descriptor input = make_input(command.input);
  for (const Channel* channel : {&control_, &out_, &error_}) {
    if (!channel->ours || !channel->theirs) return out_of("no descriptors are left", errno);
  }
  if (!input) return out_of("no place for its input", errno);
  if (Result<void> spawned = spawn(command, input.get()); !spawned) return spawned;
  for (Channel* channel : {&control_, &out_, &error_}) channel->theirs.close();
  return {};
}

Result<void> Tree::spawn(const Command& command, int input) {
  const Result<std::string> launcher = launcher_path();
  if (!launcher) return fail(launcher.error());
  std::vector<std::string> environment;
  for (const auto& [name, value] : command.env) environment.push_back(name + "=" + value);
  environment.push_back(token_);
  const std::string folder = command.working_folder.string();
  std::vector<char*> argv{const_cast<char*>("insula-launcher"), const_cast<char*>(folder.c_str())}, envp;
  for (const std::string& argument : command.argv) argv.push_back(const_cast<char*>(argument.c_str()));
  for (std::string& variable : environment) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out_.theirs.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, error_.theirs.get(), 2);
  ::posix_spawn_file_actions_adddup2(&actions, control_.theirs.get(), kControlDescriptor);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  // A session of its own: no signal typed at the server's terminal reaches the launcher.
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  const int error = ::posix_spawn(&launcher_, launcher->c_str(), &actions, &attributes, argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error == 0) return {};
  launcher_ = -1;
  if (error == E2BIG) return fail(ErrorKind::invalid, "process-not-started", "Cannot run the program: its arguments and environment are too long together (the system allows about 2 MiB).");
  return out_of("the launcher did not start", error);
}

// The loop of one run.
class Watch {
 public:
  Watch(Tree& tree, const Command& command, const Limits& limits, const Output& output, const CancelFlag& cancel)
      : tree_(tree), command_(command), limits_(limits), cancel_(cancel), out_(limits.output_line_bytes_max, output.out), error_(limits.output_line_bytes_max, output.error) {
    if (limits.timeout) deadline_ = std::chrono::steady_clock::now() + *limits.timeout;
    if (cancel.deadline()) deadline_ = std::min(deadline_.value_or(*cancel.deadline()), *cancel.deadline());
  }

  Result<Exit> run() {
    while (connected_) turn();
    tree_.reap();
    if (!status_ && started_) kill_by_token(tree_.token());
    for (bool more = true; more;) {
      const bool out = read(tree_.out(), out_), error = read(tree_.error(), error_);
      more = out || error;
    }
    out_.finish();
    error_.finish();
    return result();
  }

 private:
  void turn() {
    const Moment now = std::chrono::steady_clock::now();
    decide(now);
    std::array<pollfd, 4> waits{{{tree_.control(), POLLIN, 0}, {tree_.out().get(), POLLIN, 0}, {tree_.error().get(), POLLIN, 0}, {stop_ || killed_ ? -1 : cancel_.wake_descriptor(), POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), wait_ms(now));
    // Output before the control socket, so that nothing is left unread when the end is told.
    if (waits[1].revents != 0) read(tree_.out(), out_);
    if (waits[2].revents != 0) read(tree_.error(), error_);
    if (waits[0].revents != 0) hear();
  }

  // Stops the tree when it is time to.
  void decide(Moment now) {
    if (killed_) return;
    if (!stop_ && !status_) {
      const CancelReason reason = cancel_.reason();
      if (reason != CancelReason::none && reason != CancelReason::timed_out) stop_ = Exit::How::killed;
      else if (reason == CancelReason::timed_out || (deadline_ && now >= *deadline_)) stop_ = Exit::How::timed_out;
      if (stop_) {
        tree_.order(kTerminate);
        kill_at_ = now + limits_.kill_grace;
      }
    }
    // What the main process left behind may finish its output, but no longer than the grace, and not when the work is cancelled.
    const bool is_silent = !tree_.out() && !tree_.error();
    const bool is_over = status_ && (is_silent || stop_ || cancel_.is_cancelled() || (deadline_ && now >= *deadline_));
    if (is_over || (kill_at_ && now >= *kill_at_)) {
      tree_.order(kKill);
      killed_ = true;
    }
  }

  int wait_ms(Moment now) const {
    std::optional<Moment> next = kill_at_;
    if (!stop_ && deadline_) next = std::min(next.value_or(*deadline_), *deadline_);
    if (killed_ || !next) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - now).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }

  void hear() {
    Report report{};
    const ssize_t count = ::recv(tree_.control(), &report, sizeof report, 0);
    if (count < 0 && errno == EINTR) return;
    if (count != static_cast<ssize_t>(sizeof report)) {
      connected_ = false;
    } else if (report.what == Report::started) {
      started_ = true;
    } else if (report.what == Report::not_started) {
      start_error_ = report.value;
    } else {
      status_ = report.value;
      kill_at_ = std::chrono::steady_clock::now() + limits_.kill_grace;
    }
  }

  // False when there was nothing (now, or any more).
  bool read(Descriptor& stream, LineReader& lines) {
    if (!stream) return false;
    std::array<char, 64u << 10> buffer;
    const ssize_t count = ::read(stream.get(), buffer.data(), buffer.size());
    if (count > 0) {
      lines.feed({buffer.data(), static_cast<std::size_t>(count)});
      return true;
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) stream.close();
    return false;
  }

  Result<Exit> result() const {
    if (start_error_) {
      const int error = *start_error_;
      if (error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE) return out_of("out of processes, memory or descriptors", error);
      return fail(ErrorKind::invalid, "process-not-started",
                  fmt::format("Cannot run program \"{}\" (in directory \"{}\"): {}", command_.argv.front(), command_.working_folder.filename().string(), std::strerror(error)));
    }
    if (stop_) return Exit{*stop_, 0};
    if (!status_) return started_ ? Result<Exit>(Exit{Exit::How::signalled, SIGKILL}) : out_of("the launcher ended early", EIO);
    if (WIFSIGNALED(*status_)) return Exit{Exit::How::signalled, WTERMSIG(*status_)};
    return Exit{Exit::How::exited, WEXITSTATUS(*status_)};
  }

  Tree& tree_;
  const Command& command_;
  const Limits& limits_;
  const CancelFlag& cancel_;
  LineReader out_, error_;
  bool connected_ = true, started_ = false, killed_ = false;
  std::optional<int> start_error_, status_;
  std::optional<Exit::How> stop_;
  std::optional<Moment> deadline_, kill_at_;
};

bool has_nul(const Command& command) {
  const auto holds = [](const std::string& text) { return text.contains('\0'); };
  return std::ranges::any_of(command.argv, holds) || std::ranges::any_of(command.env, [&](const auto& variable) { return holds(variable.first) || variable.first.contains('=') || holds(variable.second); });
}

}  // namespace

Result<Exit> PlainProcess::run(const Command& command, const Limits& limits, const Output& output, const CancelFlag& cancel) {
  INSULA_ASSERT(!command.argv.empty());
  if (has_nul(command)) return fail(ErrorKind::invalid, "process-not-started", "Cannot run the program: an argument or environment variable has a zero byte, or a variable's name has '='.");
  std::error_code ignored;
  if (!std::filesystem::is_directory(command.working_folder, ignored)) {
    return fail(ErrorKind::invalid, "process-not-started", fmt::format("Cannot run program \"{}\": its working folder does not exist.", command.argv.front()));
  }
  if (cancel.is_cancelled()) return Exit{cancel.reason() == CancelReason::timed_out ? Exit::How::timed_out : Exit::How::killed, 0};
  Tree tree;
  if (Result<void> started = tree.start(command); !started) return fail(started.error());
  return Watch(tree, command, limits, output, cancel).run();
}

}  // namespace insula::sandbox
