// `concurrency` of a flow: how many of its executions may run at once (features.md §3.7). The counter lives with the only writer, so no slot can leak.
#include "engine/actor.h"

namespace insula::engine {

Result<bool> TenantActor::take_slot(Active& active) {
  const execution::Header& header = active.run.header();
  auto newest = head(header.ns, header.flow_id);  // the limit of the latest revision counts for all
  if (!newest) return fail(newest.error());
  if (*newest == nullptr || !(*newest)->flow->concurrency) return true;
  const flow::Concurrency& limit = *(*newest)->flow->concurrency;
  const FlowKey key{header.ns, header.flow_id};
  auto slots = slots_.find(key);
  if (slots == slots_.end()) {
    auto running = store_->read().count_active(header.ns, header.flow_id);
    if (!running) return fail(running.error());
    slots = slots_.emplace(key, Slots{*running}).first;
  }
  if (slots->second.running < limit.limit) {
    ++slots->second.running;
    return true;
  }
  execution::StepContext context = step_context();
  if (limit.behavior == flow::Concurrency::Behavior::queue) {
    execution::Header queued = header;
    queued.state.move_to(execution::State::queued, now_);
    turn_.write(queued);
    turn_.count(queued, active.counted, execution::State::queued);
    active.told_state = true;
    hear(queued, *active.run.flow(), execution::State::queued);
    // Its row waits; the run is made again when a slot is free.
    const ExecutionId id = queued.id;
    later([id](TenantActor& actor) { actor.runs_.erase(id); });
    active.dirty = false;
    return false;
  }
  const bool fails = limit.behavior == flow::Concurrency::Behavior::fail;
  absorb(active, active.run.apply(execution::Cancel{fails ? execution::State::failed : execution::State::cancelled,
                                                    fails ? "Flow is FAILED due to concurrency limit exceeded" : "Flow is CANCELLED due to concurrency limit exceeded"},
                                  context));
  return false;
}

void TenantActor::release_slot(const execution::Header& header) {
  const FlowKey key{header.ns, header.flow_id};
  const auto slots = slots_.find(key);
  if (slots == slots_.end()) return;
  const bool held = std::any_of(header.state.entries().begin(), header.state.entries().end(), [](const auto& entry) { return entry.state == execution::State::running; });
  if (!held) return;  // cancelled by the limit itself
  if (slots->second.running > 0) --slots->second.running;
  later([key](TenantActor& actor) {
    auto waiting = actor.store_->read().queued(key.first, key.second, 1);
    if (!waiting || waiting->empty()) return;
    if (auto found = actor.active(waiting->front()); found && *found != nullptr) actor.begin(**found);
  });
}

}  // namespace insula::engine
