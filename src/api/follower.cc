#include "api/follower.h"

namespace insula::api {

http::Response stream_head(std::string first_event) { return http::Response::text(200, std::move(first_event), "text/event-stream"); }

std::string event_text(std::string_view id, std::string_view data) { return fmt::format("id: {}\ndata: {}\n\n", id, data); }

void Follower::start(const ExecutionId& execution, std::string first_event, http::StreamOptions options) {
  stream_ = call_->exchange()->start_stream(stream_head(std::move(first_event)), options);
  const std::weak_ptr<Follower> weak = weak_from_this();
  // Subscribed before the first look: what happens in between is told twice rather than never.
  auto subscription = call_->engine().subscribe(call_->scope(), execution, [weak](const engine::Happened&) {
    if (const auto self = weak.lock()) self->happened();
  });
  {
    const std::scoped_lock lock(mutex_);
    subscription_ = std::move(subscription);
  }
  stream_->on_close([self = shared_from_this()] { self->finish(); });
  happened();
}

void Follower::happened() {
  Steady::time_point due;
  {
    const std::scoped_lock lock(mutex_);
    if (is_finished_) return;
    is_dirty_ = true;
    if (std::exchange(is_scheduled_, true)) return;
    due = last_round_ + kInterval;
  }
  const auto now = Steady::now();
  schedule(due > now ? std::chrono::ceil<Duration>(due - now) : Duration{0});
}

void Follower::schedule(Duration delay) {
  if (delay <= Duration{0}) return read();
  call_->engine().after(delay, [self = shared_from_this()] { self->read(); });
}

void Follower::read() {
  {
    const std::scoped_lock lock(mutex_);
    if (is_finished_) return;
    is_dirty_ = false;
  }
  call_->engine().read(call_->scope(), [self = shared_from_this()](Result<store::TenantReader*> reader) {
    std::shared_ptr<http::EventStream> stream;
    {
      const std::scoped_lock lock(self->mutex_);
      if (self->is_finished_) return;
      stream = self->stream_;
    }
    Next next = Next::end;
    if (reader) {
      try {
        next = self->round(**reader);
      } catch (const std::exception& exception) {
        log::error(self->call_->tenant(), "a followed stream ends: {}", exception.what());
      }
    }
    if (next == Next::end || stream->is_closed()) return stream->close();
    bool goes_on = next != Next::wait;
    {
      const std::scoped_lock lock(self->mutex_);
      self->last_round_ = Steady::now();
      goes_on |= self->is_dirty_;
      self->is_scheduled_ = goes_on;
    }
    if (goes_on) self->schedule(next == Next::again ? Duration{0} : next == Next::later ? kQuiet : kInterval);
  });
}

void Follower::finish() {
  std::unique_ptr<engine::Subscription> subscription;
  {
    const std::scoped_lock lock(mutex_);
    is_finished_ = true;
    subscription = std::move(subscription_);
  }
  // Let go outside the lock: a listener that runs just now waits for it.
}

}  // namespace insula::api
