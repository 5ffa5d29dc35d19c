// What expressions ask for: rows of the own execution at once, secrets at once, files and HTTP in the background.
#include "engine/files.h"
#include "engine/reply.h"

namespace insula::engine {

namespace {
constexpr std::size_t kLookedUpRowsMax = 200'000;
constexpr std::size_t kAncestorsMax = 100;             // of nested subflows
constexpr std::chrono::seconds kLookupTimeMax{120};
}

// The rows that the store has, with those of this turn laid over them.
Result<std::vector<execution::TaskRun>> TenantActor::all_task_runs(const ExecutionId& id, std::size_t limit) {
  auto rows = store_->read().task_runs(id, 0, limit);
  if (!rows) return rows;
  std::unordered_map<TaskRunId, std::size_t> places;
  for (std::size_t i = 0; i < rows->size(); ++i) places.emplace((*rows)[i].id, i);
  for (const execution::TaskRun* fresh : turn_.task_runs_of(id)) {
    const auto at = places.find(fresh->id);
    if (at == places.end()) rows->push_back(*fresh);
    else (*rows)[at->second] = *fresh;
  }
  std::set<TaskRunId> removed;
  for (const auto& [execution, ids] : turn_.rows().removed_task_runs) {
    if (execution == id) removed.insert(ids.begin(), ids.end());
  }
  if (!removed.empty()) std::erase_if(*rows, [&](const execution::TaskRun& row) { return removed.contains(row.id); });
  std::sort(rows->begin(), rows->end(), [](const auto& a, const auto& b) { return a.position < b.position; });
  return rows;
}

void TenantActor::look_up(Active& active, const std::vector<execution::Need>& needs) {
  const execution::Header& header = active.run.header();
  const ExecutionId id = header.id;
  std::map<TaskRunId, execution::Answered> answered;
  for (const execution::Need& need : needs) {
    std::optional<expression::Answer> answer;
    if (need.lookup.name == "outputs" || need.lookup.name == "tasks") {
      auto rows = all_task_runs(id, kLookedUpRowsMax);
      if (!rows) answer = rows.error();
      else answer = execution::answer_from_rows(*active.run.flow(), need.lookup, *rows);
    } else {
      answer = answer_now(header, *active.run.flow(), need.lookup);
    }
    if (answer && need.lookup.name == "secret" && std::holds_alternative<Json>(*answer)) {
      active.secrets.push_back(to_text(std::get<Json>(*answer)));
      active.masker.reset();
    }
    if (answer) {
      execution::Answered& group = answered[need.task_run_id];
      group.task_run_id = need.task_run_id;
      group.answers.push_back({need.lookup, std::move(*answer)});
      continue;
    }
    // Anything that may block goes elsewhere; the task run stays parked until the answer comes by mail.
    if (active.outstanding.empty()) set_timer(id, std::string(kLookupsTimer), now_ + kLookupTimeMax);
    active.outstanding.push_back(need);
    ports_.background([need, id, readable = readable_of(active), uid = scope_.uid(), &storage = ports_.storage, post = ports_.post] {
      execution::Answered late;
      late.task_run_id = need.task_run_id;
      late.answers.push_back({need.lookup, answer_from_files(storage, uid, readable, need.lookup)});
      post({[id, late](TenantActor& actor) { actor.answer_late(id, late); }, true, id});
    });
  }
  for (auto& entry : answered) later_or_next_turn(id, [id, group = std::move(entry.second)](TenantActor& actor) { actor.answer(id, group); });
}

void TenantActor::answer(const ExecutionId& id, const execution::Answered& answered) { apply(id, answered); }

void TenantActor::answer_late(const ExecutionId& id, const execution::Answered& answered) {
  const auto at = runs_.find(id);
  if (at != runs_.end()) {
    std::erase_if(at->second.outstanding, [&](const execution::Need& need) { return need.task_run_id == answered.task_run_id && need.lookup == answered.answers.front().lookup; });
  }
  if (at == runs_.end() || at->second.outstanding.empty()) clear_timer(id, std::string(kLookupsTimer));
  apply(id, answered);
}

// The timer of the lookups fired. In memory they are still on their way, which has taken too long; else the process died or the tenant slept: a run
// that is back from its rows asks again.
void TenantActor::give_up_lookups(const ExecutionId& id) {
  const auto at = runs_.find(id);
  if (at == runs_.end() || at->second.outstanding.empty()) return proceed(id);
  std::map<TaskRunId, execution::Answered> groups;
  for (const execution::Need& need : std::exchange(at->second.outstanding, {})) {
    execution::Answered& group = groups[need.task_run_id];
    group.task_run_id = need.task_run_id;
    group.answers.push_back({need.lookup, Error{ErrorKind::unavailable, "lookup-too-long", fmt::format("{}() took longer than {} s", need.lookup.name, kLookupTimeMax.count()), {}, {}}});
  }
  for (const auto& [task_run, group] : groups) apply(id, group);
}

std::vector<std::string> TenantActor::readable_prefixes(const execution::Header& header) {
  std::vector<std::string> prefixes{storage::execution_prefix(header.ns, header.flow_id, header.id)};
  // A replay keeps the outputs, and so the files, of the execution that it repeats.
  if (header.parent_id) prefixes.push_back(storage::execution_prefix(header.ns, header.flow_id, *header.parent_id));
  if (!header.original_id.empty() && header.original_id != header.id) prefixes.push_back(storage::execution_prefix(header.ns, header.flow_id, header.original_id));
  std::optional<execution::TriggerInfo> trigger = header.trigger;
  for (std::size_t depth = 0; depth < kAncestorsMax && trigger && trigger->variables.is_object(); ++depth) {
    const JsonObject& by = trigger->variables.as_object();
    const ExecutionId other(text_or(by, "executionId"));
    if (other.empty()) break;
    prefixes.push_back(storage::execution_prefix(Namespace(text_or(by, "namespace")), FlowId(text_or(by, "flowId")), other));
    if (const auto memory = runs_.find(other); memory != runs_.end()) {
      trigger = memory->second.run.header().trigger;
      continue;
    }
    auto row = store_->read().execution(other);
    if (!row || !*row) break;
    trigger = std::move((*row)->trigger);
  }
  return prefixes;
}

const std::vector<std::string>& TenantActor::readable_of(Active& active) {
  if (!active.readable) active.readable = readable_prefixes(active.run.header());
  return *active.readable;
}

// What needs no waiting. nullopt: it may block.
std::optional<expression::Answer> TenantActor::answer_now(const execution::Header& header, const flow::Flow& flow, const expression::Lookup& lookup) {
  if (lookup.name == "secret") return answer_from_secrets(ports_.settings.secrets, lookup);
  if (lookup.name == "kv") {
    return Error{ErrorKind::invalid, "kv-unavailable",
                 fmt::format("The key '{}' does not exist in the namespace '{}'.", text_or(lookup.arguments, "key"), text_or(lookup.arguments, "namespace", flow.ns.str())), {}, {}};
  }
  if (lookup.name == "errorLogs") {
    store::LogQuery query;
    query.min_level = flow::LogLevel::error;
    query.limit = 1'000;
    auto lines = store_->read().logs(header.id, query);
    if (!lines) return lines.error();
    JsonArray list;
    const auto add = [&](const execution::LogLine& line) {
      if (line.level != flow::LogLevel::error || list.size() >= 1'000) return;
      list.push_back(JsonObject{{"taskId", line.task_id ? Json(line.task_id->str()) : Json(nullptr)}, {"message", line.message}});
    };
    for (const store::LogRow& row : *lines) add(row.log.line);
    for (const store::LogWrite& fresh : turn_.rows().logs) {
      if (fresh.execution_id == header.id) add(fresh.line);
    }
    return Json(std::move(list));
  }
  if (lookup.name == "subflow") {
    return Error{ErrorKind::invalid, "function-unavailable", "subflow() is not available in this version: use a Subflow task and read its outputs", {}, {}};
  }
  if (lookup.name == "outputs" || lookup.name == "tasks") return expression::Answer{expression::Undefined{}};
  return std::nullopt;
}

void TenantActor::evaluate(const ExecutionId& id, const TaskRunId& task_run, const std::string& text, std::shared_ptr<Reply<Evaluated>> reply) {
  auto header = store_->read().execution(id);
  if (!header) return reply_after<Evaluated>(reply, fail(header.error()));
  if (!*header) return reply_after<Evaluated>(reply, fail(ErrorKind::not_found, "execution-unknown", "Execution not found"));
  auto rows = all_task_runs(id, kLookedUpRowsMax);
  if (!rows) return reply_after<Evaluated>(reply, fail(rows.error()));
  if (!task_run.empty() && std::none_of(rows->begin(), rows->end(), [&](const auto& row) { return row.id == task_run; })) {
    return reply_after<Evaluated>(reply, fail(ErrorKind::not_found, "task-run-unknown", fmt::format("TaskRun '{}' not found", task_run)));
  }
  auto flow = flow_of((*header)->ns, (*header)->flow_id, (*header)->flow_revision);
  if (!flow) return reply_after<Evaluated>(reply, fail(flow.error()));
  execution::StepContext context = step_context();
  context.decrypt = [](const Json& wrapper) -> Result<std::string> { return to_text(wrapper); };  // secrets stay wrapped in what a person sees
  const std::vector<std::string> readable = readable_prefixes(**header);
  const expression::ObjectVariables variables(execution::Run::variables_of(**flow, **header, *rows, task_run, context), [&](const expression::Lookup& lookup) -> expression::Answer {
    if (lookup.name == "secret") return Json("******");
    if (auto answer = answer_now(**header, **flow, lookup)) return *answer;
    return answer_from_files(ports_.storage, scope_.uid(), readable, lookup);
  });
  Evaluated evaluated;
  auto rendered = expression::Template::compile(text).render(variables, environment());
  if (rendered) evaluated.result = std::move(*rendered);
  else if (const Error* error = std::get_if<Error>(&rendered.error())) evaluated.error = error->message;
  else evaluated.error = "the expression needs a value that is not available here";
  reply_after<Evaluated>(reply, std::move(evaluated));
}

}  // namespace insula::engine
