#include "engine/tenants.h"

#include <cstring>

namespace insula::engine {

namespace {
constexpr int kBrokenMax = 3;              // then the execution, and after it the tenant, is set aside (I10)

Duration backoff(int failures) { return std::min<Duration>(std::chrono::milliseconds(20 << std::min(failures, 8)), std::chrono::seconds(5)); }
}  // namespace

Tenants::Tenants(Ports ports) : ports_(std::move(ports)) {}

Result<void> Tenants::start() {
  auto tenants = ports_.stores.system().tenants("");
  if (!tenants) return fail(tenants.error());
  for (const store::TenantRow& row : *tenants) add(row);
  // Every tenant whose work is due is loaded in the background, fairly, while the API already answers; later dates wait in due_.
  auto wakes = ports_.stores.system().wakes(Instant::max(), 1'000'000);
  if (!wakes) return fail(wakes.error());
  for (const auto& [row, due] : *wakes) wake_at(entry(ports_.stores.system().scope(row)), due);
  for (int i = 0; i < ports_.settings.engine_threads; ++i) threads_.emplace_back([this] { engine_loop(); });
  threads_.emplace_back([this] { timer_loop(); });
  return {};
}

void Tenants::stop() {
  if (stopping_.exchange(true)) return;
  queue_changed_.notify_all();
  {
    const std::lock_guard lock(timer_mutex_);
    timer_changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<TenantUid, std::optional<Instant>>> wakes;
  for (auto& [uid, entry] : entries_) {
    if (!entry->actor) continue;
    // Work in flight is found again at once, everything else at its time.
    wakes.emplace_back(uid, entry->actor->is_idle() && entry->mailbox.empty() ? entry->actor->next_due() : std::optional(ports_.clock.now()));
    entry->actor.reset();
  }
  if (!wakes.empty()) {
    if (auto set = ports_.stores.system().set_wakes(wakes); !set) log::warn("wake-up times could not be written: {}", set.error().message);
  }
}

void Tenants::add(const store::TenantRow& row) {
  const std::lock_guard lock(mutex_);
  by_id_.insert_or_assign(row.id, ports_.stores.system().scope(row));
}

Result<store::TenantScope> Tenants::scope(const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  const auto at = by_id_.find(tenant);
  if (at == by_id_.end()) return fail(ErrorKind::not_found, "tenant-unknown", fmt::format("Tenant '{}' not found", tenant));
  return at->second;
}

Tenants::EntryRef Tenants::entry(const store::TenantScope& scope) {
  const std::lock_guard lock(mutex_);
  EntryRef& place = entries_[scope.uid()];
  if (!place) place = std::make_shared<Entry>(scope);
  return place;
}

bool Tenants::is_loaded(const TenantUid& uid) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(uid);
  return at != entries_.end() && at->second->actor != nullptr;
}

std::size_t Tenants::loaded() const { return loaded_.load(); }

Result<void> Tenants::post(const store::TenantScope& scope, Message message) {
  const EntryRef place = entry(scope);
  {
    const std::lock_guard lock(place->mutex);
    if (place->gone) return fail(ErrorKind::not_found, "tenant-unknown", fmt::format("Tenant '{}' not found", scope.tenant()));
    if (place->refused) return fail(*place->refused);
    // Results of work already done are always taken: refusing them would not make the tenant less busy.
    if (!message.keeps && place->mailbox.size() >= ports_.settings.mailbox_messages_max) {
      return fail(ErrorKind::unavailable, "tenant-busy", fmt::format("tenant '{}' has {} requests waiting; try again later", scope.tenant(), place->mailbox.size()));
    }
    place->mailbox.push_back(std::move(message));
    if (place->scheduled) return {};
    place->scheduled = true;
  }
  schedule(place);
  return {};
}

void Tenants::schedule(const EntryRef& entry) {
  {
    const std::lock_guard lock(queue_mutex_);
    run_queue_.push_back(entry);
  }
  queue_changed_.notify_one();
}

void Tenants::engine_loop() {
  for (;;) {
    EntryRef next;
    {
      std::unique_lock lock(queue_mutex_);
      queue_changed_.wait(lock, [this] { return stopping_ || !run_queue_.empty(); });
      if (stopping_) return;
      next = std::move(run_queue_.front());
      run_queue_.pop_front();
    }
    run(next);
  }
}

// One turn of one tenant; then it goes to the end of the queue when it has more.
void Tenants::run(const EntryRef& entry) {
  std::vector<Message> mail;
  {
    const std::lock_guard lock(entry->mutex);
    if (!entry->mailbox.empty()) entry->last_mail = ports_.clock.now();
    const std::size_t most = entry->one_by_one ? 1 : ports_.settings.turn_messages_max;
    while (!entry->mailbox.empty() && mail.size() < most) {
      mail.push_back(std::move(entry->mailbox.front()));
      entry->mailbox.pop_front();
    }
    if (entry->gone) mail.clear();
  }
  TurnOutcome outcome;
  if (entry->actor || load(*entry)) {
    outcome = entry->actor->run_turn(std::move(mail));
    turns_.fetch_add(1, std::memory_order_relaxed);
  } else {
    outcome.committed = false;
    outcome.error = Error{ErrorKind::unavailable, "tenant-unavailable", fmt::format("the data of tenant '{}' cannot be opened now; try again later", entry->scope.tenant()), {}, {}};
    outcome.keep = std::move(mail);  // callers wait until it opens; the mailbox is bounded
  }
  after_turn(entry, std::move(outcome));
}

bool Tenants::load(Entry& entry) {
  // Before the first commit: after a crash the tenant is found by this row.
  if (auto set = ports_.stores.system().set_wakes({{entry.scope.uid(), ports_.clock.now()}}); !set) {
    log::error(entry.scope.tenant(), "cannot be loaded: {} {}", set.error().message, set.error().detail);
    return false;
  }
  const std::uint64_t seed = ports_.settings.seed != 0 ? ports_.settings.seed ^ std::hash<std::string>{}(entry.scope.uid().str())
                                                       : [] { std::uint64_t value; const std::string bytes = random_bytes(sizeof value); std::memcpy(&value, bytes.data(), sizeof value); return value; }();
  const EntryRef self = this->entry(entry.scope);
  auto actor = std::make_unique<TenantActor>(entry.scope, actor_ports(self), seed);
  if (auto opened = actor->open(); !opened) {
    log::error(entry.scope.tenant(), "cannot be loaded: {} {}", opened.error().message, opened.error().detail);
    return false;
  }
  entry.actor = std::move(actor);
  entry.last_mail = ports_.clock.now();
  loaded_.fetch_add(1);
  return true;
}

ActorPorts Tenants::actor_ports(const EntryRef& entry) {
  const std::weak_ptr<Entry> weak = entry;
  return {ports_.stores,
          ports_.storage,
          ports_.clock,
          ports_.flows,
          ports_.settings,
          ports_.jobs,
          ports_.live,
          ports_.ledger,
          [this, uid = entry->scope.uid()](std::move_only_function<void()> work) { ports_.readers.run(uid, std::move(work)); },
          [this, weak](Message message) {
            if (const EntryRef there = weak.lock()) static_cast<void>(post(there->scope, std::move(message)));
          },
          [this](std::move_only_function<void(store::Stores&)> work) { ports_.readers.run(TenantUid(), [this, work = std::move(work)]() mutable { work(ports_.stores); }); }};
}

void Tenants::after_turn(const EntryRef& entry, TurnOutcome outcome) {
  Duration pause{0};
  if (outcome.committed) {
    entry->failures = 0;
    entry->one_by_one = false;
  } else {
    turns_failed_.fetch_add(1, std::memory_order_relaxed);
    ++entry->failures;
    log::error(entry->scope.tenant(), "turn not written: {} {}", outcome.error.message, outcome.error.detail);
    if (entry->actor) {
      entry->actor.reset();
      loaded_.fetch_sub(1);
    }
    pause = backoff(entry->failures);
    entry->one_by_one = outcome.broken;
    if (outcome.broken && !outcome.culprit.empty() && ++entry->broken[outcome.culprit] >= kBrokenMax) {
      entry->broken.erase(outcome.culprit);
      const std::string reason = fmt::format("This execution broke the engine {} times and was set aside: {}", kBrokenMax, outcome.error.detail);
      std::erase_if(outcome.keep, [&](const Message& message) { return message.execution == outcome.culprit; });
      outcome.keep.insert(outcome.keep.begin(), Message{[id = outcome.culprit, reason](TenantActor& actor) { actor.set_aside(id, reason); }, true, {}});
    } else if (outcome.broken && outcome.culprit.empty() && entry->failures >= kBrokenMax) {
      const std::lock_guard lock(entry->mutex);
      entry->refused = Error{ErrorKind::unavailable, "tenant-set-aside", fmt::format("tenant '{}' is set aside after repeated internal errors; see the server's log", entry->scope.tenant()), {}, {}};
    }
  }
  const std::size_t runs = entry->actor ? entry->actor->runs_in_memory() : 0;
  runs_.fetch_add(runs - std::exchange(entry->runs, runs), std::memory_order_relaxed);
  {
    const std::lock_guard lock(entry->mutex);
    for (auto at = outcome.keep.rbegin(); at != outcome.keep.rend(); ++at) entry->mailbox.push_front(std::move(*at));
  }
  // What the timer must know is read before the entry is given up: afterwards another thread may run it.
  std::optional<Instant> wake;
  if (entry->actor) {
    const Instant now = ports_.clock.now();
    const std::optional<Instant> due = entry->actor->next_due();
    const bool soon = due && *due < now + ports_.settings.idle_unload;
    if (!soon && !entry->actor->has_more() && now - entry->last_mail >= ports_.settings.idle_unload && entry->actor->is_idle() && !has_mail(*entry)) {
      unload(*entry);
      wake = due;
    } else {
      wake = soon ? *due : now + ports_.settings.idle_unload;
    }
  }
  bool again;
  {
    const std::lock_guard lock(entry->mutex);
    again = !entry->gone && !entry->refused && (!entry->mailbox.empty() || (entry->actor && entry->actor->has_more()));
    if (!again) {
      entry->scheduled = false;
      entry->idle.notify_all();
    }
  }
  if (wake) wake_at(entry, *wake);
  if (again && pause > Duration{0}) {
    ports_.readers.after(pause, [this, entry] { schedule(entry); });
    return;
  }
  if (again) schedule(entry);
}

bool Tenants::has_mail(Entry& entry) {
  const std::lock_guard lock(entry.mutex);
  return !entry.mailbox.empty();
}

void Tenants::wake_at(const EntryRef& entry, Instant due) {
  const std::lock_guard lock(timer_mutex_);
  // One wake-up that is early enough serves for all later ones: the turn it causes looks again.
  if (entry->wake_due <= due) return;
  entry->wake_due = due;
  const bool first = due_.empty() || due < due_.begin()->first;
  due_.emplace(due, entry);
  if (first) timer_changed_.notify_one();
}

void Tenants::timer_loop() {
  std::unique_lock lock(timer_mutex_);
  while (!stopping_) {
    if (due_.empty()) {
      timer_changed_.wait(lock);
      continue;
    }
    const Instant due = due_.begin()->first;
    const Instant now = ports_.clock.now();
    if (due > now) {
      timer_changed_.wait_for(lock, std::min<Duration>(due - now, std::chrono::hours(1)));
      continue;
    }
    const EntryRef entry = due_.begin()->second.lock();
    due_.erase(due_.begin());
    if (!entry || due > entry->wake_due) continue;  // an earlier one has come and gone
    entry->wake_due = Instant::max();
    lock.unlock();
    bool idle;
    {
      const std::lock_guard guard(entry->mutex);
      idle = !entry->scheduled && !entry->gone && !entry->refused;
      if (idle) entry->scheduled = true;
    }
    if (idle) schedule(entry);  // a turn without mail fires what is due
    lock.lock();
  }
}

// On the engine thread of the entry, with nothing to do: the tenant leaves memory and is found again by its wake-up time.
void Tenants::unload(Entry& entry) {
  const std::optional<Instant> due = entry.actor->next_due();
  if (auto set = ports_.stores.system().set_wakes({{entry.scope.uid(), due}}); !set) return;
  entry.actor.reset();
  loaded_.fetch_sub(1);
}

void Tenants::forget(const TenantUid& uid) {
  EntryRef gone;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(by_id_, [&](const auto& known) { return known.second.uid() == uid; });
    const auto at = entries_.find(uid);
    if (at == entries_.end()) return;
    gone = at->second;
    entries_.erase(at);
  }
  std::unique_lock lock(gone->mutex);
  gone->gone = true;
  gone->mailbox.clear();
  gone->idle.wait(lock, [&] { return !gone->scheduled; });
  if (gone->actor) {
    gone->actor.reset();
    loaded_.fetch_sub(1);
  }
}

}  // namespace insula::engine
