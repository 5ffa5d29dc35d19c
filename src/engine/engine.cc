#include "engine/engine.h"

#include "engine/ledger.h"
#include "engine/live.h"
#include "engine/reply.h"
#include "engine/space.h"
#include "engine/sweep.h"
#include "engine/tenants.h"
#include "engine/worker.h"

namespace insula::engine {

namespace {

template <class T>
std::shared_ptr<Reply<T>> shared(Reply<T> reply) { return std::make_shared<Reply<T>>(std::move(reply)); }

}  // namespace

struct Engine::Parts {
  Ports ports;
  Settings settings;
  FlowCache flows;
  LiveFeed live;
  Ledger ledger;
  Readers readers;
  Worker worker;
  Tenants tenants;
  IdGenerator ids;
  std::mutex ids_mutex;

  Parts(Ports p, Settings s)
      : ports(std::move(p)),
        settings(std::move(s)),
        flows(*ports.catalog, settings.plugin_defaults),
        readers(*ports.stores, settings.reader_threads),
        worker({*ports.stores, *ports.storage, *ports.clock, settings, [this](const store::TenantScope& scope, Message message) { static_cast<void>(tenants.post(scope, std::move(message))); }}),
        tenants({*ports.stores, *ports.storage, *ports.clock, flows, settings, worker, live, ledger, readers}),
        ids(settings.seed != 0 ? settings.seed : std::hash<std::string>{}(random_bytes(16))) {}

  // Half-written files and uploads that nobody committed.
  void sweep_later() {
    readers.after(settings.sweep_interval, [this] {
      const Instant before = ports.clock->now() - settings.sweep_age;
      sweep_uploads(*ports.stores, *ports.storage, before);
      if (auto swept = ports.storage->sweep(before); !swept) log::warn("the storage could not be swept: {}", swept.error().message);
      else if (*swept > 0) log::info("{} half-written files were removed", *swept);
      sweep_later();
    });
  }

  // Entries of the audit logs, of the tenants and of the instance, that are older than the configured time. Once a day: a look at each tenant, mail only
  // to those that have some.
  void purge_audit_after(Duration delay) {
    if (!settings.audit_retention) return;
    readers.after(delay, [this] {
      const Instant before = ports.clock->now() - *settings.audit_retention;
      if (auto purged = ports.stores->system().purge_audit(before); !purged) log::warn("the audit log of the instance could not be shortened: {}", purged.error().message);
      purge_tenants_audit(*ports.stores, before, [this, before](const store::TenantScope& scope) {
        static_cast<void>(tenants.post(scope, {[before](TenantActor& actor) { actor.purge_audit(before, std::make_shared<Reply<void>>([](const Result<void>&) {})); }, false, {}}));
      });
      purge_audit_after(std::chrono::hours(24));
    });
  }

  Result<void> change(const store::TenantRow& row, const Alongside& alongside) {
    store::SystemTurn turn;
    turn.changed_tenants.push_back(row);
    if (alongside) alongside(row, turn);
    return ports.stores->system().commit(turn, ports.clock->now());
  }

  // Turns per round, wherever tenants take turns.
  void set_weight(const TenantUid& tenant, int weight) {
    worker.set_weight(tenant, weight);
    readers.set_weight(tenant, weight);
  }

  // Mail whose reply gets the error when the tenant refuses it.
  template <class T>
  void mail(const store::TenantScope& scope, std::shared_ptr<Reply<T>> reply, std::function<void(TenantActor&)> run, ExecutionId execution = {}, bool frees = false) {
    if (!scope.actor().nobody()) {
      run = [who = scope.actor(), work = std::move(run)](TenantActor& actor) {
        actor.on_behalf_of(who);
        work(actor);
      };
    }
    if (auto posted = tenants.post(scope, {std::move(run), false, std::move(execution), refusal_to<T>(reply), frees}); !posted) settle<T>(reply, fail(posted.error()));
  }
};

void give_up_ballast(const std::filesystem::path& data_folder) { Space::give_up_ballast(data_folder); }

Engine::Engine(Ports ports, Settings settings) : parts_(std::make_unique<Parts>(std::move(ports), std::move(settings))) {}
Engine::~Engine() { stop(Duration{0}); }

Result<void> Engine::start() {
  parts_->readers.start();
  parts_->worker.start();
  parts_->sweep_later();
  parts_->purge_audit_after(std::chrono::minutes(5));   // not among what a start has to do
  if (auto started = parts_->tenants.start([this](const TenantUid& uid, int weight) { parts_->set_weight(uid, weight); }); !started) return started;
  // What a crash left on its way into the tenants' audit logs.
  auto waiting = parts_->ports.stores->system().tenants_with_outbox();
  if (!waiting) return fail(waiting.error());
  auto rows = waiting->empty() ? Result<std::vector<store::TenantRow>>(std::vector<store::TenantRow>()) : parts_->ports.stores->system().tenants("");
  if (!rows) return fail(rows.error());
  for (const store::TenantRow& row : *rows) {
    if (std::ranges::find(*waiting, row.uid) != waiting->end()) collect_audit(parts_->ports.stores->system().scope(row));
  }
  return {};
}

void Engine::stop(Duration) {
  // Workers first: what they still report lands in mailboxes and is written, or is found again at the next start.
  parts_->worker.stop();
  parts_->tenants.stop();
  parts_->readers.stop();
}

// ---- tenants

void Engine::create_tenant(store::TenantRow tenant, Alongside alongside, Reply<store::TenantRow> reply) {
  {
    const std::lock_guard lock(parts_->ids_mutex);
    tenant.created = parts_->ports.clock->now();
    tenant.uid = parts_->ids.next_as<TenantUid>(tenant.created);
  }
  parts_->readers.run(TenantUid(), [this, tenant = std::move(tenant), alongside = std::move(alongside), reply = std::move(reply)]() mutable {
    store::Stores& stores = *parts_->ports.stores;
    auto known = stores.system().tenant(tenant.id);
    if (!known) return reply(fail(known.error()));
    if (*known) return reply(fail(ErrorKind::conflict, "tenant-exists", fmt::format("Tenant '{}' already exists", tenant.id)));
    // Folder first, then the row: the row is the commit point; a folder without a row is set aside at the next start.
    if (auto made = stores.create_tenant_data(stores.system().scope(tenant)); !made) return reply(fail(made.error()));
    store::SystemTurn turn;
    turn.new_tenants.push_back(tenant);
    if (alongside) alongside(tenant, turn);
    if (auto made = stores.system().commit(turn, tenant.created); !made) {
      static_cast<void>(stores.erase_tenant_data(stores.system().scope(tenant)));
      return reply(fail(made.error()));
    }
    parts_->set_weight(tenant.uid, parts_->tenants.add(tenant));
    reply(std::move(tenant));
  });
}

void Engine::delete_tenant(TenantId tenant, Alongside alongside, Reply<void> reply) {
  parts_->readers.run(TenantUid(), [this, tenant = std::move(tenant), alongside = std::move(alongside), reply = std::move(reply)]() mutable {
    store::Stores& stores = *parts_->ports.stores;
    auto row = stores.system().tenant(tenant);
    if (!row) return reply(fail(row.error()));
    if (!*row) return reply(fail(ErrorKind::not_found, "tenant-unknown", fmt::format("Tenant '{}' not found", tenant)));
    // The row says `deleting` first: a crash in between is finished at the next start.
    (*row)->state = "deleting";
    if (auto marked = parts_->change(**row, alongside); !marked) return reply(fail(marked.error()));
    // From here on the tenant is not found any more, whatever the rest takes.
    parts_->tenants.hide((*row)->id);
    reply({});
    if (auto erased = erase_tenant(**row); !erased) log::warn("tenant {} is still being deleted, which goes on at the next start: {}", tenant, erased.error().message);
  });
}

void Engine::suspend_tenant(TenantId tenant, bool suspended, Alongside alongside, Reply<store::TenantRow> reply) {
  parts_->readers.run(TenantUid(), [this, tenant = std::move(tenant), suspended, alongside = std::move(alongside), reply = std::move(reply)]() mutable {
    auto row = parts_->ports.stores->system().tenant(tenant);
    if (!row) return reply(fail(row.error()));
    if (!*row) return reply(fail(ErrorKind::not_found, "tenant-unknown", fmt::format("Tenant '{}' not found", tenant)));
    (*row)->state = suspended ? "suspended" : "active";
    if (auto marked = parts_->change(**row, alongside); !marked) return reply(fail(marked.error()));
    tenant_changed(**row);
    reply(std::move(**row));
  });
}

void Engine::tenant_changed(const store::TenantRow& row) { parts_->set_weight(row.uid, parts_->tenants.changed(row)); }

namespace {
std::string report_key(const TenantId& tenant) { return fmt::format("deletion/{}", tenant); }
}  // namespace

Result<std::optional<JsonObject>> Engine::deletion_report(const TenantId& tenant) {
  auto text = parts_->ports.stores->system().setting(report_key(tenant));
  if (!text) return fail(text.error());
  if (!*text) return std::nullopt;
  auto json = parse_json(**text);
  if (!json || !json->is_object()) return fail(ErrorKind::internal, "report-broken", "the report of the deletion cannot be read");
  return json->as_object();
}

void Engine::note(const store::TenantScope& scope, store::AuditRow entry) {
  static_cast<void>(parts_->tenants.post(scope, {[entry = std::move(entry)](TenantActor& actor) { actor.append_audit({entry}); }, false, {}}));
}

void Engine::collect_audit(const store::TenantScope& scope) {
  static_cast<void>(parts_->tenants.post(scope, {[](TenantActor& actor) { actor.collect_audit(); }, false, {}}));
}

void Engine::purge_audit(const store::TenantScope& scope, Instant before, Reply<void> reply) {
  auto held = shared<void>(std::move(reply));
  parts_->mail<void>(scope, held, [before, held](TenantActor& actor) { actor.purge_audit(before, held); });
}

namespace {

// What is about to be erased, for the report; a tenant whose data a crash has half erased has nothing to count.
void count_contents(store::Stores& stores, const store::TenantScope& scope, JsonObject& report) {
  auto reader = stores.read(scope);
  if (!reader) return;
  const store::Query all{{}, {1, 1, {}}, std::nullopt};
  if (auto count = (*reader)->count_executions(all)) report["executions"] = *count;
  if (auto found = (*reader)->search_flows(all)) report["flows"] = found->total;
  if (auto found = (*reader)->search_triggers(all)) report["triggers"] = found->total;
  if (auto found = (*reader)->search_audit(all)) report["auditEntries"] = found->total;
}

}  // namespace

Result<void> Engine::erase_tenant(const store::TenantRow& row) {
  store::Stores& stores = *parts_->ports.stores;
  const store::TenantScope scope = stores.system().scope(row);
  const Instant begun = parts_->ports.clock->now();
  JsonObject report{{"id", row.id.str()}, {"name", row.name}, {"state", "RUNNING"}, {"begun", format_instant(begun)}};
  const auto tell = [&] { return stores.system().set_setting(report_key(row.id), write_json(report)); };
  if (auto told = tell(); !told) return told;
  // Writers first, then what they wrote: a job that ends meanwhile has nobody to tell and nowhere to write.
  parts_->tenants.forget(row.uid);
  parts_->worker.cancel_tenant(row.uid);
  count_contents(stores, scope, report);
  parts_->flows.forget(row.uid);
  parts_->ledger.forget(row.uid);
  const auto files = parts_->ports.storage->erase_tenant(row.uid);
  if (!files) return fail(files.error());
  report["files"] = *files;
  if (auto erased = stores.erase_tenant_data(scope); !erased) return erased;
  if (auto removed = stores.system().remove_tenant(row.uid); !removed) return removed;
  report["state"] = "DONE";
  report["ended"] = format_instant(parts_->ports.clock->now());
  report["duration"] = format_duration(parts_->ports.clock->now() - begun);
  return tell();
}

Result<void> Engine::finish_deletions() {
  auto rows = parts_->ports.stores->system().tenants("deleting");
  if (!rows) return fail(rows.error());
  for (const store::TenantRow& row : *rows) {
    if (auto erased = erase_tenant(row); !erased) log::warn("tenant {} is still being deleted: {}", row.id, erased.error().message);
  }
  return {};
}

Result<store::TenantScope> Engine::scope(const TenantId& tenant) { return parts_->tenants.scope(tenant); }

// ---- namespaces

void Engine::save_namespace(store::TenantScope scope, store::NamespaceRow row, bool is_new, Reply<store::NamespaceRow> reply) {
  auto held = shared<store::NamespaceRow>(std::move(reply));
  parts_->mail<store::NamespaceRow>(scope, held, [row = std::move(row), is_new, held](TenantActor& actor) { actor.save_namespace(row, is_new, held); });
}

void Engine::delete_namespace(store::TenantScope scope, Namespace ns, Reply<void> reply) {
  auto held = shared<void>(std::move(reply));
  parts_->mail<void>(scope, held, [ns = std::move(ns), held](TenantActor& actor) { actor.delete_namespace(ns, held); }, {}, true);
}

// ---- flows

void Engine::create_flow(store::TenantScope scope, std::string source, Reply<SavedFlow> reply) {
  auto held = shared<SavedFlow>(std::move(reply));
  parts_->mail<SavedFlow>(scope, held, [source = std::move(source), held](TenantActor& actor) { actor.create_flow(source, held); });
}

void Engine::update_flow(store::TenantScope scope, Namespace ns, FlowId id, std::string source, Reply<SavedFlow> reply) {
  auto held = shared<SavedFlow>(std::move(reply));
  parts_->mail<SavedFlow>(scope, held, [ns = std::move(ns), id = std::move(id), source = std::move(source), held](TenantActor& actor) { actor.update_flow(ns, id, source, held); });
}

void Engine::delete_flow(store::TenantScope scope, Namespace ns, FlowId id, Reply<void> reply) {
  auto held = shared<void>(std::move(reply));
  parts_->mail<void>(scope, held, [ns = std::move(ns), id = std::move(id), held](TenantActor& actor) { actor.delete_flow(ns, id, held); });
}

Result<std::shared_ptr<const flow::Flow>> Engine::compiled(const store::TenantScope& scope, const store::FlowRow& row) { return parts_->flows.compiled(scope.uid(), row); }

// ---- executions

void Engine::start_execution(store::TenantScope scope, StartExecution command, Reply<Started> reply) {
  if (command.wait) {
    // The rows of the ended execution are read off the actor before the caller hears of it.
    reply = [this, scope, inner = std::move(reply)](Result<Started> started) mutable {
      if (!started) return inner(std::move(started));
      read(scope, [started = std::move(*started), inner = std::move(inner)](Result<store::TenantReader*> reader) mutable {
        if (!reader) return inner(fail(reader.error()));
        if (auto rows = (*reader)->task_runs(started.header.id)) started.task_runs = std::move(*rows);
        inner(std::move(started));
      });
    };
  }
  auto held = shared<Started>(std::move(reply));
  parts_->mail<Started>(scope, held, [command = std::move(command), held](TenantActor& actor) { actor.start_execution(command, held); });
}

void Engine::webhook(store::TenantScope scope, WebhookCall call, Reply<Started> reply) {
  auto held = shared<Started>(std::move(reply));
  const auto pass_on = [this, held](const store::TenantScope& to, WebhookCall given) {
    parts_->mail<Started>(to, held, [given = std::move(given), held](TenantActor& actor) { actor.webhook(given, held); });
  };
  if (parts_->tenants.is_loaded(scope.uid())) return pass_on(scope, std::move(call));
  // A caller without credentials must not load a sleeping tenant: the flow is looked up on a read-only connection first.
  read(scope, [scope, call = std::move(call), held, pass_on](Result<store::TenantReader*> reader) mutable {
    if (!reader) return settle<Started>(held, fail(reader.error()));
    auto row = (*reader)->flow(call.ns, call.flow_id);
    if (!row) return settle<Started>(held, fail(row.error()));
    const bool hooked = *row && !(*row)->deleted && std::find((*row)->trigger_types.begin(), (*row)->trigger_types.end(), "io.kestra.plugin.core.trigger.Webhook") != (*row)->trigger_types.end();
    if (!hooked) return settle<Started>(held, fail(ErrorKind::not_found, *row ? "webhook-unknown" : "flow-unknown", *row ? "Webhook not found" : "Flow not found"));
    pass_on(scope, std::move(call));
  });
}

void Engine::act(store::TenantScope scope, ExecutionId execution, Action action, Reply<Started> reply) {
  auto held = shared<Started>(std::move(reply));
  const bool kills = std::holds_alternative<KillAction>(action);
  parts_->mail<Started>(scope, held, [execution, action = std::move(action), held](TenantActor& actor) { actor.act(execution, action, held); }, execution, kills);
}

void Engine::delete_execution(store::TenantScope scope, ExecutionId execution, DeleteOptions options, Reply<void> reply) {
  auto held = shared<void>(std::move(reply));
  parts_->mail<void>(scope, held, [execution = std::move(execution), options, held](TenantActor& actor) { actor.delete_execution(execution, options, held); }, {}, true);
}

void Engine::delete_logs(store::TenantScope scope, ExecutionId execution, Reply<void> reply) {
  auto held = shared<void>(std::move(reply));
  parts_->mail<void>(scope, held, [execution = std::move(execution), held](TenantActor& actor) { actor.delete_logs(execution, held); }, {}, true);
}

void Engine::await_end(store::TenantScope scope, ExecutionId execution, Reply<execution::Header> reply) {
  auto held = shared<execution::Header>(std::move(reply));
  parts_->mail<execution::Header>(scope, held, [execution = std::move(execution), held](TenantActor& actor) { actor.await_end(execution, held); }, {}, true);
}

void Engine::check_inputs(store::TenantScope scope, StartExecution command, Reply<std::vector<CheckedInput>> reply) {
  auto held = shared<std::vector<CheckedInput>>(std::move(reply));
  parts_->mail<std::vector<CheckedInput>>(scope, held, [command = std::move(command), held](TenantActor& actor) { actor.check_inputs(command, held); });
}

void Engine::evaluate(store::TenantScope scope, ExecutionId execution, TaskRunId task_run, std::string expression, Reply<Evaluated> reply) {
  auto held = shared<Evaluated>(std::move(reply));
  parts_->mail<Evaluated>(scope, held, [execution = std::move(execution), task_run = std::move(task_run), expression = std::move(expression), held](TenantActor& actor) { actor.evaluate(execution, task_run, expression, held); });
}

void Engine::start_operation(store::TenantScope scope, BulkCommand command, Reply<store::OperationRow> reply) {
  auto held = shared<store::OperationRow>(std::move(reply));
  const bool frees = command.kind == "delete" || command.kind == "kill";
  parts_->mail<store::OperationRow>(scope, held, [command = std::move(command), held](TenantActor& actor) { actor.start_operation(command, held); }, {}, frees);
}

// ---- triggers

void Engine::change_trigger(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, TriggerChange change, Reply<store::TriggerRow> reply) {
  auto held = shared<store::TriggerRow>(std::move(reply));
  parts_->mail<store::TriggerRow>(scope, held, [ns = std::move(ns), flow = std::move(flow), trigger = std::move(trigger), change, held](TenantActor& actor) { actor.change_trigger(ns, flow, trigger, change, held); });
}
void Engine::set_trigger_disabled(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, bool disabled, Reply<store::TriggerRow> reply) {
  change_trigger(std::move(scope), std::move(ns), std::move(flow), std::move(trigger), {TriggerChange::Kind::set_disabled, disabled}, std::move(reply));
}
void Engine::unlock_trigger(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, Reply<store::TriggerRow> reply) {
  change_trigger(std::move(scope), std::move(ns), std::move(flow), std::move(trigger), {TriggerChange::Kind::unlock}, std::move(reply));
}
void Engine::restart_trigger(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, Reply<store::TriggerRow> reply) {
  change_trigger(std::move(scope), std::move(ns), std::move(flow), std::move(trigger), {TriggerChange::Kind::restart}, std::move(reply));
}
void Engine::delete_trigger(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, Reply<void> reply) {
  change_trigger(std::move(scope), std::move(ns), std::move(flow), std::move(trigger), {TriggerChange::Kind::forget}, [reply = std::move(reply)](Result<store::TriggerRow> row) mutable {
    if (row) reply({});
    else reply(fail(row.error()));
  });
}

// ---- reads and live events

void Engine::read(store::TenantScope scope, std::move_only_function<void(Result<store::TenantReader*>)> work) { parts_->readers.read(std::move(scope), std::move(work)); }

void Engine::read_system(std::move_only_function<void(store::Stores&)> work) {
  parts_->readers.run(TenantUid(), [this, work = std::move(work)]() mutable { work(*parts_->ports.stores); });
}

std::unique_ptr<Subscription> Engine::subscribe(const store::TenantScope& scope, const ExecutionId& execution, std::function<void(const Happened&)> listener) {
  return parts_->live.subscribe(scope.uid(), execution, std::move(listener));
}

void Engine::after(Duration delay, std::move_only_function<void()> work) { parts_->readers.after(delay, std::move(work)); }

const Settings& Engine::settings() const { return parts_->settings; }
const Ports& Engine::ports() const { return parts_->ports; }

Statistics Engine::statistics() const {
  Statistics statistics = parts_->ledger.totals();
  statistics.turns = parts_->tenants.turns();
  statistics.turns_failed = parts_->tenants.turns_failed();
  statistics.tenants_loaded = parts_->tenants.loaded();
  statistics.runs_in_memory = parts_->tenants.runs_in_memory();
  statistics.jobs_queued = parts_->worker.queued();
  statistics.jobs_running = parts_->worker.running();
  return statistics;
}

std::vector<std::pair<TenantId, TenantStatistics>> Engine::busiest_tenants(std::size_t count) const { return parts_->ledger.busiest(count); }

}  // namespace insula::engine
