#include "engine/tenants.h"

#include <malloc.h>

#include <cstring>

namespace insula::engine {

namespace {
constexpr std::size_t kWokenTogetherMax = 256;
constexpr std::chrono::seconds kSleepWrittenAfter{1};
}  // namespace

Tenants::Tenants(Ports ports) : ports_(std::move(ports)), wakes_(ports_.stores.system(), ports_.clock), space_(ports_.settings.data_folder, ports_.settings.ballast_bytes, ports_.clock) {}

Result<void> Tenants::start(const std::function<void(const TenantUid&, int)>& weigh) {
  auto tenants = ports_.stores.system().tenants("");
  if (!tenants) return fail(tenants.error());
  for (const store::TenantRow& row : *tenants)
    if (const int weight = add(row); weight != 1) weigh(row.uid, weight);
  space_.open();
  open_notes(*tenants);
  // Every tenant whose work is due is loaded in the background, fairly, while the API already answers; later dates wait in due_.
  auto wakes = ports_.stores.system().wakes(Instant::max(), 1'000'000);
  if (!wakes) return fail(wakes.error());
  for (const auto& [row, due] : *wakes) wake_at(entry(ports_.stores.system().scope(row)), due);
  for (int i = 0; i < ports_.settings.engine_threads; ++i) threads_.emplace_back([this, i] { engine_loop(i); });
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
    refuse_all(std::exchange(entry->mailbox, {}), Error{ErrorKind::unavailable, "server-stopping", "the server is stopping; try again when it is back", {}, {}});
  }
  for (const auto& [uid, due] : wakes) wakes_.asleep(uid, due);
  if (auto set = wakes_.flush(); !set) log::warn("wake-up times could not be written: {}", set.error().message);
  if (notes_) notes_->close();
}

int Tenants::add(const store::TenantRow& row) {
  const TenantLimits limits = TenantLimits::of(row);
  const std::lock_guard lock(mutex_);
  by_id_.insert_or_assign(row.id, ports_.stores.system().scope(row));
  if (limits == TenantLimits()) limits_.erase(row.uid);
  else limits_.insert_or_assign(row.uid, limits);
  if (const auto at = entries_.find(row.uid); at != entries_.end()) at->second->weight = limits.weight;
  return limits.weight;
}

TenantLimits Tenants::limits_of(const TenantUid& uid) const {
  const std::lock_guard lock(mutex_);
  const auto at = limits_.find(uid);
  return at == limits_.end() ? TenantLimits() : at->second;
}

int Tenants::changed(const store::TenantRow& row) {
  const TenantLimits before = limits_of(row.uid);
  const int weight = add(row);
  const TenantLimits limits = limits_of(row.uid);
  const bool may_do_more = (before.suspended && !limits.suspended) || before.concurrency != limits.concurrency;
  if (may_do_more || is_loaded(row.uid))
    static_cast<void>(post(ports_.stores.system().scope(row), {[limits](TenantActor& actor) { actor.set_limits(limits); }, true, {}}));
  return weight;
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
  if (!place) {
    place = std::make_shared<Entry>(scope);
    if (const auto at = limits_.find(scope.uid()); at != limits_.end()) place->weight = at->second.weight;
  }
  return place;
}

bool Tenants::is_loaded(const TenantUid& uid) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(uid);
  return at != entries_.end() && at->second->wakes.load() % 2 == 1;
}

std::size_t Tenants::loaded() const { return loaded_.load(); }

Result<void> Tenants::post(const store::TenantScope& scope, Message message) {
  const EntryRef place = entry(scope);
  {
    const std::lock_guard lock(place->mutex);
    if (place->gone) return fail(ErrorKind::not_found, "tenant-unknown", fmt::format("Tenant '{}' not found", scope.tenant()));
    if (place->refused) return fail(*place->refused);
    if (!message.keeps && !message.frees && space_.is_full()) return fail(Space::refusal());
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

void Tenants::schedule(const EntryRef& entry, bool at_once) {
  {
    const std::lock_guard lock(queue_mutex_);
    at_once ? run_queue_.push_front(entry) : run_queue_.push_back(entry);
  }
  queue_changed_.notify_one();
}

void Tenants::engine_loop(int number) {
  CrashNotes::Slot* const note = notes_ ? &notes_->slot(number) : nullptr;
  for (;;) {
    EntryRef next;
    {
      std::unique_lock lock(queue_mutex_);
      queue_changed_.wait(lock, [this] { return stopping_ || !run_queue_.empty(); });
      if (stopping_) return;
      next = std::move(run_queue_.front());
      run_queue_.pop_front();
    }
    run(next, note);
  }
}

// One turn of one tenant; then it goes to the end of the queue when it has more.
void Tenants::run(const EntryRef& entry, CrashNotes::Slot* note) {
  const bool full = space_.is_full();
  std::vector<Message> mail = take_mail(*entry, full);
  TurnOutcome outcome;
  if (note != nullptr) note->enter(entry->scope.uid());
  const Result<void> loaded = entry->actor ? Result<void>() : load(entry);
  if (loaded) {
    outcome = entry->actor->run_turn(std::move(mail), note, full ? TurnScope::deletes : TurnScope::everything);
    turns_.fetch_add(1, std::memory_order_relaxed);
  } else {
    outcome.committed = false;
    outcome.error = loaded.error();
    for (Message& message : mail) {
      if (message.keeps) outcome.keep.push_back(std::move(message));
      else if (message.refuse) message.refuse(outcome.error);
    }
  }
  if (note != nullptr) note->leave(outcome.committed);
  after_turn(entry, std::move(outcome));
}

// On a full disk only what makes room; the rest stays where it is, in its order.
std::vector<Message> Tenants::take_mail(Entry& entry, bool deletes_only) {
  std::vector<Message> mail;
  const std::lock_guard lock(entry.mutex);
  if (entry.gone) return mail;
  if (!entry.mailbox.empty()) entry.last_mail = ports_.clock.now();
  const std::size_t most = entry.one_by_one ? 1 : ports_.settings.turn_messages_max;
  if (!deletes_only) {
    const auto end = entry.mailbox.begin() + static_cast<std::ptrdiff_t>(std::min(most, entry.mailbox.size()));
    mail.assign(std::make_move_iterator(entry.mailbox.begin()), std::make_move_iterator(end));
    entry.mailbox.erase(entry.mailbox.begin(), end);
    return mail;
  }
  std::erase_if(entry.mailbox, [&](Message& message) {
    if (!message.frees || mail.size() >= most) return false;
    mail.push_back(std::move(message));
    return true;
  });
  return mail;
}

// Before the first commit: after a crash the tenant is found by its row. Those that wait to be loaded, too, share the write.
Result<void> Tenants::wake(const EntryRef& entry) {
  std::vector<std::pair<EntryRef, std::uint64_t>> together{{entry, entry->wakes.load()}};
  if (together.front().second % 2 == 1) return {};
  {
    const std::lock_guard lock(queue_mutex_);
    for (const EntryRef& other : run_queue_) {
      if (together.size() >= kWokenTogetherMax) break;
      if (const std::uint64_t seen = other->wakes.load(); seen % 2 == 0) together.emplace_back(other, seen);
    }
  }
  std::vector<TenantUid> uids;
  for (const auto& [one, seen] : together) uids.push_back(one->scope.uid());
  if (auto written = wakes_.awake(uids); !written) return written;
  for (auto& [one, seen] : together) one->wakes.compare_exchange_strong(seen, seen + 1);
  return {};
}

Result<void> Tenants::load(const EntryRef& entry) {
  const auto failed = [&](const Error& error) {
    log::error(entry->scope.tenant(), "cannot be loaded: {} {}", error.message, error.detail);
    if (error.code == "store-full") space_.report_full();
    return fail(ErrorKind::unavailable, error.code == "store-full" ? "store-full" : "tenant-unavailable",
                fmt::format("the data of tenant '{}' cannot be opened now; try again later: {}", entry->scope.tenant(), error.message));
  };
  if (auto woken = wake(entry); !woken) return failed(woken.error());
  const std::uint64_t seed = ports_.settings.seed != 0 ? ports_.settings.seed ^ std::hash<std::string>{}(entry->scope.uid().str())
                                                       : [] { std::uint64_t value; const std::string bytes = random_bytes(sizeof value); std::memcpy(&value, bytes.data(), sizeof value); return value; }();
  auto actor = std::make_unique<TenantActor>(entry->scope, actor_ports(entry), seed);
  actor->set_limits(limits_of(entry->scope.uid()));
  try {
    if (auto opened = actor->open(); !opened) return failed(opened.error());
  } catch (const std::exception& error) {
    return failed(Error{ErrorKind::internal, "tenant-unavailable", "an internal error", error.what(), {}});
  }
  for (const auto& [execution, reason] : entry->condemned) actor->set_aside_first(execution, reason);
  entry->actor = std::move(actor);
  entry->last_mail = ports_.clock.now();
  loaded_.fetch_add(1);
  return {};
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
          [this](std::move_only_function<void(store::Stores&)> work) { ports_.readers.run(TenantUid(), [this, work = std::move(work)]() mutable { work(ports_.stores); }); },
          [this] { space_.report_full(); }};
}

// Where many are loaded, memory is worth more than the fraction of a millisecond that loading one again takes.
Duration Tenants::idle_time() const {
  constexpr Duration kCrowded = std::chrono::seconds(1);
  return loaded_.load() > ports_.settings.loaded_tenants_max ? std::min(ports_.settings.idle_unload, kCrowded) : ports_.settings.idle_unload;
}

void Tenants::after_turn(const EntryRef& entry, TurnOutcome outcome) {
  Duration pause{0};
  if (outcome.committed) {
    entry->failures = entry->broken_turns = 0;
    entry->one_by_one = false;
    if (entry->actor) entry->condemned.clear();
  } else {
    pause = failed_turn(*entry, outcome);
  }
  const std::size_t runs = entry->actor ? entry->actor->runs_in_memory() : 0;
  runs_.fetch_add(runs - std::exchange(entry->runs, runs), std::memory_order_relaxed);
  put_back(*entry, std::move(outcome.keep));
  // What the timer must know is read before the entry is given up: afterwards another thread may run it.
  std::optional<Instant> wake;
  if (entry->actor) {
    const Instant now = ports_.clock.now();
    const std::optional<Instant> due = entry->actor->next_due();
    const Duration idle = idle_time();
    const bool soon = due && *due < now + idle;
    if (!soon && !entry->actor->has_more() && now - entry->last_mail >= idle && entry->actor->is_idle() && !has_mail(*entry)) {
      unload(entry);
      wake = due;
    } else {
      wake = soon ? *due : now + idle;
    }
  }
  bool again;
  {
    const std::lock_guard lock(entry->mutex);
    // While the disk is full only what makes room is done: for the rest it is looked again in a while.
    if (space_.is_full() && std::ranges::none_of(entry->mailbox, &Message::frees)) pause = std::max<Duration>(pause, std::chrono::seconds(1));
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
  if (!again) {
    entry->turns_in_a_row = 0;
    return;
  }
  const bool at_once = ++entry->turns_in_a_row < entry->weight;
  if (!at_once) entry->turns_in_a_row = 0;
  schedule(entry, at_once);
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
void Tenants::unload(const EntryRef& entry) {
  const bool nobody_writes = wakes_.asleep(entry->scope.uid(), entry->actor->next_due());
  entry->wakes.fetch_add(1);  // after asleep(): who wakes it from here on comes after that
  entry->actor.reset();
  loaded_.fetch_sub(1);
  // What a crowd of tenants has used stays with the process otherwise.
  constexpr std::uint64_t kUnloadedPerTrim = 256;
  if (unloaded_.fetch_add(1) % kUnloadedPerTrim == kUnloadedPerTrim - 1) ports_.readers.after(std::chrono::seconds(1), [] { malloc_trim(0); });
  if (nobody_writes) {
    ports_.readers.after(kSleepWrittenAfter, [this] {
      if (auto written = wakes_.flush(); !written) log::warn("wake-up times could not be written: {}", written.error().message);
    });
  }
}

void Tenants::put_back(Entry& entry, std::vector<Message> mail) {
  const std::lock_guard lock(entry.mutex);
  entry.mailbox.insert(entry.mailbox.begin(), std::make_move_iterator(mail.begin()), std::make_move_iterator(mail.end()));
}

void Tenants::hide(const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  by_id_.erase(tenant);
}

void Tenants::forget(const TenantUid& uid) {
  EntryRef gone;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(by_id_, [&](const auto& known) { return known.second.uid() == uid; });
    limits_.erase(uid);
    const auto at = entries_.find(uid);
    if (at == entries_.end()) return;
    gone = at->second;
    entries_.erase(at);
  }
  std::unique_lock lock(gone->mutex);
  gone->gone = true;
  std::deque<Message> mail = std::exchange(gone->mailbox, {});
  gone->idle.wait(lock, [&] { return !gone->scheduled; });
  std::ranges::move(std::exchange(gone->mailbox, {}), std::back_inserter(mail));  // kept by the last turn
  lock.unlock();
  refuse_all(std::move(mail), Error{ErrorKind::not_found, "tenant-unknown", fmt::format("Tenant '{}' not found", gone->scope.tenant()), {}, {}});
  wakes_.forget(uid);
  if (gone->actor) {
    gone->actor.reset();
    loaded_.fetch_sub(1);
  }
}

}  // namespace insula::engine
