// core.log.Fetch: the log of an execution as a file, one Ion struct per line as 1.3 writes it.
#include "tasks/types.h"

namespace insula::tasks {
namespace {

constexpr std::array kFields = {"tenantId", "namespace", "flowId", "taskId", "executionId", "taskRunId", "attemptNumber", "triggerId", "timestamp", "level", "thread", "message", "executionKind", "progress"};

void append_ion_text(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += {'\\', c};
    else if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (byte < 0x20 || byte == 0x7f) out += fmt::format("\\x{:02x}", byte);
    else out += c;
  }
  out += '"';
}

// Every field, null when the row lacks it; the time is an Ion timestamp in milliseconds.
std::string ion_row(const JsonObject& row) {
  std::string line = "{";
  for (const std::string_view field : kFields) {
    if (line.size() > 1) line += ',';
    line += field;
    line += ':';
    const Json* value = find(row, field);
    const std::optional<Instant> at = value && field == "timestamp" ? parse_instant(to_text(*value)) : std::nullopt;
    if (at) line += format_instant(*at).substr(0, 23) + "Z";
    else if (!value || value->is_null()) line += "null";
    else if (value->is_string()) append_ion_text(as_view(value->as_string()), line);
    else line += write_json(*value);
  }
  return line + "}\n";
}

Result<LogQuery> read_query(JobContext& context) {
  LogQuery query;
  const auto ns = context.optional_text("namespace"), flow_id = context.optional_text("flowId"), execution = context.optional_text("executionId");
  const Result<std::string> level = context.text("level", "INFO");
  const Result<Json> written_tasks = context.json("tasksId");
  for (const Error* error : {ns ? nullptr : &ns.error(), flow_id ? nullptr : &flow_id.error(), execution ? nullptr : &execution.error(), level ? nullptr : &level.error(), written_tasks ? nullptr : &written_tasks.error()}) {
    if (error) return fail(*error);
  }
  if (!*execution && (*ns || *flow_id)) return fail(ErrorKind::invalid, "task-property-invalid", "`namespace` and `flowId` should only be set when `executionId` is set.");
  query.execution = *execution ? ExecutionId(**execution) : context.files().owner().execution;
  if (*ns) query.ns = Namespace(**ns);
  if (*flow_id) query.flow = FlowId(**flow_id);
  const std::optional<flow::LogLevel> least = flow::parse_log_level(*level);
  if (!least) return fail(ErrorKind::invalid, "task-property-invalid", fmt::format("The property `level` must be TRACE, DEBUG, INFO, WARN or ERROR, got '{}'.", *level));
  query.level = *least;
  if (written_tasks->is_string()) query.tasks.emplace_back(to_text(*written_tasks));
  if (written_tasks->is_array()) {
    for (const Json& id : written_tasks->as_array()) query.tasks.emplace_back(to_text(id));
  }
  return query;
}

class LogFetchType final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    const Result<LogQuery> query = read_query(context);
    if (!query) return JobResult::failed(query.error());
    std::uint64_t number = 0;
    for (const char c : random_bytes(8)) number = number << 8 | static_cast<unsigned char>(c);
    const std::string name = fmt::format("{}.ion", number);
    const Result<std::unique_ptr<storage::Writer>> writer = context.files().create(name);
    if (!writer) return JobResult::failed(writer.error());
    std::int64_t count = 0;
    Result<void> written;
    const Result<void> fetched = context.platform().fetch_logs(*query, [&](const JsonObject& row) {
      written = (*writer)->append(ion_row(row));
      if (written) ++count;
      return written.has_value() && !context.cancel().is_cancelled();
    });
    if (!fetched) return JobResult::failed(fetched.error());
    if (written) written = (*writer)->commit();
    if (!written) return JobResult::failed(written.error());
    return JobResult::success({{"uri", context.files().uri(name)}, {"size", count}});
  }
};

}  // namespace

const TaskType& log_fetch_type() {
  static const LogFetchType type;
  return type;
}

void register_log_fetch(flow::Catalog& catalog) {
  catalog.add({.type = "io.kestra.plugin.core.log.Fetch",
               .aliases = {"io.kestra.core.tasks.log.Fetch"},
               .properties = {prop("executionId", Kind::string, "Whose log; by default this execution's."), prop("namespace", Kind::string, "Of that execution, by default this namespace."),
                              prop("flowId", Kind::string, "Of that execution."), prop("tasksId", Kind::any, "Only these tasks."), prop("level", Kind::string, "The lowest level.", {.otherwise = "INFO"})},
               .outputs = {prop("uri", Kind::string, "The file."), prop("size", Kind::integer, "Number of lines.")},
               .title = "Writes the log of an execution to a file.",
               .doc = "One Ion struct per line, in order of time.",
               .example = example_flow("  - id: work\n    type: io.kestra.plugin.core.log.Log\n    message: something happened\n  - id: fetch\n    type: io.kestra.plugin.core.log.Fetch\n    level: WARN\n"),
               .deprecated = true});
}

}  // namespace insula::tasks
