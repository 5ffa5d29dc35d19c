#include "engine/slots.h"

#include <algorithm>

namespace insula::engine {

namespace {
constexpr std::size_t kNextMax = 256;

bool is_within(std::string_view ns, std::string_view outer) {
  return ns.starts_with(outer) && (ns.size() == outer.size() || ns[outer.size()] == '.');
}
}  // namespace

// Created, queued and restarted executions wait for their slot; what runs, pauses, retries or is being killed has one.
bool Slots::holds(execution::State state) {
  using enum execution::State;
  return !execution::is_terminal(state) && state != created && state != queued && state != restarted;
}

void Slots::limit_namespace(const Namespace& ns, std::optional<flow::Concurrency> limit) {
  if (limit) namespaces_.insert_or_assign(ns, *limit);
  else namespaces_.erase(ns);
}

void Slots::load(const std::vector<store::FlowActivity>& committed, const std::vector<store::CounterDelta>& of_turn) {
  loaded_ = true;
  for (const store::FlowActivity& flow : committed) {
    add_running({flow.ns, flow.flow_id}, flow.running);
    flows_[{flow.ns, flow.flow_id}].queued += flow.queued;
  }
  for (const store::CounterDelta& delta : of_turn) {
    if (holds(delta.state)) add_running({delta.ns, delta.flow_id}, delta.count);
    if (delta.state == execution::State::queued) flows_[{delta.ns, delta.flow_id}].queued += delta.count;
  }
  freed_ = true;
}

void Slots::add_running(const FlowKey& flow, std::int64_t by) {
  if (by == 0) return;
  flows_[flow].running += by;
  running_ += by;
  const auto of_namespace = by_namespace_.try_emplace(flow.first, 0).first;
  of_namespace->second += by;
  if (of_namespace->second == 0) by_namespace_.erase(of_namespace);
}

std::int64_t Slots::running_within(const Namespace& ns) const {
  std::int64_t running = 0;
  for (auto at = by_namespace_.lower_bound(ns); at != by_namespace_.end() && at->first.str().starts_with(ns.str()); ++at)
    if (is_within(at->first.str(), ns.str())) running += at->second;
  return running;
}

std::optional<Slots::Full> Slots::full(const Namespace& ns, const FlowId& flow, const std::optional<flow::Concurrency>& own) const {
  std::optional<Full> strictest;
  const auto weigh = [&](std::string scope, const flow::Concurrency& limit, std::int64_t running) {
    if (running < limit.limit) return;
    if (!strictest || limit.behavior > strictest->limit.behavior) strictest = Full{std::move(scope), limit};
  };
  if (own) weigh(fmt::format("flow {}.{}", ns, flow), *own, running({ns, flow}));
  for (const auto& [outer, limit] : namespaces_)
    if (is_within(ns.str(), outer.str())) weigh(fmt::format("namespace {}", outer), limit, running_within(outer));
  if (tenant_) weigh("tenant", *tenant_, running_);
  return strictest;
}

void Slots::reserve(const ExecutionId& id, const Namespace& ns, const FlowId& flow) {
  if (loaded_ && reserved_.insert(id).second) add_running({ns, flow}, 1);
}

void Slots::moved(const ExecutionId& id, const Namespace& ns, const FlowId& flow, std::optional<execution::State> from, std::optional<execution::State> to) {
  if (!loaded_) return;
  const FlowKey key{ns, flow};
  const bool held = reserved_.erase(id) > 0 || (from && holds(*from));
  const bool holds_now = to && holds(*to);
  add_running(key, (holds_now ? 1 : 0) - (held ? 1 : 0));
  const bool was_queued = from == execution::State::queued, is_queued = to == execution::State::queued;
  if (is_queued && !was_queued) {
    Activity& activity = flows_[key];
    // Only behind all the others: where they are not all known here, it is fetched in its turn.
    if (std::cmp_equal(activity.next.size(), activity.queued) && activity.next.size() < kNextMax && (activity.next.empty() || activity.next.back() < id)) activity.next.push_back(id);
    ++activity.queued;
  } else if (was_queued && !is_queued) {
    Activity& activity = flows_[key];
    --activity.queued;
    std::erase(activity.next, id);
  }
  if (held && !holds_now) freed_ = true;
  forget_if_empty(key);
}

void Slots::forget_if_empty(const FlowKey& flow) {
  const auto at = flows_.find(flow);
  if (at != flows_.end() && at->second.running == 0 && at->second.queued == 0) flows_.erase(at);
}

bool Slots::take_freed() {
  if (!std::exchange(freed_, false)) return false;
  return std::ranges::any_of(flows_, [](const auto& flow) { return flow.second.queued > 0; });
}

std::vector<Slots::FlowKey> Slots::waiting() const {
  std::vector<FlowKey> waiting;
  for (const auto& [flow, activity] : flows_)
    if (activity.queued > 0) waiting.push_back(flow);
  return waiting;
}

std::optional<ExecutionId> Slots::next(const FlowKey& flow) const {
  const auto at = flows_.find(flow);
  if (at == flows_.end() || at->second.next.empty()) return std::nullopt;
  return at->second.next.front();
}

void Slots::fetched(const FlowKey& flow, std::vector<ExecutionId> oldest) {
  if (const auto at = flows_.find(flow); at != flows_.end()) at->second.next.assign(oldest.begin(), oldest.begin() + static_cast<std::ptrdiff_t>(std::min(oldest.size(), kNextMax)));
}

std::int64_t Slots::running(const FlowKey& flow) const {
  const auto at = flows_.find(flow);
  return at == flows_.end() ? 0 : at->second.running;
}

}  // namespace insula::engine
