#include "store/postgres_for_tests.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

extern char** environ;

namespace insula::store {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "postgres_for_tests: {}. Set INSULA_TEST_POSTGRES or install postgresql-15.\n", why);
  std::exit(1);
}

std::string program(const std::string& name) {
  for (const char* folder : {"/usr/lib/postgresql/17/bin/", "/usr/lib/postgresql/16/bin/", "/usr/lib/postgresql/15/bin/", "/usr/local/bin/", "/usr/bin/"}) {
    if (fs::exists(folder + name)) return folder + name;
  }
  give_up(name + " was not found");
}

// As user `postgres` when we are root, which initdb refuses to be.
pid_t start(std::vector<std::string> command, const std::string& log) {
  if (geteuid() == 0) command.insert(command.begin(), {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT"});
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) give_up(command[0] + " cannot be started");
  return pid;
}

class Cluster {
 public:
  Cluster() {
    std::string pattern = (fs::temp_directory_path() / "insula-postgres-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) give_up("no temporary folder");
    folder_ = pattern;
    fs::permissions(folder_, fs::perms::all);
    const std::string log = folder_ + "/log", data = folder_ + "/data";
    int status = 0;
    // Locale C and UTF-8: as far as can be from a database that sorts and folds by itself.
    waitpid(start({program("initdb"), "-D", data, "-U", "insula", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"}, log), &status, 0);
    if (status != 0) give_up("initdb failed, see " + log);
    server_ = start({program("postgres"), "-D", data, "-k", folder_, "-c", "listen_addresses=", "-c", "fsync=on", "-c", "max_connections=60"}, log);
    connection_ = fmt::format("host={} user=insula dbname=postgres", folder_);
    while (PQping(connection_.c_str()) != PQPING_OK) {
      if (waitpid(server_, &status, WNOHANG) == server_) give_up("postgres ended, see " + log);
      std::this_thread::yield();
    }
    // A superuser is above row-level security: the suite, like a real server, connects as somebody else.
    const std::unique_ptr<PGconn, decltype(&PQfinish)> owner(PQconnectdb(connection_.c_str()), &PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> made(PQexec(owner.get(), "create role insula_server login; grant create on database postgres to insula_server"), &PQclear);
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) give_up(PQerrorMessage(owner.get()));
    connection_ = fmt::format("host={} user=insula_server dbname=postgres", folder_);
  }
  ~Cluster() {
    kill(server_, SIGINT);  // a fast shutdown
    int status = 0;
    waitpid(server_, &status, 0);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  const std::string& connection() const { return connection_; }

 private:
  std::string folder_, connection_;
  pid_t server_ = 0;
};

}  // namespace

const std::string& postgres_for_tests() {
  static const std::string given = std::getenv("INSULA_TEST_POSTGRES") != nullptr ? std::getenv("INSULA_TEST_POSTGRES") : "";
  if (!given.empty()) return given;
  static const Cluster cluster;
  return cluster.connection();
}

}  // namespace insula::store
