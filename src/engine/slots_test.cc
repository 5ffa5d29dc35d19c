// Limits of tenant, namespaces and flows; counts that follow states.
#include "engine/slots.h"

#include "engine/engine_for_tests.h"

namespace insula::engine {
namespace {

using execution::State;
using Behavior = flow::Concurrency::Behavior;

constexpr flow::Concurrency limit_of(int limit, Behavior behavior = Behavior::queue) { return {limit, behavior}; }

const Namespace kTeam("a.b"), kChild("a.b.c"), kSibling("a.bc");
const FlowId kFlow("f");

Slots loaded() {
  Slots slots;
  slots.load({}, {});
  return slots;
}
void runs(Slots& slots, const char* id, const Namespace& ns) {
  slots.reserve(ExecutionId(id), ns, kFlow);
  slots.moved(ExecutionId(id), ns, kFlow, State::created, State::running);
}

TEST(Slots, ALimitOfANamespaceCountsWhatLiesBelowItAndNothingBeside) {
  Slots slots = loaded();
  slots.limit_namespace(kTeam, limit_of(2));
  runs(slots, "1", kChild);
  runs(slots, "2", kSibling);
  EXPECT_FALSE(slots.full(kTeam, kFlow, std::nullopt));
  runs(slots, "3", kTeam);
  ASSERT_TRUE(slots.full(kChild, kFlow, std::nullopt));
  EXPECT_EQ(slots.full(kChild, kFlow, std::nullopt)->scope, "namespace a.b");
  EXPECT_FALSE(slots.full(kSibling, kFlow, std::nullopt));
}

TEST(Slots, EveryScopeMustHaveRoomAndTheStrictestDecides) {
  Slots slots = loaded();
  slots.limit_tenant(limit_of(1));
  EXPECT_FALSE(slots.full(kTeam, kFlow, limit_of(1, Behavior::fail)));
  runs(slots, "1", kTeam);
  EXPECT_EQ(slots.full(kSibling, kFlow, std::nullopt)->limit.behavior, Behavior::queue);
  EXPECT_EQ(slots.full(kTeam, kFlow, limit_of(1, Behavior::fail))->limit.behavior, Behavior::fail);
}

TEST(Slots, WhateverHappensToARunItsSlotIsFreeAgain) {
  for (const State end : {State::success, State::failed, State::killed, State::cancelled, State::warning}) {
    Slots slots = loaded();
    slots.reserve(ExecutionId("1"), kTeam, kFlow);
    slots.moved(ExecutionId("1"), kTeam, kFlow, State::created, end);   // began and ended within one turn
    EXPECT_EQ(slots.running({kTeam, kFlow}), 0);
    runs(slots, "2", kTeam);
    slots.moved(ExecutionId("2"), kTeam, kFlow, State::running, State::paused);
    EXPECT_EQ(slots.running({kTeam, kFlow}), 1) << "a paused execution keeps its slot";
    slots.moved(ExecutionId("2"), kTeam, kFlow, State::paused, end);
    EXPECT_EQ(slots.running({kTeam, kFlow}), 0);
    slots.moved(ExecutionId("2"), kTeam, kFlow, end, State::restarted);
    slots.reserve(ExecutionId("2"), kTeam, kFlow);
    slots.moved(ExecutionId("2"), kTeam, kFlow, State::restarted, State::running);
    EXPECT_EQ(slots.running({kTeam, kFlow}), 1);
    slots.moved(ExecutionId("2"), kTeam, kFlow, State::running, std::nullopt);   // deleted
    EXPECT_EQ(slots.running({kTeam, kFlow}), 0);
    EXPECT_EQ(slots.flows(), 0u) << "nothing is kept of flows that do nothing";
  }
}

TEST(Slots, TheOldestWaitsFirstAndMoreAreFetchedWhenTheKnownOnesAreGone) {
  Slots slots;
  slots.load({{kTeam, kFlow, 1, 2}}, {{Instant{}, kTeam, kFlow, State::queued, 1}});
  EXPECT_EQ(slots.waiting().size(), 1u);
  EXPECT_FALSE(slots.next({kTeam, kFlow}));
  slots.fetched({kTeam, kFlow}, {ExecutionId("1"), ExecutionId("2")});
  slots.moved(ExecutionId("4"), kTeam, kFlow, State::created, State::queued);   // behind one that is not known here
  slots.moved(ExecutionId("1"), kTeam, kFlow, State::queued, State::killed);
  EXPECT_EQ(slots.next({kTeam, kFlow}), ExecutionId("2"));
  slots.moved(ExecutionId("2"), kTeam, kFlow, State::queued, State::running);
  EXPECT_FALSE(slots.next({kTeam, kFlow}));
  EXPECT_TRUE(slots.take_freed());
  EXPECT_FALSE(slots.take_freed());
}

// ---- with the engine

class LimitsTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder); }
  static std::string waits(const std::string& id, const std::string& ns, const std::string& more = "") {
    return fmt::format("id: {}\nnamespace: {}\n{}tasks:\n  - {{id: wait, type: io.kestra.plugin.core.flow.Pause}}\n", id, ns, more);
  }
  Started start(EngineForTests& world, const std::string& ns, const std::string& flow) {
    StartExecution command;
    command.ns = Namespace(ns);
    command.flow_id = FlowId(flow);
    auto started = EngineForTests::wait<Started>([&](Reply<Started> reply) { world.engine->start_execution(*world.scope, command, std::move(reply)); });
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    return started.value_or(Started{});
  }
  static State state(EngineForTests& world, const ExecutionId& id) {
    return *EngineForTests::wait<State>([&](Reply<State> reply) {
      world.engine->read(*world.scope, [&, reply = std::move(reply)](Result<store::TenantReader*> reader) mutable { reply((**(*reader)->execution(id)).state.current()); });
    });
  }
  // Until the execution is in that state; some seconds at most.
  static bool reaches(EngineForTests& world, const ExecutionId& id, State wanted) {
    for (int i = 0; i < 500; ++i) {
      if (state(world, id) == wanted) return true;
      static_cast<void>(EngineForTests::wait<void>([&](Reply<void> reply) { world.engine->after(std::chrono::milliseconds(10), [reply = std::move(reply)]() mutable { reply({}); }); }));
    }
    return false;
  }
  static void act(EngineForTests& world, const ExecutionId& id, Action action) {
    auto done = EngineForTests::wait<Started>([&](Reply<Started> reply) { world.engine->act(*world.scope, id, std::move(action), std::move(reply)); });
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
  }
  static void limit_tenant(EngineForTests& world, int limit, std::string_view behavior) {
    store::TenantRow row = **world.stores->system().tenant(TenantId("t"));
    row.settings["concurrency"] = JsonObject{{"limit", limit}, {"behavior", behavior}};
    ASSERT_TRUE(world.stores->system().update_tenant(row));
    world.engine->tenant_changed(row);
  }
  static void limit_namespace(EngineForTests& world, const std::string& ns, int limit, std::string_view behavior) {
    store::NamespaceRow row;
    row.id = Namespace(ns);
    row.settings["concurrency"] = JsonObject{{"limit", limit}, {"behavior", behavior}};
    ASSERT_TRUE(EngineForTests::wait<store::NamespaceRow>([&](Reply<store::NamespaceRow> reply) { world.engine->save_namespace(*world.scope, row, false, std::move(reply)); }));
  }
  std::filesystem::path folder = EngineForTests::new_folder();
};

TEST_F(LimitsTest, TheTenantsLimitQueuesAcrossFlowsAndTheOldestGoesFirst) {
  EngineForTests world(folder);
  ASSERT_TRUE(world.deploy(waits("one", "a.b")));
  ASSERT_TRUE(world.deploy(waits("two", "x")));
  limit_tenant(world, 1, "QUEUE");
  const Started first = start(world, "a.b", "one"), second = start(world, "x", "two"), third = start(world, "a.b", "one");
  EXPECT_TRUE(reaches(world, first.header.id, State::paused));
  EXPECT_TRUE(reaches(world, second.header.id, State::queued));
  EXPECT_TRUE(reaches(world, third.header.id, State::queued));
  act(world, first.header.id, KillAction{});
  EXPECT_TRUE(reaches(world, second.header.id, State::paused)) << "the oldest, whatever its flow";
  EXPECT_EQ(state(world, third.header.id), State::queued);
  ASSERT_TRUE(EngineForTests::wait<void>([&](Reply<void> reply) { world.engine->delete_execution(*world.scope, second.header.id, {}, std::move(reply)); }));
  EXPECT_TRUE(reaches(world, third.header.id, State::paused)) << "a deleted execution leaves its slot";
}

TEST_F(LimitsTest, ANamespacesLimitCountsItsChildrenAndRaisingItLetsTheQueueGoOn) {
  EngineForTests world(folder);
  ASSERT_TRUE(world.deploy(waits("one", "a.b")));
  ASSERT_TRUE(world.deploy(waits("two", "a.b.c")));
  ASSERT_TRUE(world.deploy(waits("other", "z")));
  limit_namespace(world, "a", 1, "QUEUE");
  const Started first = start(world, "a.b", "one"), second = start(world, "a.b.c", "two"), other = start(world, "z", "other");
  EXPECT_TRUE(reaches(world, first.header.id, State::paused));
  EXPECT_TRUE(reaches(world, second.header.id, State::queued));
  EXPECT_TRUE(reaches(world, other.header.id, State::paused));
  limit_namespace(world, "a", 2, "QUEUE");
  EXPECT_TRUE(reaches(world, second.header.id, State::paused));
}

TEST_F(LimitsTest, CancelAndFailEndWhatHasNoRoomAndKeepNoSlot) {
  EngineForTests world(folder);
  ASSERT_TRUE(world.deploy(waits("one", "a.b")));
  limit_tenant(world, 1, "CANCEL");
  const Started first = start(world, "a.b", "one"), second = start(world, "a.b", "one");
  EXPECT_TRUE(reaches(world, second.header.id, State::cancelled));
  limit_tenant(world, 1, "FAIL");
  EXPECT_TRUE(reaches(world, start(world, "a.b", "one").header.id, State::failed));
  act(world, first.header.id, KillAction{});
  EXPECT_TRUE(reaches(world, first.header.id, State::killed));
  EXPECT_TRUE(reaches(world, start(world, "a.b", "one").header.id, State::paused));
}

TEST_F(LimitsTest, TheQueueSurvivesARestartAndManyShortRunsPassOneSlot) {
  Started first;
  {
    EngineForTests world(folder);
    ASSERT_TRUE(world.deploy(waits("one", "a.b")));
    ASSERT_TRUE(world.deploy("id: short\nnamespace: a.b\ntasks:\n  - {id: log, type: io.kestra.plugin.core.log.Log, message: done}\n"));
    limit_tenant(world, 1, "QUEUE");
    first = start(world, "a.b", "one");
    EXPECT_TRUE(reaches(world, first.header.id, State::paused));
    for (int i = 0; i < 600; ++i) static_cast<void>(start(world, "a.b", "short"));
  }
  EngineForTests world(folder);
  const Started last = start(world, "a.b", "short");
  EXPECT_TRUE(reaches(world, last.header.id, State::queued));
  act(world, first.header.id, KillAction{});
  EXPECT_TRUE(reaches(world, last.header.id, State::success)) << "after 600 others, more than are known at once";
}

}  // namespace
}  // namespace insula::engine
