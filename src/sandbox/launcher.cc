// The launcher: a tiny static program between the server and a process. It is the reaper (PR_SET_CHILD_SUBREAPER) of everything that the process starts:
// what detaches itself (double fork, setsid, cleared environment) becomes its child, so nothing can get lost. It ends when no descendant is left.
//
//   launcher FOLDER PROGRAM ARGUMENT…      standard streams and environment are the process's; descriptor 3 is the control socket (protocol.h)
//
// The server embeds it and runs it from memory. No C++ library, no allocation: it stays small, and forking it costs nothing.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox/protocol.h"

namespace {

using insula::sandbox::Report;

constexpr int kProcessesMax = 32'768;

struct Process {
  pid_t pid, parent;
  bool ours;
};
Process g_processes[kProcessesMax];

void report(Report::What what, int value) {
  const Report message{what, value};
  // The server may be gone; then there is nobody to tell.
  static_cast<void>(send(insula::sandbox::kControlDescriptor, &message, sizeof message, MSG_NOSIGNAL));
}

// The parent of a process from /proc/<pid>/stat: the field after the name, which may itself contain spaces and brackets.
pid_t parent_of(const char* pid_text) {
  char path[64] = "/proc/";
  if (strlen(pid_text) > 20) return -1;
  strcat(path, pid_text);
  strcat(path, "/stat");
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  char text[512];
  const ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  if (count <= 0) return -1;
  text[count] = '\0';
  const char* after_name = strrchr(text, ')');
  if (after_name == nullptr || strlen(after_name) < 4) return -1;
  if (after_name[2] == 'Z') return -1;  // already dead, waits for its parent
  return atoi(after_name + 4);
}

// All processes of the machine, with `ours` set for the descendants of this one. The number of entries; -1 without /proc.
int find_descendants() {
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return -1;
  int count = 0;
  while (const dirent* entry = readdir(proc)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || count == kProcessesMax) continue;
    const pid_t parent = parent_of(entry->d_name);
    if (parent >= 0) g_processes[count++] = {atoi(entry->d_name), parent, false};
  }
  closedir(proc);
  const pid_t self = getpid();
  for (bool found = true; found;) {
    found = false;
    for (int i = 0; i < count; ++i) {
      if (g_processes[i].ours) continue;
      bool is_child = g_processes[i].parent == self;
      for (int j = 0; !is_child && j < count; ++j) is_child = g_processes[j].ours && g_processes[j].pid == g_processes[i].parent;
      if (is_child) g_processes[i].ours = found = true;
    }
  }
  return count;
}

int signal_descendants(int signal) {
  const int count = find_descendants();
  int signalled = 0;
  for (int i = 0; i < count; ++i) {
    if (g_processes[i].ours && kill(g_processes[i].pid, signal) == 0) ++signalled;
  }
  return count < 0 ? -1 : signalled;
}

// True when no child is left. Tells the end of the main process once.
bool reap(pid_t main_process) {
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid == 0) return false;
    if (pid < 0) return errno == ECHILD;
    if (pid == main_process) report(Report::ended, status);
  }
}

// Frozen first, so that nobody forks away from under the search; two passes that find the same number mean that all stand still.
void kill_everything(pid_t main_process, int signals) {
  for (;;) {
    for (int pass = 0, last = -1; pass < 50; ++pass) {
      const int now = signal_descendants(SIGSTOP);
      if (now == last) break;
      last = now;
    }
    if (signal_descendants(SIGKILL) < 0) kill(-main_process, SIGKILL);
    if (reap(main_process)) return;
    // Woken by the next death; looked again after 20 ms in any case, because a child that arrived by adoption wakes nobody.
    pollfd wait{signals, POLLIN, 0};
    poll(&wait, 1, 20);
    signalfd_siginfo ignored;
    static_cast<void>(!read(signals, &ignored, sizeof ignored));
  }
}

[[noreturn]] void become(char** arguments, int failure, pid_t launcher) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launcher) _exit(127);  // the launcher died before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (chdir(arguments[1]) == 0) execvp(arguments[2], arguments + 2);
  const int error = errno;
  static_cast<void>(!write(failure, &error, sizeof error));
  _exit(127);
}

void detach_streams() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int stream = 0; stream < 3; ++stream) {
    if (null >= 0) dup2(null, stream);
    else close(stream);
  }
}

int serve(pid_t main_process, int signals) {
  for (;;) {
    pollfd waits[2] = {{insula::sandbox::kControlDescriptor, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(waits, 2, -1) < 0 && errno != EINTR) {
      kill_everything(main_process, signals);
      return 1;
    }
    if (waits[1].revents != 0) {
      signalfd_siginfo ignored;
      static_cast<void>(!read(signals, &ignored, sizeof ignored));
      if (reap(main_process)) return 0;
    }
    if (waits[0].revents == 0) continue;
    char order = 0;
    const ssize_t count = read(insula::sandbox::kControlDescriptor, &order, 1);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count == 1 && order == insula::sandbox::kTerminate) {
      kill(-main_process, SIGTERM);
      kill(-main_process, SIGCONT);  // a stopped process takes the signal only then
      continue;
    }
    kill_everything(main_process, signals);
    return 0;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  prctl(PR_SET_NAME, "insula-launcher");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  // What became somebody else's through set-uid could not be killed; root can kill all.
  if (geteuid() != 0) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  syscall(SYS_close_range, 4U, ~0U, 0U);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, nullptr);
  const int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  int failure[2];
  if (signals < 0 || pipe2(failure, O_CLOEXEC) != 0 || fcntl(insula::sandbox::kControlDescriptor, F_SETFD, FD_CLOEXEC) != 0) {
    report(Report::not_started, errno);
    return 1;
  }
  const pid_t self = getpid();
  const pid_t main_process = fork();
  if (main_process == 0) become(arguments, failure[1], self);
  if (main_process < 0) {
    report(Report::not_started, errno);
    return 1;
  }
  close(failure[1]);
  int error = 0;
  const ssize_t failed = read(failure[0], &error, sizeof error);
  close(failure[0]);
  detach_streams();
  if (failed > 0) {
    report(Report::not_started, error);
    return 1;
  }
  report(Report::started, main_process);
  return serve(main_process, signals);
}
