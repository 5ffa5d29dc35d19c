// Random flows and random orders of events: a run that is saved and restored before every event writes the same rows as one that never leaves
// memory; nothing is dispatched once an execution is being killed; every run ends.
#include <random>

#include "execution/test_world.h"

namespace insula::execution::test {
namespace {

class Author {
 public:
  explicit Author(unsigned seed) : random_(seed) {}
  std::string flow() {
    std::string text = list("tasks", 0, "");
    if (chance(2)) text += list("errors", 2, "");
    if (chance(2)) text += list("finally", 2, "");
    if (chance(3)) text += list("afterExecution", 2, "");
    return text;
  }

 private:
  bool chance(int one_in) { return pick(one_in) == 0; }
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::string id() { return "t" + std::to_string(++count_); }

  std::string list(std::string_view name, int depth, const std::string& indent) {
    std::string text = indent + std::string(name) + ":\n";
    const int tasks = 1 + pick(3);
    for (int i = 0; i < tasks; ++i) text += task(depth, indent);
    return text;
  }

  std::string task(int depth, const std::string& indent) {
    const std::string inner = indent + "  ";
    const std::string name = id();
    std::string text = indent + "- id: " + name + "\n";
    const auto type = [&](std::string_view of) { text += inner + "type: io.kestra.plugin.core." + std::string(of) + "\n"; };
    if (chance(6)) text += inner + "allowFailure: true\n";
    if (chance(12)) text += inner + "disabled: true\n";
    if (chance(8)) text += inner + "runIf: \"{{ taskrun.iteration is not defined or taskrun.iteration != 1 }}\"\n";
    const int kind = depth >= 3 ? pick(4) : pick(11);
    switch (kind) {
      case 0: type("log.Log"), text += inner + "message: \"{{ task.id }} {{ taskrun.value ?? '' }}\"\n"; break;
      case 1: case 2:
        text += inner + "type: test.Job\n";
        if (last_job_ != "" && chance(2)) text += inner + "format: \"{{ outputs." + last_job_ + " ?? '' }}\"\n";
        if (chance(3)) text += inner + "retry: {type: constant, interval: PT10S, maxAttempts: 2}\n";
        last_job_ = name;
        break;
      case 3: type("flow.Sleep"), text += inner + "duration: PT" + std::to_string(1 + pick(20)) + "S\n"; break;
      case 4: type("flow.Parallel"), text += inner + "concurrent: " + std::to_string(pick(3)) + "\n" + list("tasks", depth + 1, inner); break;
      case 5: type("flow.Sequential"), text += list("tasks", depth + 1, inner); break;
      case 6: type("flow.ForEach"), text += inner + "values: [a, b, c]\n" + inner + "concurrencyLimit: " + std::to_string(pick(3)) + "\n" + list("tasks", depth + 1, inner); break;
      case 7: type("flow.If"), text += inner + "condition: \"{{ " + (chance(2) ? "true" : "false") + " }}\"\n" + list("then", depth + 1, inner) + list("else", depth + 1, inner); break;
      case 8: type("flow.EachParallel"), text += inner + "value: [a, b]\n" + inner + "concurrent: " + std::to_string(pick(3)) + "\n" + list("tasks", depth + 1, inner); break;
      case 9: type("flow.AllowFailure"), text += list("tasks", depth + 1, inner); break;
      default: type("flow.Pause"), text += inner + "pauseDuration: PT" + std::to_string(1 + pick(20)) + "S\n"; break;
    }
    if (kind >= 4 && kind <= 9 && chance(4)) text += list("errors", 3, inner);
    if (kind >= 4 && kind <= 9 && chance(5)) text += list("finally", 3, inner);
    return text;
  }

  std::mt19937 random_;
  int count_ = 0;
  std::string last_job_;
};

// Ends jobs and lets time pass in an order that depends on `seed` and on nothing else of the world.
void play(World& world, unsigned seed, int kill_at) {
  std::mt19937 random(seed);
  world.begin();
  for (int i = 0; i < 5'000; ++i) {
    if (i == kill_at) world.apply(Kill{});
    if (!world.jobs.empty() && random() % 4 != 0) {
      std::ranges::sort(world.jobs, {}, &SubmitJob::task_run_id);
      const SubmitJob job = world.jobs[random() % world.jobs.size()];
      const State state = random() % 5 == 0 ? State::failed : State::success;
      world.end_job(job, state, {{"n", static_cast<std::int64_t>(i)}});
    } else if (!world.timers.empty()) {
      Instant first = world.timers.begin()->second;
      for (const auto& [key, due] : world.timers) first = std::min(first, due);
      world.advance(std::max(Duration{0}, first - world.now));
    } else if (world.jobs.empty()) {
      return;
    }
  }
  ADD_FAILURE() << "the run does not end";
}

std::string picture(const World& world) {
  std::string text = world.state() + " " + write_json(world.stored.outputs) + "\n";
  for (const TaskRun& row : world.sorted()) {
    text += fmt::format("{} {} [{}] {} {}\n", row.position, row.task_id, row.value.value_or(""), row.state.pack(), write_json(row.outputs));
    for (const Attempt& attempt : row.attempts) text += "    " + attempt.state.pack() + "\n";
  }
  return text;
}

TEST(Property, ARestoredRunWritesTheSameRows) {
  for (unsigned seed = 1; seed <= 120; ++seed) {
    const std::string flow = Author(seed).flow();
    const int kill_at = seed % 3 == 0 ? static_cast<int>(seed % 11) : -1;
    World whole(flow), restored(flow);
    restored.restore_always = true;
    restored.task_runs_max = whole.task_runs_max = seed % 5 == 0 ? 2 : 2'000;
    play(whole, seed, kill_at);
    play(restored, seed, kill_at);
    ASSERT_TRUE(whole.run.is_terminal()) << seed << "\n" << flow << picture(whole);
    ASSERT_EQ(picture(whole), picture(restored)) << "seed " << seed << "\n" << flow;
    ASSERT_FALSE(whole.dispatched_after_killing || restored.dispatched_after_killing) << seed;
    for (const TaskRun& row : whole.sorted()) ASSERT_TRUE(row.state.is_terminal()) << seed << " " << row.task_id.str() << "\n" << flow;
    ASSERT_EQ(whole.run.open_task_runs(), 0u);
    ASSERT_TRUE(whole.ended) << seed;
  }
}

// I9: the same seed, flow and events give the same rows, commands and log lines.
TEST(Property, TheSameSeedGivesTheSameRun) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const std::string flow = Author(seed).flow();
    World one(flow), two(flow);
    play(one, seed, -1);
    play(two, seed, -1);
    ASSERT_EQ(picture(one), picture(two));
    ASSERT_EQ(one.log_text(), two.log_text());
    ASSERT_EQ(one.commands.size(), two.commands.size());
  }
}

}  // namespace
}  // namespace insula::execution::test
