// The queue of work of a step, and how rows, states and log lines get into it.
#include "execution/frontier.h"

namespace insula::execution {

Frontier::Frontier(std::shared_ptr<const flow::Flow> of, Header with) : flow(std::move(of)), header(std::move(with)) {
  root.scope = &scope;
  root.wait = Wait::children;
  root.progress = Progress::from_json(header.progress);
}

Step Frontier::run_step(StepContext& step_context, const std::function<void()>& event) {
  Step result;
  context = &step_context;
  step = &result;
  rows_made = 0;
  roots.clear();
  event();
  if (!result.refused) drain();
  flush();
  closed.clear();
  result.more = !work.empty();
  context = nullptr;
  step = nullptr;
  return result;
}

void Frontier::drain() {
  while (!work.empty() && !out_of_budget()) {
    read_clock();
    const Work item = work.front();
    work.pop_front();
    Node* node = &root;
    if (item.position != kRootPosition) {
      const auto at = nodes.find(item.position);
      if (at == nodes.end()) continue;
      node = at->second.get();
    }
    if (item.kind == Work::Kind::advance) {
      node->advance_queued = false;
      advance(*node);
    } else {
      start(*node);
    }
    closed.clear();
  }
}

void Frontier::enqueue_start(Node& node) { work.push_back({Work::Kind::start, node.row.position}); }

void Frontier::enqueue_advance(Node& node) {
  if (node.advance_queued || node.closed) return;
  node.advance_queued = true;
  work.push_back({Work::Kind::advance, node.is_root() ? kRootPosition : node.row.position});
}

Node* Frontier::find(const TaskRunId& id) {
  const auto position = positions.find(id);
  return position == positions.end() ? nullptr : nodes.at(position->second).get();
}

void Frontier::touch(Node& node) {
  if (node.is_root()) {
    touch_header();
    return;
  }
  if (node.dirty || node.closed) return;
  node.dirty = true;
  dirty.push_back(node.row.position);
}

void Frontier::flush() {
  for (const std::int64_t position : dirty) {
    const auto at = nodes.find(position);
    if (at == nodes.end()) continue;
    Node& node = *at->second;
    node.dirty = false;
    if (is_flowable(task_of(node))) node.row.progress = node.progress.to_json();
    else if (node.batches) node.row.progress = node.batches->to_json();
    else if (node.wait == Wait::subflow && node.child) node.row.progress = JsonObject{{"child", node.child->str()}};
    else if (node.restart_child) node.row.progress = JsonObject{{"restart", node.restart_child->str()}};
    else node.row.progress = nullptr;
    step->changes.task_runs.push_back(node.row);
  }
  dirty.clear();
  if (step->changes.header_changed) header.progress = root.progress.to_json();
}

void Frontier::set_timer(Node& node, std::string_view purpose, Instant due) {
  std::string key = node.row.id.str() + ":" + std::string(purpose);
  node.timers.insert(key);
  command(SetTimer{std::move(key), due});
}

void Frontier::clear_timers(Node& node) {
  for (const std::string& key : node.timers) command(ClearTimer{key});
  node.timers.clear();
}

void Frontier::move_execution(State to) {
  header.state.move_to(to, now());
  touch_shown_header();
}

void Frontier::move(Node& node, State to) {
  node.row.state.move_to(to, now());
  touch(node);
}

namespace {

// Cuts a text into pieces of at most `max` characters (code points), never inside one.
std::vector<std::string> pieces_of(std::string text, std::size_t max) {
  std::vector<std::string> pieces;
  if (text.size() <= max) {
    pieces.push_back(std::move(text));
    return pieces;
  }
  std::size_t begin = 0, characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (characters == max) {
      pieces.push_back(text.substr(begin, i - begin));
      begin = i;
      characters = 0;
    }
    ++characters;
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

}  // namespace

void Frontier::log(const Node* node, LogLevel level, std::string message) {
  for (std::string& piece : pieces_of(std::move(message), kLogMessageMax)) {
    LogLine line;
    line.at = now();
    line.level = level;
    line.message = std::move(piece);
    line.thread = std::string(kInlineWorker);
    if (node && !node->is_root()) {
      line.task_id = node->row.task_id;
      line.task_run_id = node->row.id;
      line.attempt = node->row.attempts.empty() ? 0 : static_cast<int>(node->row.attempts.size()) - 1;
    }
    step->changes.logs.push_back(std::move(line));
  }
}

void Frontier::log_of_task(const Node& node, LogLevel level, std::string message) {
  const std::optional<LogLevel> least = task_of(node).log_level;
  if (least && level < *least) return;
  log(&node, level, std::move(message));
}

void Frontier::park(Node& node, const expression::Needs& needs) {
  if (++node.rounds > kRoundsMax) {
    const std::string message = fmt::format("The expressions of this task asked for further values more than {} times", kRoundsMax);
    if (node.is_root()) {
      log(nullptr, LogLevel::error, message);
      root.progress.forced = State::failed;
      root.rounds = 0;
      root.wait = Wait::children;
      return;
    }
    if (is_flowable(task_of(node))) fail_flowable(node, message);
    else fail_before_start(node, message, true);
    return;
  }
  node.wait = Wait::needs;
  touch(node);
  node.outstanding = needs.lookups;
  for (const expression::Lookup& lookup : needs.lookups) step->needs.push_back({node.row.id, lookup});
}

bool Frontier::may_start() const {
  switch (header.state.current()) {
    case State::created: case State::running: case State::restarted: case State::retrying: case State::queued: return true;
    default: return root.progress.phase == Phase::after;
  }
}

}  // namespace insula::execution
