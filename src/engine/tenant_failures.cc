// What happens to a tenant whose turn was not written, and to one that killed the process (I8, I10).
#include "engine/tenants.h"

namespace insula::engine {

namespace {

constexpr int kBrokenMax = 3;              // then the execution is set aside
constexpr int kBrokenInARowMax = 9;        // then the tenant is

Duration backoff(int failures) { return std::min<Duration>(std::chrono::milliseconds(20 << std::min(failures, 8)), std::chrono::seconds(5)); }

}  // namespace

// Without the notes the server works as well: only what kills it is not found out.
void Tenants::open_notes(const std::vector<store::TenantRow>& rows) {
  if (ports_.settings.data_folder.empty()) return;
  const std::filesystem::path path = std::filesystem::path(ports_.settings.data_folder) / "crash-notes";
  auto notes = CrashNotes::open(path, ports_.settings.engine_threads);
  if (!notes) {
    log::warn("crash notes are not kept: {}", notes.error().message);
    return;
  }
  notes_ = std::move(*notes);
  std::map<TenantUid, EntryRef> known;
  for (const store::TenantRow& row : rows) known.emplace(row.uid, entry(ports_.stores.system().scope(row)));
  for (const CrashNotes::Suspect& suspect : notes_->condemned()) {
    const auto at = known.find(suspect.tenant);
    if (at == known.end()) continue;
    log::error(at->second->scope.tenant(), "execution {} is set aside: the server died {} times while it worked on it", suspect.execution, suspect.crashes);
    at->second->condemned.emplace_back(suspect.execution, fmt::format("The server died {} times while it worked on this execution, which was therefore set aside.", suspect.crashes));
  }
  for (const TenantUid& uid : notes_->refused()) {
    const auto at = known.find(uid);
    if (at == known.end()) continue;
    const TenantId& tenant = at->second->scope.tenant();
    log::error(tenant, "the tenant is set aside: the server died again and again while it worked on it. Remove {} while the server is stopped to try again", path.string());
    at->second->refused = Error{ErrorKind::unavailable, "tenant-set-aside", fmt::format("tenant '{}' is set aside because the server died again and again while it worked on it; see the server's log", tenant), {}, {}};
  }
}

// The actor's memory is not to be trusted any more: the next turn loads the tenant anew, after this pause.
Duration Tenants::failed_turn(Entry& entry, TurnOutcome& outcome) {
  turns_failed_.fetch_add(1, std::memory_order_relaxed);
  ++entry.failures;
  log::error(entry.scope.tenant(), "turn not written: {} {}", outcome.error.message, outcome.error.detail);
  if (entry.actor) {
    entry.actor.reset();
    loaded_.fetch_sub(1);
  }
  entry.one_by_one = outcome.broken;
  if (!outcome.broken) return backoff(entry.failures);
  ++entry.broken_turns;
  if (!outcome.culprit.empty() && ++entry.broken[outcome.culprit] >= kBrokenMax) {
    entry.broken.erase(outcome.culprit);
    const std::string reason = fmt::format("This execution broke the engine {} times and was set aside: {}", kBrokenMax, outcome.error.detail);
    // What else is to be told to it is dropped, but not those who wait for it.
    std::erase_if(outcome.keep, [&](const Message& message) { return message.execution == outcome.culprit; });
    outcome.keep.insert(outcome.keep.begin(), Message{[id = outcome.culprit, reason](TenantActor& actor) { actor.set_aside(id, reason); }, true, {}});
  }
  if (entry.broken_turns >= (outcome.culprit.empty() ? kBrokenMax : kBrokenInARowMax)) {
    refuse(entry, Error{ErrorKind::unavailable, "tenant-set-aside", fmt::format("tenant '{}' is set aside after repeated internal errors; see the server's log", entry.scope.tenant()), {}, {}});
  }
  return backoff(entry.failures);
}

// From now on nobody gets in, and who is inside hears why.
void Tenants::refuse(Entry& entry, Error error) {
  std::deque<Message> mail;
  {
    const std::lock_guard lock(entry.mutex);
    mail = std::exchange(entry.mailbox, {});
    entry.refused = error;
  }
  log::error(entry.scope.tenant(), "{}", error.message);
  refuse_all(std::move(mail), error);
}

void Tenants::refuse_all(std::deque<Message> mail, const Error& error) {
  for (const Message& message : mail) {
    if (message.refuse) message.refuse(error);
  }
}

}  // namespace insula::engine
