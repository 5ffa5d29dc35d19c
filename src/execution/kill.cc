// Kill and cancel: nothing is dispatched afterwards but afterExecution (I3), and no result is accepted any more.
#include "execution/frontier.h"

namespace insula::execution {

void Frontier::kill() {
  const State current = header.state.current();
  if (is_terminal(current)) {
    if (nodes.empty()) return refuse({ErrorKind::conflict, "execution-finished", "execution already finished", {}, {}});
    stop_all(State::killed);  // afterExecution is still running
    return go_to(root, Phase::done);
  }
  if (current == State::paused) move_execution(State::restarted);
  move_execution(State::killing);
  stop_all(State::killed);
  root.wait = Wait::children;
  root.answers.clear();
  root.progress.forced = State::killed;
  go_to(root, Phase::ending);
  enqueue_advance(root);
}

void Frontier::cancel(const Cancel& event) {
  if (header.state.is_terminal()) return refuse({ErrorKind::conflict, "execution-finished", "execution already finished", {}, {}});
  if (!event.reason.empty()) log(nullptr, LogLevel::error, event.reason);
  move_execution(event.to);
  stop_all(State::killed);
  root.wait = Wait::children;
  root.answers.clear();
  go_to(root, header.task_runs == 0 ? Phase::done : Phase::after);  // one that never ran has nothing to do afterwards
  if (header.parent_link) command(NotifyParent{*header.parent_link, event.to});
  command(Ended{event.to});
  enqueue_advance(root);
}

}  // namespace insula::execution
