// Calls to a running server, with its address and credentials.
#pragma once
#include "cli/cli.h"
#include "client/client.h"

namespace insula::cli {

class ServerSession {
 public:
  // Error: the context cannot be read.
  static Result<ServerSession> open(ServerAddress address);
  // A path below /api/v1/{tenant}, or below /api/v1 when it starts with `//`. Errors say what the server answered; code `server-refused`, or
  // `server-404` when it knows no such thing.
  Result<Json> get(const std::string& path) const;
  Result<Json> send(const std::string& method, const std::string& path, std::string body, const std::string& content_type) const;
  Result<Json> send_form(const std::string& path, std::vector<client::Part> parts) const;
  // Server-sent events until `on_event` returns false or the stream ends.
  Result<void> follow(const std::string& path, std::function<bool(const client::Event&)> on_event) const;
  const ServerAddress& address() const { return address_; }
  // The bytes of an answer into a file.
  Result<void> download(const std::string& path, const std::string& file) const;

 private:
  explicit ServerSession(ServerAddress address) : address_(std::move(address)) {}
  client::HttpRequest request(const std::string& method, const std::string& path) const;
  Result<Json> answer(const client::HttpRequest& request) const;
  ServerAddress address_;
};

}  // namespace insula::cli
