// Concurrency limits and quotas: which execution begins, which waits, which is refused (slots.h and quotas.h count).
#include "engine/actor.h"

namespace insula::engine {

namespace {
constexpr std::size_t kFetchedAtOnce = 256;
}  // namespace

// The limit of the latest revision counts for all.
Result<std::optional<flow::Concurrency>> TenantActor::own_limit(const Namespace& ns, const FlowId& flow) {
  auto newest = head(ns, flow);
  if (!newest) return fail(newest.error());
  return *newest == nullptr ? std::nullopt : (*newest)->flow->concurrency;
}

Result<void> TenantActor::load_slots() {
  if (slots_.is_loaded()) return {};
  auto activity = store_->read().activity();
  if (!activity) return fail(activity.error());
  slots_.load(*activity, turn_.rows().counters);
  return {};
}

// Where an execution changes the state it is counted in, its slot follows.
void TenantActor::count(const execution::Header& header, std::optional<execution::State> from, std::optional<execution::State> to) {
  if (from == to) return;
  turn_.count(header, from, to);
  slots_.moved(header.id, header.ns, header.flow_id, from, to);
}

void TenantActor::refuse(Active& active, flow::Concurrency::Behavior behavior, std::string reason) {
  const bool fails = behavior == flow::Concurrency::Behavior::fail;
  execution::StepContext context = step_context();
  absorb(active, active.run.apply(execution::Cancel{fails ? execution::State::failed : execution::State::cancelled, std::move(reason)}, context));
}

// Whether the execution may begin within the quotas; counted when it may. One that was refused has ended.
Result<bool> TenantActor::take_quota(Active& active) {
  if (quotas_.empty()) return true;
  if (!quotas_.is_loaded()) {
    auto counts = store_->read().quota_counts();
    if (!counts) return fail(counts.error());
    quotas_.load(*counts);
  }
  const auto exceeded = quotas_.take(active.run.header().ns, now_);
  if (!exceeded) return true;
  const auto& [scope, quota, until] = *exceeded;
  refuse(active, quota.behavior, fmt::format("Execution is {}: {} executions of the {} have begun within {}, which is its quota; it ends at {}",
                                             quota.behavior == flow::Concurrency::Behavior::fail ? "FAILED" : "CANCELLED", quota.limit, scope, format_duration(quota.window), format_instant(until)));
  return false;
}

Result<bool> TenantActor::take_slot(Active& active) {
  const execution::Header& header = active.run.header();
  if (header.state.current() == execution::State::created) {   // a restarted one was counted when it was made
    const auto within = take_quota(active);
    if (!within || !*within) return within;
  }
  const auto own = own_limit(header.ns, header.flow_id);
  if (!own) return fail(own.error());
  if (!*own && !slots_.is_limited()) {
    slots_.reserve(header.id, header.ns, header.flow_id);
    return true;
  }
  if (auto loaded = load_slots(); !loaded) return fail(loaded.error());
  const auto full = slots_.full(header.ns, header.flow_id, *own);
  if (!full) {
    slots_.reserve(header.id, header.ns, header.flow_id);
    return true;
  }
  if (full->limit.behavior == flow::Concurrency::Behavior::queue) {
    enqueue(active);
    return false;
  }
  const std::string_view state = full->limit.behavior == flow::Concurrency::Behavior::fail ? "FAILED" : "CANCELLED";
  std::string reason = full->scope.starts_with("flow") ? fmt::format("Flow is {} due to concurrency limit exceeded", state)
                                                       : fmt::format("Execution is {}: {} executions of the {} run already, which is its concurrency limit", state, full->limit.limit, full->scope);
  refuse(active, full->limit.behavior, std::move(reason));
  return false;
}

// Its row waits; the run is made again when a slot is free.
void TenantActor::enqueue(Active& active) {
  execution::Header queued = active.run.header();
  queued.state.move_to(execution::State::queued, now_);
  turn_.write(queued);
  count(queued, active.counted, execution::State::queued);
  active.told_state = true;
  hear(queued, *active.run.flow(), execution::State::queued);
  later([id = queued.id](TenantActor& actor) { actor.runs_.erase(id); });
  active.dirty = false;
}

// Who waits longest begins, of all whose scopes have room.
Result<bool> TenantActor::advance_queue() {
  bool started = false;
  for (;;) {
    std::optional<ExecutionId> first;
    for (const Slots::FlowKey& flow : slots_.waiting()) {
      const auto own = own_limit(flow.first, flow.second);
      if (!own) return fail(own.error());
      if (slots_.full(flow.first, flow.second, *own)) continue;
      if (!slots_.next(flow)) {
        auto oldest = store_->read().queued(flow.first, flow.second, kFetchedAtOnce);
        if (!oldest) return fail(oldest.error());
        // The store does not know yet what this turn has done with some of them.
        std::erase_if(*oldest, [&](const ExecutionId& id) {
          const auto at = runs_.find(id);
          return aside_.contains(id) || (at != runs_.end() && at->second.run.header().state.current() != execution::State::queued);
        });
        if (oldest->empty()) look_for_slots_next_turn_ |= turn_.size() > 0;
        slots_.fetched(flow, std::move(*oldest));
      }
      if (const auto id = slots_.next(flow); id && (!first || *id < *first)) first = id;
    }
    if (!first) return started;
    auto found = active(*first);
    if (!found) return fail(found.error());
    if (*found == nullptr) {   // queued by this turn: its rows can be read in the next one
      look_for_slots_next_turn_ |= turn_.writes(*first);
      return started;
    }
    begin(**found);
    const execution::Header& header = (*found)->run.header();
    count(header, std::exchange((*found)->counted, header.state.current()), header.state.current());
    started = true;
    if (turn_.size() > ports_.settings.turn_rows_max) {
      look_for_slots_next_turn_ = true;
      return started;
    }
  }
}

// After everything that may have freed slots; whether that let something begin.
bool TenantActor::use_freed_slots() {
  if (!slots_.take_freed()) return false;
  const auto advanced = advance_queue();
  if (!advanced) throw std::runtime_error(fmt::format("queued executions could not be read: {}", advanced.error().message));
  return *advanced;
}

void TenantActor::set_limits(const TenantLimits& limits) {
  suspended_ = limits.suspended;
  slots_.limit_tenant(limits.concurrency);
  slots_.look_again();
  quotas_.limit_tenant(limits.quotas);
  requires_namespace_ = limits.requires_namespace;
}

// Those that a smaller limit, or a process that died, left waiting.
Result<void> TenantActor::open_slots() {
  auto namespaces = store_->read().limited_namespaces();
  if (!namespaces) return fail(namespaces.error());
  for (const store::NamespaceRow& row : *namespaces) limit(row);
  auto waits = store_->read().has_queued();
  if (!waits) return fail(waits.error());
  return *waits ? load_slots() : Result<void>();
}

}  // namespace insula::engine
