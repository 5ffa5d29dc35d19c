// How an execution comes to be: by a caller, a webhook, a schedule, a parent.
#include "engine/reply.h"
#include "vault/vault.h"

namespace insula::engine {

expression::Environment TenantActor::environment() {
  expression::Environment environment;
  environment.now = now_;
  environment.seed = ids_.random();
  environment.zone = ports_.settings.zone;
  environment.recursive = ports_.settings.recursive_rendering;
  environment.jq = ports_.settings.jq;
  return environment;
}

Result<Json> TenantActor::encrypt(std::string_view plain) const {
  if (ports_.settings.encryption_key.empty()) {
    return fail(ErrorKind::invalid, "encryption-key-missing",
                "Unable to use a `SECRET` input/output as encryption is not configured: set `kestra.encryption.secret-key` to the base64 text of 32 random bytes");
  }
  return vault::encrypt_wrapped(ports_.settings.encryption_key, plain, random_bytes(12));
}

Result<std::string> TenantActor::decrypt(const Json& wrapper) const { return vault::decrypt_wrapped(ports_.settings.encryption_key, wrapper); }

// What expressions of inputs, webhook keys and trigger properties see before a run exists.
JsonObject TenantActor::outer_variables(const flow::Flow& flow, const execution::Header& header) {
  JsonObject labels;
  for (const flow::Label& label : header.labels) labels[label.key] = label.value;
  JsonObject variables{
      {"flow", {{"id", flow.id.str()}, {"namespace", flow.ns.str()}, {"revision", flow.revision}, {"tenantId", scope_.tenant().str()}}},
      {"execution", {{"id", header.id.str()}, {"startDate", format_instant(header.state.start())}, {"originalId", header.original_id.str()}}},
      {"vars", header.variables},
      {"labels", labels},
  };
  for (const auto& [name, value] : *surroundings_) variables[name] = value;
  if (header.trigger) variables["trigger"] = header.trigger->variables;
  return variables;
}

Result<JsonObject> TenantActor::bind(const std::vector<flow::Input>& inputs, const flow::GivenInputs& given, const execution::Header& header, const flow::Flow& flow) {
  const expression::ObjectVariables variables(outer_variables(flow, header), [&](const expression::Lookup& lookup) -> expression::Answer {
    auto answer = answer_now(header, flow, lookup);
    if (!answer) return Error{ErrorKind::invalid, "expression-unavailable", fmt::format("{}() cannot be used in inputs", lookup.name), {}, {}};
    return *answer;
  });
  const expression::Environment env = environment();
  const flow::BindContext context{variables, env, [this](std::string_view plain) { return encrypt(plain); }};
  auto bound = flow::bind_inputs(inputs, given, context);
  if (bound) return std::move(*bound);
  if (const Error* error = std::get_if<Error>(&bound.error())) return fail(*error);
  return fail(ErrorKind::invalid, "expression-unavailable", "an input's default needs a value that is not available here");
}

Result<execution::Header> TenantActor::new_header(const flow::Flow& flow, const StartExecution& command) {
  if (flow.disabled) return fail(ErrorKind::conflict, "flow-disabled", fmt::format("Cannot execute disabled flow: {}.{}", flow.ns, flow.id));
  execution::Header header;
  header.id = command.id.value_or(ids_.next_as<ExecutionId>(now_));
  header.ns = flow.ns;
  header.flow_id = flow.id;
  header.flow_revision = flow.revision;
  header.state = execution::StateHistory(execution::State::created, now_);
  header.variables = flow.variables;
  header.original_id = header.id;
  header.original_created = now_;
  header.schedule_date = command.schedule_date;
  header.kind = command.kind;
  std::string correlation = header.id.str();
  for (const flow::Label& label : flow.labels) {
    if (!label.key.starts_with("system.")) header.labels.push_back(label);
  }
  for (const flow::Label& label : command.labels) {
    if (label.key == "system.correlationId") correlation = label.value;
    else std::erase_if(header.labels, [&](const flow::Label& old) { return old.key == label.key; }), header.labels.push_back(label);
  }
  const bool from_known = std::ranges::find(header.labels, "system.from", &flow::Label::key) != header.labels.end();  // a child has that of its parent
  if (!command.from.empty() && !from_known) header.labels.push_back({"system.from", command.from});
  header.labels.push_back({"system.correlationId", std::move(correlation)});
  return header;
}

void TenantActor::set_labels(execution::Header& header, const std::vector<flow::Label>& labels) {
  for (const flow::Label& label : labels) {
    std::erase_if(header.labels, [&](const flow::Label& old) { return old.key == label.key; });
    // Those of the system stay behind.
    const auto place = std::ranges::find_if(header.labels, [](const flow::Label& old) { return old.key.starts_with("system."); });
    header.labels.insert(place, label);
  }
}

// Puts the execution among the runs and lets it begin: now, at its schedule date, or when its flow has a free slot.
Result<ExecutionId> TenantActor::launch(std::shared_ptr<const flow::Flow> flow, execution::Header header, bool at_once) {
  const ExecutionId id = header.id;
  const std::optional<Instant> due = header.schedule_date;
  Active& active = runs_.try_emplace(id, execution::Run(std::move(flow), std::move(header))).first->second;
  active.dirty = true;
  active.told_state = true;
  learn_secrets(active);
  ++counted_.started;
  touch(active);
  if (due && *due > now_) {
    set_timer(id, "schedule", *due);
  } else if (at_once) {
    begin(active);
  } else {
    later_or_next_turn(id, [id](TenantActor& actor) {
      if (auto found = actor.active(id); found && *found != nullptr) actor.begin(**found);
    });
  }
  return id;
}

void TenantActor::begin(Active& active) {
  stepping(active.run.header().id);
  const auto slot = take_slot(active);
  if (!slot || !*slot) return;
  execution::StepContext context = step_context();
  absorb(active, active.run.apply(execution::Begin{}, context));
}

// Values that no input takes. 1.3 tells of them when there are more values than inputs, and so does this.
void TenantActor::tell_undeclared(const flow::GivenInputs& given, const std::vector<flow::Input>& declared, const execution::Header& header) {
  if (given.size() <= declared.size()) return;
  constexpr std::size_t told_max = 100;
  std::size_t told = 0;
  for (const auto& [name, value] : given) {
    if (std::ranges::find(declared, name, &flow::Input::id) != declared.end()) continue;
    if (++told > told_max) return;
    execution::LogLine line;
    line.at = now_;
    line.level = flow::LogLevel::warn;
    line.message = fmt::format("Input {} was provided for workflow {}.{} but isn't declared in the workflow inputs", name, header.ns, header.flow_id);
    turn_.write_log({header.id, header.ns, header.flow_id, std::move(line)});
  }
}

void TenantActor::start_execution(const StartExecution& command, std::shared_ptr<Reply<Started>> reply) {
  if (!command.idempotency_key.empty()) {
    auto earlier = store_->read().execution_of_key(command.idempotency_key);
    if (!earlier) return reply_after<Started>(reply, fail(earlier.error()));
    if (*earlier) {
      auto header = store_->read().execution(**earlier);
      if (!header) return reply_after<Started>(reply, fail(header.error()));
      if (*header) return reply_after<Started>(reply, Started{std::move(**header), {}, true});
    }
    for (const store::IdempotencyKey& key : turn_.rows().idempotency_keys) {  // two calls in the same turn
      if (key.key != command.idempotency_key) continue;
      if (const auto at = runs_.find(key.execution_id); at != runs_.end()) return reply_after<Started>(reply, Started{at->second.run.header(), {}, true});
    }
  }
  if (auto may = may_start(); !may) return reply_after<Started>(reply, fail(may.error()));
  auto flow = flow_of(command.ns, command.flow_id, command.revision);
  if (!flow) return reply_after<Started>(reply, fail(flow.error()));
  if ((*flow)->deleted) return reply_after<Started>(reply, fail(ErrorKind::not_found, "flow-unknown", "Flow not found"));
  auto header = new_header(**flow, command);
  if (!header) return reply_after<Started>(reply, fail(header.error()));
  auto inputs = bind((*flow)->inputs, command.inputs, *header, **flow);
  if (!inputs) return reply_after<Started>(reply, fail(inputs.error()));
  header->inputs = std::move(*inputs);
  tell_undeclared(command.inputs, (*flow)->inputs, *header);
  execution::Header as_created = *header;
  if (!command.idempotency_key.empty()) turn_.rows().idempotency_keys.push_back({command.idempotency_key, header->id, now_});
  audit({.kind = "CREATE", .resource = "EXECUTION", .object_id = header->id.str(), .ns = header->ns, .flow_id = header->flow_id, .execution_id = header->id,
         .detail = {{"flowRevision", header->flow_revision}}, .before = {}, .after = {}});
  const ExecutionId id = *launch(std::move(*flow), std::move(*header));
  if (!command.wait) return reply_after<Started>(reply, Started{std::move(as_created), {}, false});
  // The answer to a waiting caller is read by the caller's side once the run has ended: here only the moment is told.
  auto when_ended = std::make_shared<Reply<execution::Header>>([reply](Result<execution::Header> ended) {
    if (ended) settle<Started>(reply, Started{std::move(*ended), {}, false});
    else settle<Started>(reply, fail(ended.error()));
  });
  awaiting_[id].push_back(std::move(when_ended));
}

void TenantActor::check_inputs(const StartExecution& command, std::shared_ptr<Reply<std::vector<CheckedInput>>> reply) {
  auto flow = flow_of(command.ns, command.flow_id, command.revision);
  if (!flow) return reply_after<std::vector<CheckedInput>>(reply, fail(flow.error()));
  StartExecution probe = command;
  probe.id = ExecutionId("preview");
  auto header = new_header(**flow, probe);
  if (!header) return reply_after<std::vector<CheckedInput>>(reply, fail(header.error()));
  const expression::ObjectVariables variables(outer_variables(**flow, *header), [&](const expression::Lookup& lookup) -> expression::Answer {
    return answer_now(*header, **flow, lookup).value_or(expression::Answer{expression::Undefined{}});
  });
  const expression::Environment env = environment();
  const flow::BindContext context{variables, env, [this](std::string_view plain) { return encrypt(plain); }};
  auto bound = flow::bind_each((*flow)->inputs, command.inputs, context);
  if (!bound) {
    const Error* error = std::get_if<Error>(&bound.error());
    return reply_after<std::vector<CheckedInput>>(reply, fail(error != nullptr ? *error : Error{ErrorKind::invalid, "expression-unavailable", "an input needs a value that is not available here", {}, {}}));
  }
  std::vector<CheckedInput> checked;
  for (flow::BoundInput& input : *bound) checked.push_back({*input.input, std::move(input.value), input.enabled, input.is_default, std::move(input.errors)});
  reply_after<std::vector<CheckedInput>>(reply, std::move(checked));
}

void TenantActor::webhook(const WebhookCall& call, std::shared_ptr<Reply<Started>> reply) {
  auto flow = flow_of(call.ns, call.flow_id, std::nullopt);
  if (!flow || (*flow)->deleted) return reply_after<Started>(reply, fail(ErrorKind::not_found, "flow-unknown", "Flow not found"));
  if ((*flow)->disabled) return reply_after<Started>(reply, fail(ErrorKind::conflict, "flow-disabled", "Cannot execute disabled flow"));
  execution::Header probe;
  probe.variables = (*flow)->variables;
  const flow::Trigger* matching = nullptr;
  for (const flow::Trigger& trigger : (*flow)->triggers) {
    if (trigger.type != "io.kestra.plugin.core.trigger.Webhook" || trigger.disabled) continue;
    const auto key = trigger.compiled.find("key");
    if (key == trigger.compiled.end()) continue;
    const expression::ObjectVariables variables(outer_variables(**flow, probe), [&](const expression::Lookup& lookup) -> expression::Answer {
      return answer_now(probe, **flow, lookup).value_or(expression::Answer{expression::Undefined{}});
    });
    const auto rendered = key->second.render_text(variables, environment());
    if (rendered && equal_constant_time(trim(*rendered), call.key)) matching = &trigger;
  }
  if (matching == nullptr) return reply_after<Started>(reply, fail(ErrorKind::not_found, "webhook-unknown", "Webhook not found"));
  if (auto may = may_start(); !may) return reply_after<Started>(reply, fail(may.error()));
  start_by_webhook(std::move(*flow), *matching, call, std::move(reply));
}

void TenantActor::start_by_webhook(std::shared_ptr<const flow::Flow> flow, const flow::Trigger& trigger, const WebhookCall& call, std::shared_ptr<Reply<Started>> reply) {
  JsonObject variables;
  if (!call.body.empty()) {
    const std::string_view text = trim(call.body);
    Json body(call.body);
    if (text.starts_with('{') || text.starts_with('[')) {
      if (auto parsed = parse_json(text)) body = std::move(*parsed);
    }
    variables["body"] = std::move(body);
  }
  const auto lists = [](const std::map<std::string, std::vector<std::string>>& given) {
    JsonObject object;
    for (const auto& [name, values] : given) {
      JsonArray list;
      for (const std::string& value : values) list.emplace_back(value);
      object[name] = std::move(list);
    }
    return object;
  };
  variables["headers"] = lists(call.headers);
  variables["parameters"] = lists(call.parameters);

  StartExecution command;
  command.ns = call.ns;
  command.flow_id = call.flow_id;
  command.from = "trigger";
  auto header = new_header(*flow, command);
  if (!header) return reply_after<Started>(reply, fail(header.error()));
  header->trigger = execution::TriggerInfo{trigger.id.str(), trigger.type, std::move(variables)};
  const expression::Environment env = environment();
  const expression::ObjectVariables seen(outer_variables(*flow, *header), [&](const expression::Lookup& lookup) -> expression::Answer {
    return answer_now(*header, *flow, lookup).value_or(expression::Answer{expression::Undefined{}});
  });
  auto labels = triggers::labels_of(trigger, seen, env);
  if (!labels) return reply_after<Started>(reply, fail(labels.error()));
  set_labels(*header, *labels);
  const triggers::Conditions conditions = triggers::Conditions::compile(find(trigger.properties, "conditions"));
  if (auto holds = conditions.hold({seen, env, &*header}); !holds) {
    return reply_after<Started>(reply, fail(holds.error()));
  } else if (!*holds) {
    return reply_after<Started>(reply, fail(ErrorKind::conflict, "webhook-conditions", ""));
  }
  flow::GivenInputs given;
  if (auto named = triggers::inputs_of(trigger, seen, env); named) given = std::move(*named);
  else return reply_after<Started>(reply, fail(named.error()));
  auto inputs = bind(flow->inputs, given, *header, *flow);
  if (!inputs) return reply_after<Started>(reply, fail(inputs.error()));
  header->inputs = std::move(*inputs);
  execution::Header as_created = *header;
  static_cast<void>(launch(std::move(flow), std::move(*header)));
  reply_after<Started>(reply, Started{std::move(as_created), {}, false});
}

}  // namespace insula::engine
