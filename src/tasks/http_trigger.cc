// core.http.Trigger: a request at an interval; an answer that meets the condition starts an execution.
#include "tasks/http_call.h"

namespace insula::tasks {
namespace {

constexpr std::string_view kCondition = "{{ response.statusCode < 400 }}";

class HttpTrigger final : public TaskType {
 public:
  // No outputs: the condition does not hold, nothing is started.
  JobResult run(JobContext& context) const override {
    Result<HttpCall> call = read_http_call(context);
    if (!call) return JobResult::failed(call.error());
    call->request.response_bytes_max = context.limits().http_body_bytes_max;
    const Result<client::HttpResponse> response = send_http_call(context, *call);
    if (!response) return JobResult::failed(response.error());
    if (std::optional<JobResult> failed = judge_status(*call, *response, response->body)) return std::move(*failed);
    context.define("response", JsonObject{{"statusCode", response->status}, {"body", output_text(response->body)}, {"headers", headers_output(*response)}});
    const Result<std::string> holds = context.text("responseCondition", kCondition);
    const Result<std::string> rendered = holds && !context.has("responseCondition") ? context.render(kCondition) : holds;
    if (!rendered) return JobResult::failed(rendered.error());
    if (!expression::is_truthy(trim(*rendered))) return JobResult::success();
    Result<JsonObject> outputs = request_outputs(context, *call, *response);
    return outputs ? JobResult::success(std::move(*outputs)) : JobResult::failed(outputs.error());
  }
};

}  // namespace

const TaskType& http_trigger_type() {
  static const HttpTrigger type;
  return type;
}

void register_http_trigger(flow::Catalog& catalog) {
  std::vector<flow::PropertyInfo> properties = http_properties();
  properties.push_back(prop("encryptBody", Kind::boolean, "Give the body encrypted, as `encryptedBody`; needs an encryption key of the server.", {.otherwise = "false"}));
  properties.push_back(prop("responseCondition", Kind::string, "Sees `response` with `statusCode`, `body` and `headers`; starts an execution when it is true.", {.otherwise = std::string(kCondition)}));
  properties.push_back(prop("interval", Kind::duration, "Time between two requests.", {.otherwise = "PT1M", .dynamic = false}));
  catalog.add({.type = "io.kestra.plugin.core.http.Trigger", .category = flow::TypeCategory::trigger, .aliases = {"io.kestra.plugin.fs.http.Trigger"},
               .properties = std::move(properties),
               .outputs = {prop("uri", Kind::string, "Where the request went."), prop("code", Kind::integer, "Status."), prop("headers", Kind::map, "Names in lower case, each with the list of its values."),
                           prop("body", Kind::string, "The text of the answer."), prop("encryptedBody", Kind::map, "With encryptBody.")},
               .title = "Starts an execution when the answer to an HTTP request meets a condition.",
               .doc = "The request is sent when the trigger is new and then at every interval; while an execution of the trigger runs it is not, unless `allowConcurrent` is true. A status of 400 or more is an error unless "
                      "`options.allowFailed` or `options.allowedResponseCodes` says otherwise: it is logged, and nothing is started. In the flow `trigger` has the outputs of http.Request.",
               .example = "id: example\nnamespace: company.team\n\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: \"{{ trigger.body }}\"\n\ntriggers:\n  - id: http\n    type: io.kestra.plugin.core.http.Trigger\n"
                          "    uri: https://api.example.com/jobs\n    responseCondition: \"{{ fromJson(response.body).status == 'ready' }}\"\n    interval: PT30S\n",
               .polls = true});
}

}  // namespace insula::tasks
