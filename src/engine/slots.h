// Who may run: the limits of a tenant, of its namespaces (each with those below it) and of its flows (features.md §3.7). An execution begins when every
// scope that has a limit has room. Counts follow the states that executions are counted in, and nothing else takes or frees a slot, so none can leak.
// Pure; the actor tells it what the store counts.
#pragma once
#include <deque>

#include "store/store.h"

namespace insula::engine {

class Slots {
 public:
  using FlowKey = std::pair<Namespace, FlowId>;
  struct Full {
    std::string scope;                     // as a user says it: `tenant`, `namespace a.b`, `flow a.b.c`
    flow::Concurrency limit;
  };

  void limit_tenant(std::optional<flow::Concurrency> limit) { tenant_ = limit; }
  void limit_namespace(const Namespace& ns, std::optional<flow::Concurrency> limit);
  // Whether flows without a limit of their own have to be counted, too.
  bool is_limited() const { return tenant_ || !namespaces_.empty(); }

  // What the store counts, and what the turn has counted since; nothing is counted before.
  void load(const std::vector<store::FlowActivity>& committed, const std::vector<store::CounterDelta>& of_turn);
  bool is_loaded() const { return loaded_; }

  // A scope in which one more execution of the flow has no room. When several are full: the strictest, FAIL before CANCEL before QUEUE.
  std::optional<Full> full(const Namespace& ns, const FlowId& flow, const std::optional<flow::Concurrency>& own) const;
  // The execution begins now; it is counted once its state is.
  void reserve(const ExecutionId& id, const Namespace& ns, const FlowId& flow);
  // The execution is counted in another state; either may be absent.
  void moved(const ExecutionId& id, const Namespace& ns, const FlowId& flow, std::optional<execution::State> from, std::optional<execution::State> to);
  // Whether a slot may have become free, since this was asked last, while somebody waits.
  bool take_freed();
  void look_again() { freed_ = loaded_; }   // a limit was raised

  std::vector<FlowKey> waiting() const;     // flows with executions in state QUEUED
  // The oldest queued execution of the flow that is known here; nothing: more have to be fetched.
  std::optional<ExecutionId> next(const FlowKey& flow) const;
  void fetched(const FlowKey& flow, std::vector<ExecutionId> oldest);
  std::int64_t running(const FlowKey& flow) const;
  std::size_t flows() const { return flows_.size(); }

  static bool holds(execution::State state);

 private:
  struct Activity {
    std::int64_t running = 0, queued = 0;
    std::deque<ExecutionId> next;          // the oldest queued ones, in order; not all of them
  };
  void add_running(const FlowKey& flow, std::int64_t by);
  std::int64_t running_within(const Namespace& ns) const;
  void forget_if_empty(const FlowKey& flow);

  bool loaded_ = false, freed_ = false;
  std::optional<flow::Concurrency> tenant_;
  std::map<Namespace, flow::Concurrency> namespaces_;
  std::map<FlowKey, Activity> flows_;
  std::map<Namespace, std::int64_t> by_namespace_;   // running, of the flows of exactly this namespace
  std::int64_t running_ = 0;
  std::unordered_set<ExecutionId> reserved_;
};

}  // namespace insula::engine
