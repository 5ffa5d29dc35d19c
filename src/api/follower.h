// Event streams about executions: newest state only, at most five rounds a second for each stream, and an end that always comes.
#pragma once
#include "api/call.h"

namespace insula::api {

// Reads when something happened, never on a timer of its own. Holds itself alive until its stream has closed.
class Follower : public std::enable_shared_from_this<Follower> {
 public:
  explicit Follower(CallPtr call) : call_(std::move(call)) {}
  virtual ~Follower() = default;
  // `first_event`: the whole text of the event that the stream begins with. `execution` empty: whatever happens in the tenant.
  void start(const ExecutionId& execution, std::string first_event, http::StreamOptions options);

 protected:
  enum class Next {
    wait,     // until something happens
    again,    // there is more to read at once
    later,    // look again after kQuiet, even when nothing happens
    end,      // all was told: close
  };
  // Reads and sends; on a reader thread, one round at a time.
  virtual Next round(store::TenantReader& reader) = 0;
  http::EventStream& stream() { return *stream_; }
  Call& call() { return *call_; }

 private:
  static constexpr Duration kInterval = std::chrono::milliseconds(200);
  static constexpr Duration kQuiet = std::chrono::seconds(2);
  using Steady = std::chrono::steady_clock;

  void happened();
  void schedule(Duration delay);
  void read();
  void finish();

  CallPtr call_;
  std::mutex mutex_;
  std::shared_ptr<http::EventStream> stream_;
  std::unique_ptr<engine::Subscription> subscription_;
  bool is_scheduled_ = false;
  bool is_dirty_ = false;
  bool is_finished_ = false;
  Steady::time_point last_round_{};
};

http::Response stream_head(std::string first_event);
std::string event_text(std::string_view id, std::string_view data);

}  // namespace insula::api
