#include "execution/run.h"

#include "execution/frontier.h"
#include "execution/outputs.h"
#include "execution/variables.h"

namespace insula::execution {

Run::Run(std::shared_ptr<const flow::Flow> flow, Header header) : frontier_(std::make_unique<Frontier>(std::move(flow), std::move(header))) {
  if (frontier_->header.variables.empty()) frontier_->header.variables = frontier_->flow->variables;
  frontier_->past_unknown = frontier_->header.task_runs > 0;
}
Run::Run(std::unique_ptr<Frontier> frontier) : frontier_(std::move(frontier)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

Run Run::restore(std::shared_ptr<const flow::Flow> flow, Header header, std::vector<TaskRun> open_task_runs) {
  auto frontier = std::make_unique<Frontier>(std::move(flow), std::move(header));
  frontier->restore(std::move(open_task_runs));
  return Run(std::move(frontier));
}

const Header& Run::header() const { return frontier_->header; }
const std::shared_ptr<const flow::Flow>& Run::flow() const { return frontier_->flow; }
bool Run::is_terminal() const { return frontier_->header.state.is_terminal(); }
std::size_t Run::open_task_runs() const { return frontier_->nodes.size(); }

std::vector<TaskRunId> Run::open_sessions() const {
  std::vector<TaskRunId> sessions;
  for (const auto& [position, node] : frontier_->nodes) {
    if (is_working_directory(frontier_->task_of(*node))) sessions.push_back(node->row.id);
  }
  return sessions;
}

const TaskRun* Run::find_open(const TaskRunId& id) const {
  const Node* node = frontier_->find(id);
  return node ? &node->row : nullptr;
}

const std::vector<flow::Input>* Run::resume_inputs() const {
  for (const auto& [id, node] : frontier_->nodes) {
    if (node->wait != Wait::pause || node->row.state.current() != execution::State::paused) continue;
    const auto asked = frontier_->flow->resume_inputs.find(node->task);
    if (asked != frontier_->flow->resume_inputs.end()) return &asked->second;
  }
  return nullptr;
}

namespace {

struct Apply {
  Frontier& frontier;
  void operator()(const Begin&) const { frontier.begin(); }
  void operator()(const JobStarted& event) const { frontier.job_started(event); }
  void operator()(const JobEnded& event) const { frontier.job_ended(event); }
  void operator()(const TimerFired& event) const { frontier.timer_fired(event); }
  void operator()(const Answered& event) const { frontier.answered(event); }
  void operator()(const SubflowStarted& event) const {
    if (Node* node = waiting(event.task_run_id)) node->batches ? frontier.batch_started(*node, event.execution_id) : frontier.subflow_started(*node, event.execution_id);
  }
  void operator()(const SubflowRefused& event) const {
    if (Node* node = waiting(event.task_run_id)) node->batches ? frontier.fail_batches(*node, event.error, true) : frontier.subflow_refused(*node, event.error);
  }
  void operator()(const SubflowChanged& event) const {
    Node* node = frontier.find(event.task_run_id);
    if (node && node->batches) return frontier.batch_ended(*node, event);
    if (node && node->wait == Wait::subflow) frontier.subflow_changed(*node, event);
  }
  void operator()(const OtherResumed& event) const {
    Node* node = frontier.find(event.task_run_id);
    if (!node || node->wait != Wait::resume_other) return;
    // The task says it in fewer words than the API.
    if (event.error) {
      const std::string& code = event.error->code;
      frontier.log(node, LogLevel::error, code == "execution-not-paused" ? "The execution is not paused" : event.error->message);
    }
    frontier.attempt_ended(*node, event.error ? State::failed : State::success, {});
  }
  void operator()(const Kill&) const { frontier.kill(); }
  void operator()(const Cancel& event) const { frontier.cancel(event); }
  void operator()(const Pause&) const { frontier.pause_by_person(); }
  void operator()(const Resume& event) const { frontier.resume_by_person(event); }
  void operator()(const ForceRun&) const { frontier.force_run(); }

 private:
  Node* waiting(const TaskRunId& id) const {
    Node* node = frontier.find(id);
    return node && node->wait == Wait::subflow ? node : nullptr;
  }
};

}  // namespace

Step Run::apply(const Event& event, StepContext& context) {
  return frontier_->run_step(context, [&] { std::visit(Apply{*frontier_}, event); });
}

Step Run::proceed(StepContext& context) {
  return frontier_->run_step(context, [] {});
}

bool Run::expects(const StartSubflow& start) const {
  const Node* node = frontier_->find(start.task_run_id);
  return node && node->wait == Wait::subflow && (!node->batches || node->batches->started == start.batch.value_or(-1));
}

std::vector<SubmitJob> Run::jobs_in_flight(StepContext& context) const {
  std::vector<SubmitJob> jobs;
  Frontier& frontier = *frontier_;
  frontier.context = &context;
  frontier.roots.clear();
  for (const auto& [position, node] : frontier.nodes) {
    if (node->wait != Wait::job) continue;
    expression::Needs needs;
    SubmitJob job = frontier.job_of(*node, needs);
    const auto timeout = frontier.timeout_of(*node);
    if (!needs.lookups.empty() || !timeout) {  // its values have left memory: the next step asks for them and hands it out
      frontier.go_on_with(*node);
      continue;
    }
    if (job.part == SubmitJob::Part::whole) job.timeout = *timeout;
    jobs.push_back(std::move(job));
  }
  frontier.context = nullptr;
  return jobs;
}

JsonObject Run::variables_of(const flow::Flow& flow, const Header& header, const std::vector<TaskRun>& task_runs, const TaskRunId& task_run, const StepContext& context) {
  JsonObject variables = common_roots(flow, header, context);
  add_surroundings(variables, context);
  if (!header.inputs.empty()) variables["inputs"] = header.inputs;  // secrets stay masked
  variables["outputs"] = all_outputs(flow, task_runs);
  variables["tasks"] = all_states(task_runs);
  std::unordered_map<TaskRunId, const TaskRun*> by_id;
  for (const TaskRun& row : task_runs) by_id.emplace(row.id, &row);
  const auto found = by_id.find(task_run);
  if (found == by_id.end()) return variables;
  const flow::Task* task = flow.find(found->second->task_id);
  variables["task"] = JsonObject{{"id", found->second->task_id.str()}, {"type", task ? task->type : std::string()}};
  variables["taskrun"] = task_run_root(*found->second);
  JsonArray parents;
  for (std::optional<TaskRunId> at = found->second->parent_id; at && by_id.contains(*at); at = by_id.at(*at)->parent_id) {
    const TaskRun& row = *by_id.at(*at);
    JsonObject one;
    if (row.value) one["taskrun"] = JsonObject{{"value", *row.value}};
    if (!row.outputs.empty()) one["outputs"] = row.outputs;
    if (!one.empty()) parents.push_back(std::move(one));
  }
  if (!parents.empty()) variables["parent"] = parents.front();
  variables["parents"] = std::move(parents);
  return variables;
}

}  // namespace insula::execution
