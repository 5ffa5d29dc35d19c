#include "store/tables.h"

namespace insula::store::execution_table {
namespace {

using execution::Header;

std::string select(std::string_view condition) {
  return fmt::format("select {} from executions e where {{tenant e}} and {}", columns_of(table(), "e"), condition);
}

// `trigger.variables.executionId`: the execution that started this one.
std::string_view started_by(const Header& header) {
  if (!header.trigger) return {};
  const Json* id = insula::find(header.trigger->variables, "executionId");
  return id != nullptr && id->is_string() ? as_view(id->as_string()) : std::string_view();
}

std::vector<Header> all(Connection& c, std::string_view sql, const Cells& parameters) {
  std::vector<Header> out;
  c.query(sql, parameters, [&](const Row& row) { out.push_back(from_row(row)); });
  return out;
}

}  // namespace

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"executions", {{"id", ColumnType::text, ColumnRole::key}, {"namespace"}, {"flow_id"}, {"flow_revision", integer}, {"state"},
      {"start_date", integer}, {"end_date", integer}, {"duration", integer}, {"history"}, {"inputs"}, {"outputs"}, {"variables"}, {"labels"},
      {"trigger_execution_id"}, {"trigger"}, {"parent_execution_id"}, {"parent_task_run_id"}, {"parent_id"}, {"original_id"}, {"attempt_number", integer},
      {"original_created", integer}, {"schedule_date", integer}, {"kind"}, {"deleted", integer}, {"task_runs", integer}, {"progress"}}};
  return table;
}

Header from_row(const Row& row) {
  Cursor cell(row);
  Header h;
  h.id = cell.id<ExecutionId>();
  h.ns = cell.id<Namespace>();
  h.flow_id = cell.id<FlowId>();
  h.flow_revision = cell.small();
  cell.text(), cell.integer(), cell.integer(), cell.integer();  // state, dates, duration: for searches; the history has them
  h.state = execution::StateHistory::unpack(cell.text());
  h.inputs = cell.object();
  h.outputs = cell.object();
  h.variables = cell.object();
  h.labels = unpack_labels(cell.text());
  cell.text();  // trigger_execution_id: for searches
  if (const Json trigger = cell.json(); trigger.is_object()) {
    const Json* variables = insula::find(trigger, "variables");
    h.trigger = execution::TriggerInfo{text_or(trigger.as_object(), "id"), text_or(trigger.as_object(), "type"), variables != nullptr ? *variables : Json()};
  }
  auto parent_execution = cell.maybe_id<ExecutionId>();
  auto parent_task_run = cell.maybe_id<TaskRunId>();
  if (parent_execution && parent_task_run) h.parent_link = execution::ParentLink{std::move(*parent_execution), std::move(*parent_task_run)};
  h.parent_id = cell.maybe_id<ExecutionId>();
  h.original_id = cell.id<ExecutionId>();
  h.attempt_number = cell.small();
  h.original_created = cell.instant();
  h.schedule_date = cell.maybe_instant();
  h.kind = cell.text();
  h.deleted = cell.flag();
  h.task_runs = cell.integer();
  h.progress = cell.json();
  return h;
}

void write(Connection& c, const std::vector<Header>& executions) {
  Cells rows;
  for (const Header& h : executions) {
    const auto duration = h.state.duration();
    rows.id(h.id).id(h.ns).id(h.flow_id).integer(h.flow_revision).text(execution::to_string(h.state.current()));
    rows.instant(h.state.start()).instant(h.state.end());
    duration ? rows.integer(duration->count()) : rows.null();
    rows.own(h.state.pack()).json(h.inputs).json(h.outputs).json(h.variables).own(pack_labels(h.labels));
    const std::string_view by = started_by(h);
    by.empty() ? rows.null() : rows.text(by);
    if (h.trigger) rows.own(write_json(JsonObject{{"id", h.trigger->id}, {"type", h.trigger->type}, {"variables", h.trigger->variables}}));
    else rows.null();
    if (h.parent_link) rows.id(h.parent_link->execution_id).id(h.parent_link->task_run_id);
    else rows.null().null();
    rows.id(h.parent_id).id(h.original_id).integer(h.attempt_number).instant(h.original_created).instant(h.schedule_date);
    rows.text(h.kind).flag(h.deleted).integer(h.task_runs).json(h.progress);
  }
  c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<ExecutionId>& ids) {
  if (ids.empty()) return;
  Cells keys;
  for (const ExecutionId& id : ids) keys.id(id);
  c.erase(table(), keys, 1);
  label_table::erase(c, ids);
  task_run_table::erase_all(c, ids);
  timer_table::erase_all(c, ids);
  job_table::erase_all(c, ids);
}

std::optional<Header> find(Connection& c, const ExecutionId& id) {
  static const std::string sql = select("e.id = $1");
  auto found = all(c, sql, Cells().id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<Header> find_all(Connection& c, const std::vector<std::string>& ids) {
  constexpr std::size_t kPerStatement = 100;
  std::unordered_map<std::string, Header> found;
  for (std::size_t at = 0; at < ids.size(); at += kPerStatement) {
    const std::size_t count = std::min(kPerStatement, ids.size() - at);
    // Filled up to a few sizes by repeating the last, so that few statements are prepared.
    const std::size_t marks = count == 1 ? 1 : count <= 10 ? 10 : count <= 25 ? 25 : kPerStatement;
    std::string list;
    Cells cells;
    for (std::size_t i = 0; i < marks; ++i) {
      list += fmt::format("{}${}", i == 0 ? "" : ", ", i + 1);
      cells.text(ids[at + std::min(i, count - 1)]);
    }
    for (Header& h : all(c, select(fmt::format("e.id in ({})", list)), cells)) {
      std::string id = h.id.str();
      found.emplace(std::move(id), std::move(h));
    }
  }
  std::vector<Header> out;
  out.reserve(found.size());
  for (const std::string& id : ids) {
    if (auto at = found.find(id); at != found.end()) out.push_back(std::move(at->second)), found.erase(at);
  }
  return out;
}

std::vector<Header> open(Connection& c, const ExecutionId& after, std::size_t limit) {
  static const std::string sql = select("e.end_date is null and e.state not in ('PAUSED', 'QUEUED') and e.id > $1 order by e.id limit $2");
  return all(c, sql, Cells().id(after).integer(static_cast<std::int64_t>(limit)));
}

std::vector<Header> latest(Connection& c, const std::vector<std::pair<Namespace, FlowId>>& flows) {
  static const std::string sql = select("e.namespace = $1 and e.flow_id = $2 order by e.start_date desc, e.id desc limit 1");
  std::vector<Header> out;
  for (const auto& [ns, flow] : flows) {
    for (Header& h : all(c, sql, Cells().id(ns).id(flow))) out.push_back(std::move(h));
  }
  return out;
}

// From the index of open executions by flow and state alone.
std::vector<FlowActivity> activity(Connection& c) {
  std::vector<FlowActivity> out;
  c.query("select e.namespace, e.flow_id, e.state, count(*) from executions e where {tenant e} and e.end_date is null group by e.namespace, e.flow_id, e.state order by 1, 2",
          {}, [&](const Row& row) {
    Cursor cell(row);
    const auto ns = cell.id<Namespace>();
    const auto flow = cell.id<FlowId>();
    const std::string state = cell.text();
    if (out.empty() || out.back().ns != ns || out.back().flow_id != flow) out.push_back({ns, flow});
    const std::int64_t count = cell.integer();
    if (state == "QUEUED") out.back().queued += count;
    else if (state != "CREATED" && state != "RESTARTED") out.back().running += count;
  });
  return out;
}

bool has_queued(Connection& c) {
  return query_integer(c, "select 1 from executions e where {tenant e} and e.state = 'QUEUED' limit 1", {}).has_value();
}

std::vector<ExecutionId> queued(Connection& c, const Namespace& ns, const FlowId& flow, std::size_t limit) {
  std::vector<ExecutionId> out;
  c.query("select e.id from executions e where {tenant e} and e.end_date is null and e.namespace = $1 and e.flow_id = $2 and e.state = 'QUEUED' "
          "order by e.id limit $3", Cells().id(ns).id(flow).integer(static_cast<std::int64_t>(limit)),
          [&](const Row& row) { out.emplace_back(row.text(0)); });
  return out;
}

}  // namespace insula::store::execution_table
