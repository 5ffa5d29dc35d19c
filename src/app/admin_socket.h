// Commands for a running server from the same machine: `admin.sock` in the data folder, readable by its owner only. One JSON object per line and answer:
// {"command": "tenants.create", …} → {"ok": true, …} or {"ok": false, "message": …}.
#pragma once
#include <filesystem>

#include "base/base.h"

namespace insula::app {

class AdminSocket {
 public:
  using Handler = std::function<Result<JsonObject>(const std::string& command, const JsonObject& arguments)>;
  AdminSocket(std::filesystem::path path, Handler handler) : path_(std::move(path)), handler_(std::move(handler)) {}
  ~AdminSocket() { stop(); }
  Result<void> start();
  void stop();
  // The client side. Error code `server-away` when nobody listens.
  static Result<JsonObject> call(const std::filesystem::path& path, const std::string& command, JsonObject arguments);

 private:
  void loop();
  void serve(int connection);
  std::filesystem::path path_;
  Handler handler_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::thread thread_;
};

}  // namespace insula::app
