#include "engine/readers.h"

namespace insula::engine {

void Readers::start() {
  for (int i = 0; i < threads_count_; ++i) threads_.emplace_back([this] { loop(); });
}

void Readers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const std::lock_guard lock(mutex_);
  while (queue_.pop()) {
  }
  delayed_.clear();
}

void Readers::read(store::TenantScope scope, std::move_only_function<void(Result<store::TenantReader*>)> work) {
  const TenantUid uid = scope.uid();
  run(uid, [this, scope = std::move(scope), work = std::move(work)]() mutable {
    auto reader = stores_.read(scope);
    if (!reader) return work(fail(reader.error()));
    work(reader->get());
  });
}

void Readers::run(const TenantUid& tenant, std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push(tenant, std::move(work));
  }
  changed_.notify_one();
}

void Readers::after(Duration delay, std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    delayed_.emplace(Clock::now() + delay, std::move(work));
  }
  changed_.notify_all();  // each thread takes the earliest delay into its wait
}

void Readers::set_weight(const TenantUid& tenant, int weight) {
  const std::lock_guard lock(mutex_);
  queue_.set_weight(tenant, weight);
}

void Readers::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!delayed_.empty() && delayed_.begin()->first <= Clock::now()) {
      queue_.push(TenantUid(), std::move(delayed_.begin()->second));
      delayed_.erase(delayed_.begin());
    }
    if (auto work = queue_.pop()) {
      lock.unlock();
      try {
        (*work)();
      } catch (const std::exception& error) {
        log::error("a read was stopped by an internal error: {}", error.what());
      }
      work.reset();
      lock.lock();
    } else if (!delayed_.empty()) {
      const auto due = delayed_.begin()->first;
      changed_.wait_until(lock, due);
    } else {
      changed_.wait(lock);
    }
  }
}

}  // namespace insula::engine
