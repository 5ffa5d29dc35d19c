#include "api/execution_json.h"

namespace insula::api {
namespace {

struct Shown {
  std::vector<execution::TaskRun> task_runs;
  bool is_truncated = false;
};

Result<Shown> shown_task_runs(store::TenantReader& reader, const execution::Header& header, std::size_t max) {
  const auto count = static_cast<std::size_t>(header.task_runs);
  Shown shown;
  shown.is_truncated = count > std::min(kTaskRunsWhole, max);
  auto first = reader.task_runs(header.id, 0, shown.is_truncated ? std::min(kTaskRunsFirst, max) : kTaskRunsWhole);
  if (!first) return fail(std::move(first.error()));
  shown.task_runs = std::move(*first);
  if (!shown.is_truncated || max == 0) return shown;
  const std::int64_t after = shown.task_runs.empty() ? -1 : shown.task_runs.back().position;
  auto open = reader.open_task_runs(header.id);
  if (!open) return fail(std::move(open.error()));
  for (execution::TaskRun& task_run : *open)
    if (task_run.position > after && shown.task_runs.size() < max) shown.task_runs.push_back(std::move(task_run));
  std::ranges::sort(shown.task_runs, {}, &execution::TaskRun::position);
  return shown;
}

}  // namespace

Result<JsonObject> execution_json(store::TenantReader& reader, const execution::Header& header, std::size_t& task_runs_max) {
  const Result<Shown> shown = shown_task_runs(reader, header, task_runs_max);
  if (!shown) return fail(shown.error());
  task_runs_max -= std::min(task_runs_max, shown->task_runs.size());
  JsonObject json = execution::to_json(header, shown->task_runs);
  if (shown->is_truncated) json["taskRunsTruncated"] = true;
  return json;
}

Result<JsonObject> execution_json(store::TenantReader& reader, const execution::Header& header) {
  std::size_t budget = kTaskRunsWhole;
  return execution_json(reader, header, budget);
}

std::string execution_url(const Call& call, const execution::Header& header) {
  return fmt::format("{}/ui/{}/executions/{}/{}/{}", call.base_url(), call.tenant(), header.ns, header.flow_id, header.id);
}

void reply_execution(const CallPtr& call, execution::Header header, ExecutionReply how) {
  if (header.task_runs == 0) {
    JsonObject json = execution::to_json(header, {});
    if (how.with_url) json["url"] = execution_url(*call, header);
    return call->reply_json(std::move(json), how.status);
  }
  read_then(call, [header = std::move(header), how](const CallPtr& waiting, store::TenantReader& reader) {
    Result<Shown> shown = shown_task_runs(reader, header, kTaskRunsWhole);
    if (!shown) return waiting->reply_error(shown.error());
    std::erase_if(shown->task_runs, [&](const execution::TaskRun& task_run) { return task_run.position >= header.task_runs; });
    JsonObject json = execution::to_json(header, shown->task_runs);
    if (shown->is_truncated) json["taskRunsTruncated"] = true;
    if (how.with_url) json["url"] = execution_url(*waiting, header);
    waiting->reply_json(std::move(json), how.status);
  });
}

Result<execution::Header> visible_execution(const Call& call, store::TenantReader& reader) {
  auto header = reader.execution(call.execution_id());
  if (!header) return fail(std::move(header.error()));
  if (!*header || !call.allows((*header)->ns)) return not_found();
  return std::move(**header);
}

void if_permitted(const CallPtr& call, std::function<void(const CallPtr&)> work) {
  if (!call->namespaces()) return work(call);
  read_then(call, [work = std::move(work)](const CallPtr& waiting, store::TenantReader& reader) {
    if (const auto header = visible_execution(*waiting, reader); !header) return waiting->reply_error(header.error());
    work(waiting);
  });
}

}  // namespace insula::api
