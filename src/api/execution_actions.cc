// Actions on one execution, at the paths of 1.x (`/executions/{id}/kill`) and of 2.0 (`/executions/{id}/actions/kill`), each with its own answer.
#include "api/execution_json.h"
#include "api/form.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

// How 1.x tells what happened; 2.0's paths always answer 200 with the execution, and 409 for a state that does not allow it.
struct OldAnswer {
  int status = 200;
  Error (*refused)(const Call& call, Error error) = nullptr;   // in 1.3's words
  bool ends_as_success = false;                                // an ended execution counts as done
};

void act(const CallPtr& call, engine::Action action, OldAnswer old) {
  call->engine().act(call->scope(), call->execution_id(), std::move(action), [call, old](Result<engine::Started> header) {
    const bool is_new = call->is_action_path();
    if (!header) {
      if (!is_new && old.ends_as_success && header.error().kind == ErrorKind::conflict) return call->reply_empty(old.status);
      if (!is_new && old.refused != nullptr && header.error().kind == ErrorKind::conflict) return call->reply_error(old.refused(*call, header.error()));
      return call->reply_error(header.error().code == "execution-unknown" ? not_found().error() : header.error());
    }
    if (!is_new && old.status != 200) return call->reply_empty(old.status);
    // As it was before it went on: what clients of 1.3 read in the answer to a restart or replay.
    if (header->whole) return call->guarded([&] { call->reply_json(execution::to_json(header->header, header->task_runs)); });
    call->guarded([&] { reply_execution(call, std::move(header->header)); });
  });
}

void permitted_act(const CallPtr& call, engine::Action action, OldAnswer old = {}) {
  if_permitted(call, [action = std::move(action), old](const CallPtr& waiting) { act(waiting, action, old); });
}

void kill(const CallPtr& call) {
  permitted_act(call, engine::KillAction{call->flag("isOnKillCascade", true)}, {.status = 202, .refused = nullptr, .ends_as_success = true});
}

void pause(const CallPtr& call) {
  permitted_act(call, engine::PauseAction{}, {.status = 200, .refused = [](const Call&, Error) { return illegal_argument("execution-not-running", "The execution is not running").error(); }});
}

void force_run(const CallPtr& call) {
  permitted_act(call, engine::ForceRunAction{}, {.status = 200, .refused = [](const Call&, Error) {
    return illegal_argument("execution-ended", "Only non terminated executions can be forced run.").error();
  }});
}

void restart(const CallPtr& call) {
  const auto revision = call->revision();
  if (!revision) return call->reply_error(revision.error());
  permitted_act(call, engine::RestartAction{*revision});
}

Result<engine::ReplayAction> read_replay(const Call& call) {
  const auto revision = call.revision();
  if (!revision) return fail(revision.error());
  if (!call.query("breakpoints").empty()) return illegal_argument("breakpoints-unsupported", "breakpoints are not part of this version");
  return engine::ReplayAction{TaskRunId(call.query("taskRunId")), *revision, std::nullopt, call.flag("latestRevision", false)};
}

void replay(const CallPtr& call) {
  auto action = read_replay(*call);
  action ? permitted_act(call, std::move(*action)) : call->reply_error(action.error());
}

// Runs `with` with the inputs of the request. Files are stored below the execution in the path, which must be readable for the caller.
void with_inputs(const CallPtr& call, std::function<void(const CallPtr&, Form)> with) {
  read_then(call, [with = std::move(with)](const CallPtr& waiting, store::TenantReader& reader) {
    const auto header = visible_execution(*waiting, reader);
    if (!header) return waiting->reply_error(header.error());
    Result<Form> form = read_form(*waiting, {header->ns, header->flow_id, header->id}, nullptr);
    if (!form) return waiting->reply_error(form.error());
    with(waiting, std::move(*form));
  });
}

void replay_with_inputs(const CallPtr& call) {
  auto action = read_replay(*call);
  if (!action) return call->reply_error(action.error());
  with_inputs(call, [action = std::move(*action)](const CallPtr& waiting, Form form) {
    engine::ReplayAction with = action;
    with.inputs = std::move(form.inputs);
    act(waiting, std::move(with), {});
  });
}

void resume(const CallPtr& call) {
  with_inputs(call, [](const CallPtr& waiting, Form form) {
    engine::ResumeAction action{std::move(form.inputs), waiting->principal().email};
    act(waiting, std::move(action), {.status = 204, .refused = [](const Call& of, Error) {
      return Error{ErrorKind::conflict, "execution-not-paused", fmt::format("Execution '{}' is not paused, can't resume it", of.execution_id()), {}, {}};
    }});
  });
}

// 1.x and 2.0: the inputs that a resume would ask for. They are bound by the resume itself, so only the state can be told before.
void validate_resume(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto header = visible_execution(c, reader);
    if (!header) return fail(header.error());
    if (header->state.current() != execution::State::paused)
      return fail(ErrorKind::conflict, "execution-not-paused", fmt::format("Execution '{}' is not paused, can't resume it", header->id));
    const auto row = reader.flow_revision(header->ns, header->flow_id, header->flow_revision);
    if (!row) return fail(row.error());
    const auto open = reader.open_task_runs(header->id);
    if (!open) return fail(open.error());
    JsonArray inputs;
    const auto flow = *row ? c.engine().compiled(c.scope(), **row) : Result<std::shared_ptr<const flow::Flow>>(nullptr);
    const auto given = read_fields(c.request());
    if (!given) return fail(given.error());
    for (const execution::TaskRun& task_run : *open) {
      const flow::Task* task = flow && *flow ? (*flow)->find(task_run.task_id) : nullptr;
      if (task == nullptr || task_run.state.current() != execution::State::paused || !(*flow)->resume_inputs.contains(task->index)) continue;
      for (const flow::Input& input : (*flow)->resume_inputs.at(task->index)) {
        JsonArray errors;
        const bool is_missing = input.required && !input.defaults && !given->contains(input.id);
        if (is_missing) errors.push_back(JsonObject{{"message", "Missing required input:" + input.id}, {"renderError", false}});
        inputs.push_back(JsonObject{{"input", JsonObject{{"id", input.id}, {"type", input.type}, {"required", input.required}}}, {"enabled", true},
                                    {"isDefault", !given->contains(input.id)}, {"errors", std::move(errors)}});
      }
    }
    return JsonObject{{"id", header->flow_id.str()}, {"namespace", header->ns.str()}, {"inputs", std::move(inputs)}, {"checks", JsonArray{}}};
  });
}

Result<execution::State> read_state(std::string_view text) {
  const auto state = execution::parse_state(text);
  if (!state) return illegal_argument("state-invalid", fmt::format("'{}' is not a state", text));
  return *state;
}

void change_task_run(const CallPtr& call) {
  const Result<Json> body = call->json_body();
  if (!body || !body->is_object()) return call->reply_error(body ? Error{ErrorKind::invalid, "body-invalid", "Unprocessable Entity: an object is expected", {}, {}} : body.error());
  const auto state = read_state(text_or(body->get_object(), "state"));
  if (!state) return call->reply_error(state.error());
  permitted_act(call, engine::ChangeTaskRunAction{TaskRunId(text_or(body->get_object(), "taskRunId")), *state});
}

void change_status(const CallPtr& call) {
  const auto state = read_state(call->query("status", call->query("newStatus")));
  if (!state) return call->reply_error(state.error());
  if_permitted(call, [state = *state](const CallPtr& waiting) {
    waiting->engine().act(waiting->scope(), waiting->execution_id(), engine::ChangeStatusAction{state}, [waiting](Result<engine::Started> header) {
      if (header) return waiting->guarded([&] { reply_execution(waiting, std::move(header->header)); });
      Error error = header.error().code == "execution-unknown" ? not_found().error() : std::move(header.error());
      if (waiting->is_action_path() && error.kind == ErrorKind::invalid) error.kind = ErrorKind::conflict;  // 2.0: a matter of state
      waiting->reply_error(error);
    });
  });
}

void set_labels(const CallPtr& call) {
  const Result<Json> body = call->json_body();
  if (!body) return call->reply_error(body.error());
  auto labels = read_labels(*body);
  labels ? permitted_act(call, engine::SetLabelsAction{std::move(*labels)}) : call->reply_error(labels.error());
}

void unqueue(const CallPtr& call) {
  const auto state = read_state(call->query("state", "RUNNING"));
  state ? permitted_act(call, engine::UnqueueAction{*state}) : call->reply_error(state.error());
}

void evaluate(const CallPtr& call) {
  constexpr std::size_t expression_bytes_max = 100'000;
  if (call->request().body.size() > expression_bytes_max)
    return call->reply_error({ErrorKind::too_large, "expression-too-large", fmt::format("an expression to evaluate has at most {} bytes", expression_bytes_max), {}, {}});
  if_permitted(call, [](const CallPtr& waiting) {
    waiting->engine().evaluate(waiting->scope(), waiting->execution_id(), TaskRunId(waiting->parameter("taskrun")), waiting->request().body,
                               then<engine::Evaluated>(waiting, [waiting](const engine::Evaluated& evaluated) {
                                 if (evaluated.result) return waiting->reply_json(JsonObject{{"result", *evaluated.result}});
                                 waiting->reply_json(JsonObject{{"error", evaluated.error}, {"stackTrace", evaluated.error}});
                               }));
  });
}

void add(Routes& routes, http::Method method, std::string_view name, Action action, Handler handler, std::string_view doc) {
  for (const std::string_view family : {"", "actions/"})
    routes.emplace_back(method, fmt::format("/api/v1/{{tenant}}/executions/{{execution}}/{}{}", family, name), needs(Resource::execution, action), handler, doc);
}

}  // namespace

Result<std::vector<flow::Label>> read_labels(const Json& json) {
  std::vector<flow::Label> labels;
  const auto* list = json.if_array();
  if (list == nullptr) return fail(ErrorKind::invalid, "body-invalid", "Unprocessable Entity: a list of objects with `key` and `value` is expected");
  for (const Json& item : *list) {
    const auto* object = item.if_object();
    flow::Label label{object != nullptr ? text_or(*object, "key") : "", object != nullptr ? text_or(*object, "value") : ""};
    if (label.key.empty() || label.value.empty()) return illegal_argument("label-invalid", "a label needs a key and a value");
    if (label.key.starts_with("system."))
      return illegal_argument("label-system", fmt::format("System labels can only be set by Kestra itself, offending label: {}={}", label.key, label.value));
    labels.push_back(std::move(label));
  }
  return labels;
}

void add_execution_action_routes(Routes& routes) {
  using enum http::Method;
  add(routes, del, "kill", Action::kill, kill, "Kills an execution.");
  add(routes, post, "pause", Action::pause, pause, "Pauses a running execution: running tasks finish, nothing new starts.");
  add(routes, post, "resume", Action::resume, resume, "Resumes a paused execution, with the inputs it asked for.");
  add(routes, post, "resume/validate", Action::resume, validate_resume, "Checks the inputs of a resume.");
  add(routes, post, "restart", Action::restart, restart, "Restarts an ended execution from its failed tasks.");
  add(routes, post, "replay", Action::replay, replay, "Makes a new execution from an ended one, from the start or from a task run.");
  add(routes, post, "replay-with-inputs", Action::replay, replay_with_inputs, "Replays with other inputs.");
  add(routes, post, "state", Action::update, change_task_run, "Sets the state of a task run and goes on from there.");
  add(routes, post, "change-status", Action::update, change_status, "Changes the state of an ended execution.");
  add(routes, post, "labels", Action::change_labels, set_labels, "Adds labels to an ended execution.");
  add(routes, post, "force-run", Action::force_run, force_run, "Runs an execution that waits, whatever it waits for.");
  add(routes, post, "unqueue", Action::unqueue, unqueue, "Takes an execution out of the queue of its flow.");
  add(routes, post, "eval/{taskrun}", Action::view, evaluate, "Evaluates an expression with the variables of a task run.");
  routes.emplace_back(post, "/api/v1/{tenant}/executions/{execution}/actions/eval", needs(Resource::execution, Action::view), evaluate, "Evaluates an expression with the variables of an execution.");
}

}  // namespace insula::api
