// Schedules and the dates of polling triggers: planned when a flow is saved or the tenant is loaded, fired by the actor's own timer; sharp edges 51–60.
#include "engine/reply.h"

namespace insula::engine {

namespace {

using triggers::kSchedule;
constexpr std::size_t kMissedMax = 1'000;      // dates made up for at once; the rest is dropped with a warning
constexpr Duration kInterval = std::chrono::minutes(1);   // of a polling trigger that names none
constexpr Duration kIntervalMin = std::chrono::seconds(1);
constexpr int kConditionDatesMax = 10'000;     // candidate dates looked at for one that passes the conditions

struct Plan {
  schedule::Cron cron;
  schedule::Zone zone;
};

std::string property_text(const flow::Trigger& trigger, std::string_view name) { return text_or(trigger.properties, name); }

Result<Plan> read_plan(const flow::Trigger& trigger, const std::string& server_zone) {
  const Json* seconds = find(trigger.properties, "withSeconds");
  auto cron = schedule::Cron::parse(property_text(trigger, "cron"), seconds != nullptr && seconds->is_bool() && seconds->get_bool());
  if (!cron) return fail(cron.error());
  const std::string zone_name = property_text(trigger, "timezone");
  auto zone = schedule::zone(zone_name.empty() ? server_zone : zone_name);
  if (!zone) return fail(zone.error());
  return Plan{std::move(*cron), std::move(*zone)};
}

std::optional<Duration> late_maximum(const flow::Trigger& trigger) {
  const std::string text = property_text(trigger, "lateMaximumDelay");
  return text.empty() ? std::nullopt : parse_duration(text);
}

}  // namespace

namespace {

bool polls(const flow::Trigger& trigger) { return trigger.info != nullptr && trigger.info->polls; }
// Has dates of its own, and so a row.
bool is_planned(const flow::Trigger& trigger) { return trigger.type == kSchedule || polls(trigger); }

}  // namespace

void TenantActor::keep_trigger(store::TriggerRow row) {
  const TriggerKey key{row.ns, row.flow_id, row.id};
  if (const auto old = triggers_.find(key); old != triggers_.end() && old->second.next_execution_date) schedule_.erase({*old->second.next_execution_date, key});
  // A locked or disabled trigger keeps its date but is not due.
  if (row.next_execution_date && !row.disabled && !row.execution_id) schedule_.emplace(*row.next_execution_date, key);
  row.updated = now_;
  turn_.write(row);
  triggers_.insert_or_assign(key, std::move(row));
}

void TenantActor::load_triggers(const std::vector<store::FlowRow>& flows, std::vector<store::TriggerRow> rows) {
  std::map<TriggerKey, store::TriggerRow> known;
  for (store::TriggerRow& row : rows) known.emplace(TriggerKey{row.ns, row.flow_id, row.id}, std::move(row));
  for (const store::FlowRow& row : flows) {
    auto found = head(row.ns, row.id);
    if (!found || *found == nullptr) continue;
    for (const flow::Trigger& trigger : (*found)->flow->triggers) {
      if (!is_planned(trigger)) continue;
      const TriggerKey key{row.ns, row.id, trigger.id};
      const auto at = known.find(key);
      if (at == known.end()) {
        continue_.push_back([key](TenantActor& actor) {
          if (auto head = actor.head(key.ns, key.flow); head && *head != nullptr) actor.refresh_triggers({}, **head);
        });
        continue;
      }
      store::TriggerRow& state = at->second;
      // While the server was down its dates passed: made up for by `recoverMissedSchedules`.
      if (state.next_execution_date && *state.next_execution_date <= now_ && !state.disabled && !state.execution_id) {
        auto policy = schedule::missed_policy(property_text(trigger, "recoverMissedSchedules"));
        if (!policy) {
          policy = ports_.settings.recover_missed_schedules == Settings::Missed::all    ? schedule::MissedPolicy::all
                   : ports_.settings.recover_missed_schedules == Settings::Missed::last ? schedule::MissedPolicy::last
                                                                                        : schedule::MissedPolicy::none;
        }
        if (auto plan = read_plan(trigger, ports_.settings.zone); plan && !polls(trigger)) {
          const auto missed = schedule::missed(plan->cron, plan->zone, *state.next_execution_date - Duration(1), now_, *policy, kMissedMax);
          state.next_execution_date = missed.dates.empty() ? missed.next : std::optional(missed.dates.front());
        }
      }
      if (state.next_execution_date && !state.disabled && !state.execution_id && !(*found)->flow->disabled && !trigger.disabled) {
        schedule_.emplace(*state.next_execution_date, key);
      }
      triggers_.emplace(key, std::move(state));
    }
  }
}

// The next date after `after` that passes the trigger's conditions, which see it as `trigger.date`.
void TenantActor::plan(store::TriggerRow& row, const flow::Trigger& trigger, Instant after) {
  row.next_execution_date.reset();
  if (polls(trigger)) {
    row.next_execution_date = after + std::max<Duration>(parse_duration(property_text(trigger, "interval")).value_or(kInterval), kIntervalMin);
    return;
  }
  auto plan = read_plan(trigger, ports_.settings.zone);
  if (!plan) return;
  std::optional<Instant> date = plan->cron.next(after, plan->zone);
  const auto conditions = triggers::Conditions::compile(find(trigger.properties, "conditions"));
  const auto old_conditions = triggers::Conditions::compile(find(trigger.properties, "scheduleConditions"));
  if (conditions.all().empty() && old_conditions.all().empty()) {
    row.next_execution_date = date;
    return;
  }
  const expression::Environment env = environment();
  for (int looked = 0; date && looked < kConditionDatesMax; ++looked) {
    const expression::ObjectVariables seen(JsonObject{{"trigger", schedule::trigger_variables(plan->cron, plan->zone, *date)}});
    const triggers::ConditionContext context{seen, env};
    auto holds = conditions.hold(context);
    if (holds && *holds) holds = old_conditions.hold(context);
    if (!holds || *holds) {   // a condition that cannot be evaluated does not keep the flow from running
      row.next_execution_date = date;
      return;
    }
    date = plan->cron.next(*date, plan->zone);
  }
}

// After a flow was saved: new triggers are planned, changed ones planned anew and lose their backfill, gone ones forgotten (sharp edge 55).
void TenantActor::refresh_triggers(const Head& before, const Head& after) {
  std::set<TriggerId> kept;
  const bool runs = !after.row.deleted;
  if (runs) {
    for (const flow::Trigger& trigger : after.flow->triggers) {
      if (!is_planned(trigger)) continue;
      kept.insert(trigger.id);
      const TriggerKey key{after.row.ns, after.row.id, trigger.id};
      const flow::Trigger* old = before.flow ? before.flow->find(trigger.id) : nullptr;
      const auto known = triggers_.find(key);
      store::TriggerRow row = known != triggers_.end() ? known->second : store::TriggerRow{after.row.ns, after.row.id, trigger.id};
      row.flow_revision = after.row.revision;
      row.type = trigger.type;
      const bool off = after.flow->disabled || trigger.disabled;
      if (off) {
        row.next_execution_date.reset();
      } else if (known == triggers_.end() || old == nullptr || old->properties != trigger.properties || !row.next_execution_date) {
        row.backfill = nullptr;
        plan(row, trigger, now_);
        if (polls(trigger)) row.next_execution_date = now_;   // the first time at once
      }
      keep_trigger(std::move(row));
    }
  }
  for (auto at = triggers_.lower_bound({after.row.ns, after.row.id, TriggerId()}); at != triggers_.end() && at->first.ns == after.row.ns && at->first.flow == after.row.id;) {
    if (kept.contains(at->first.id)) {
      ++at;
      continue;
    }
    if (at->second.next_execution_date) schedule_.erase({*at->second.next_execution_date, at->first});
    turn_.rows().deleted_triggers.push_back(at->second);
    at = triggers_.erase(at);
  }
}

void TenantActor::fire_schedule(const TriggerKey& key) {
  const auto at = triggers_.find(key);
  if (at == triggers_.end() || !at->second.next_execution_date) {
    schedule_.erase(schedule_.begin());
    return;
  }
  store::TriggerRow row = at->second;
  const Instant date = *row.next_execution_date;
  schedule_.erase({date, key});
  auto found = head(key.ns, key.flow);
  const flow::Trigger* trigger = found && *found != nullptr ? (*found)->flow->find(key.id) : nullptr;
  if (trigger == nullptr || (*found)->flow->disabled || (*found)->row.deleted || trigger->disabled) {
    row.next_execution_date.reset();
    return keep_trigger(std::move(row));
  }
  if (polls(*trigger)) return poll(key, std::move(row), *trigger, (*found)->flow);
  auto planned = read_plan(*trigger, ports_.settings.zone);
  if (!planned) {
    row.next_execution_date.reset();
    return keep_trigger(std::move(row));
  }
  row.date = date;
  plan(row, *trigger, date);
  if (schedule::too_late(date, now_, late_maximum(*trigger))) return keep_trigger(std::move(row));

  StartExecution command;
  command.ns = key.ns;
  command.flow_id = key.flow;
  command.from = "trigger";
  auto flow = (*found)->flow;
  auto header = new_header(*flow, command);
  if (!header) return keep_trigger(std::move(row));
  header->trigger = execution::TriggerInfo{trigger->id.str(), trigger->type, schedule::trigger_variables(planned->cron, planned->zone, date)};
  start_of_trigger(std::move(row), *trigger, std::move(flow), std::move(*header));
}

// The header has its trigger; labels and inputs are those that the trigger gives.
void TenantActor::start_of_trigger(store::TriggerRow row, const flow::Trigger& trigger, std::shared_ptr<const flow::Flow> flow, execution::Header header) {
  const expression::Environment env = environment();
  const expression::ObjectVariables seen(outer_variables(*flow, header), [&](const expression::Lookup& lookup) -> expression::Answer {
    return answer_now(header, *flow, lookup).value_or(expression::Answer{expression::Undefined{}});
  });
  const auto labels = triggers::labels_of(trigger, seen, env);
  set_labels(header, labels ? *labels : trigger.labels);
  auto given = triggers::inputs_of(trigger, seen, env);
  Result<JsonObject> inputs = given ? bind(flow->inputs, *given, header, *flow) : Result<JsonObject>(fail(given.error()));
  const Json* concurrent = find(trigger.properties, "allowConcurrent");
  const bool locks = concurrent == nullptr || !concurrent->is_bool() || !concurrent->get_bool();
  if (!inputs) {
    // Inputs that cannot be bound make a FAILED execution, not silence (sharp edge 59).
    header.state.move_to(execution::State::failed, now_);
    execution::LogLine line;
    line.at = now_;
    line.level = flow::LogLevel::error;
    line.trigger_id = trigger.id;
    line.message = inputs.error().message;
    turn_.write_log({header.id, header.ns, header.flow_id, std::move(line)});
    turn_.write(header);
    count(header, std::nullopt, execution::State::failed);
    hear(header, *flow, execution::State::failed);
    return keep_trigger(std::move(row));
  }
  header.inputs = std::move(*inputs);
  if (locks) row.execution_id = header.id;
  keep_trigger(std::move(row));
  static_cast<void>(launch(std::move(flow), std::move(header)));
}

// The execution that a trigger waited for has ended: dates missed meanwhile are dropped (sharp edge 53); stopAfter decides (sharp edge 54).
void TenantActor::unlock_trigger_of(const execution::Header& header) {
  if (!header.trigger) return;
  const TriggerKey key{header.ns, header.flow_id, TriggerId(header.trigger->id)};
  const auto at = triggers_.find(key);
  if (at == triggers_.end() || at->second.type != header.trigger->type) return;
  store::TriggerRow row = at->second;
  const bool locked = row.execution_id == header.id;
  auto found = head(key.ns, key.flow);
  const flow::Trigger* trigger = found && *found != nullptr ? (*found)->flow->find(key.id) : nullptr;
  if (trigger != nullptr && !trigger->stop_after.empty()) {
    const std::string state(execution::to_string(header.state.current()));
    row.disabled = std::find(trigger->stop_after.begin(), trigger->stop_after.end(), state) != trigger->stop_after.end();
  } else if (!locked) {
    return;
  }
  if (locked) row.execution_id.reset();
  if (trigger != nullptr && row.next_execution_date && *row.next_execution_date <= now_) plan(row, *trigger, now_);
  keep_trigger(std::move(row));
}

void TenantActor::change_trigger(const Namespace& ns, const FlowId& flow, const TriggerId& id, const TriggerChange& change, std::shared_ptr<Reply<store::TriggerRow>> reply) {
  static_cast<void>(head(ns, flow));
  const TriggerKey key{ns, flow, id};
  const auto at = triggers_.find(key);
  if (at == triggers_.end()) return reply_after<store::TriggerRow>(reply, fail(ErrorKind::not_found, "trigger-unknown", "Trigger not found"));
  store::TriggerRow row = at->second;
  auto found = head(ns, flow);
  const flow::Trigger* trigger = found && *found != nullptr ? (*found)->flow->find(id) : nullptr;
  switch (change.kind) {
    case TriggerChange::Kind::set_disabled:
      row.disabled = change.disabled;
      if (change.disabled) row.next_execution_date.reset();
      else if (trigger != nullptr && !trigger->disabled) plan(row, *trigger, now_);
      break;
    case TriggerChange::Kind::unlock:
      if (!row.execution_id) return reply_after<store::TriggerRow>(reply, fail(ErrorKind::conflict, "trigger-not-locked", "Trigger is not locked"));
      row.execution_id.reset();
      break;
    case TriggerChange::Kind::restart:
      row.execution_id.reset();
      if (trigger != nullptr && !row.disabled) plan(row, *trigger, now_);
      break;
    case TriggerChange::Kind::forget: {
      if (row.next_execution_date) schedule_.erase({*row.next_execution_date, key});
      triggers_.erase(key);
      store::TriggerRow fresh{ns, flow, id};
      fresh.type = row.type;
      fresh.flow_revision = row.flow_revision;
      if (trigger != nullptr && !trigger->disabled) plan(fresh, *trigger, now_);
      row = std::move(fresh);  // it re-appears enabled from the flow (sharp edge 60)
      break;
    }
  }
  static constexpr std::array<std::string_view, 4> kChanges{"disabled", "unlock", "restart", "forget"};
  JsonObject detail{{"action", kChanges.at(static_cast<std::size_t>(change.kind))}};
  if (change.kind == TriggerChange::Kind::set_disabled) detail["disabled"] = change.disabled;
  audit({.kind = "UPDATE", .resource = "TRIGGER", .object_id = id.str(), .ns = ns, .flow_id = flow, .execution_id = {}, .detail = std::move(detail), .before = {}, .after = {}});
  keep_trigger(row);
  reply_after<store::TriggerRow>(std::move(reply), std::move(row));
}

}  // namespace insula::engine
