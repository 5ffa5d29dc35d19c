#include "app/admin_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace insula::app {

namespace {

constexpr std::size_t kLineMax = 1u << 20;
constexpr int kReadTimeoutMs = 5'000;

bool address_of(const std::filesystem::path& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, text.data(), text.size());
  return true;
}

std::optional<std::string> read_line(int descriptor, int timeout_ms) {
  std::string line;
  char buffer[4096];
  while (line.size() < kLineMax) {
    pollfd waiting{descriptor, POLLIN, 0};
    if (::poll(&waiting, 1, timeout_ms) <= 0) return std::nullopt;
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count <= 0) return std::nullopt;
    line.append(buffer, static_cast<std::size_t>(count));
    if (const std::size_t end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
  }
  return std::nullopt;
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

sockaddr* generic(sockaddr_un& address) { return static_cast<sockaddr*>(static_cast<void*>(&address)); }

}  // namespace

Result<void> AdminSocket::start() {
  sockaddr_un address;
  if (!address_of(path_, address)) return fail(ErrorKind::unavailable, "admin-socket", fmt::format("the path {} is too long for a socket", path_.string()));
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::unlink(path_.c_str());  // left by a process that was killed; the lock says that it is gone
  const mode_t before = ::umask(0177);
  const bool bound = listener_ >= 0 && ::bind(listener_, generic(address), sizeof address) == 0 && ::listen(listener_, 8) == 0;
  ::umask(before);
  if (!bound || ::pipe2(wake_, O_CLOEXEC) != 0) return fail(ErrorKind::unavailable, "admin-socket", fmt::format("{} cannot be listened on: {}", path_.string(), std::strerror(errno)));
  thread_ = std::thread([this] { loop(); });
  return {};
}

void AdminSocket::stop() {
  if (thread_.joinable()) {
    const char byte = 0;
    static_cast<void>(!::write(wake_[1], &byte, 1));
    thread_.join();
  }
  for (int* descriptor : {&listener_, &wake_[0], &wake_[1]}) {
    if (*descriptor >= 0) ::close(std::exchange(*descriptor, -1));
  }
  ::unlink(path_.c_str());
}

void AdminSocket::loop() {
  for (;;) {
    pollfd waiting[2] = {{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    serve(connection);
    ::close(connection);
  }
}

void AdminSocket::serve(int connection) {
  const auto line = read_line(connection, kReadTimeoutMs);
  if (!line) return;
  JsonObject answer;
  const auto request = parse_json(*line);
  if (!request || !request->is_object()) {
    answer = {{"ok", false}, {"message", "the request must be a JSON object"}};
  } else if (auto done = handler_(text_or(request->get_object(), "command"), request->get_object()); done) {
    answer = std::move(*done);
    answer["ok"] = true;
  } else {
    answer = {{"ok", false}, {"code", done.error().code}, {"message", done.error().message}};
  }
  write_all(connection, write_json(answer) + "\n");
}

Result<JsonObject> AdminSocket::call(const std::filesystem::path& path, const std::string& command, JsonObject arguments) {
  sockaddr_un address;
  if (!address_of(path, address)) return fail(ErrorKind::unavailable, "server-away", "the path of the socket is too long");
  const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0 || ::connect(connection, generic(address), sizeof address) != 0) {
    if (connection >= 0) ::close(connection);
    return fail(ErrorKind::unavailable, "server-away", fmt::format("no server answers at {}", path.string()));
  }
  arguments["command"] = command;
  std::optional<std::string> line;
  if (write_all(connection, write_json(arguments) + "\n")) line = read_line(connection, 60'000);
  ::close(connection);
  auto answer = line ? parse_json(*line) : Result<Json>(fail(ErrorKind::unavailable, "server-away", "the server did not answer"));
  if (!answer) return fail(answer.error());
  JsonObject& object = answer->as_object();
  const Json* ok = find(object, "ok");
  if (ok == nullptr || !ok->is_bool() || !ok->get_bool()) return fail(ErrorKind::invalid, text_or(object, "code", "refused"), text_or(object, "message"));
  return std::move(object);
}

}  // namespace insula::app
