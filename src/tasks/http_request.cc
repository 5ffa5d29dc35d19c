// core.http.Request: the answer as an output.
#include "tasks/http_call.h"

namespace insula::tasks {
namespace {

class HttpRequestType final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    Result<HttpCall> call = read_http_call(context);
    if (!call) return JobResult::failed(call.error());
    call->request.response_bytes_max = context.limits().http_body_bytes_max;
    const Result<client::HttpResponse> response = send_http_call(context, *call);
    if (!response) return JobResult::failed(response.error());
    if (std::optional<JobResult> failed = judge_status(*call, *response, response->body)) return std::move(*failed);
    Result<JsonObject> outputs = request_outputs(context, *call, *response);
    return outputs ? JobResult::success(std::move(*outputs)) : JobResult::failed(outputs.error());
  }
};

}  // namespace

Result<JsonObject> request_outputs(JobContext& context, const HttpCall& call, const client::HttpResponse& response) {
  const Result<bool> encrypts = context.boolean("encryptBody", false);
  if (!encrypts) return fail(encrypts.error());
  JsonObject outputs{{"uri", call.request.url}, {"code", response.status}, {"headers", headers_output(response)}};
  // No body at all is no output, an empty one is an empty text.
  if (response.status == 204 || response.status == 304 || call.request.method == "HEAD") return outputs;
  if (!*encrypts) {
    outputs["body"] = output_text(response.body);
    return outputs;
  }
  Result<Json> encrypted = context.platform().encrypt(output_text(response.body));
  if (!encrypted) return fail(encrypted.error());
  outputs["encryptedBody"] = std::move(*encrypted);
  return outputs;
}

const TaskType& http_request_type() {
  static const HttpRequestType type;
  return type;
}

void register_http_request(flow::Catalog& catalog) {
  std::vector<flow::PropertyInfo> properties = http_properties();
  properties.push_back(prop("encryptBody", Kind::boolean, "Give the body encrypted, as `encryptedBody`; needs an encryption key of the server.", {.otherwise = "false"}));
  catalog.add({.type = "io.kestra.plugin.core.http.Request",
               .aliases = {"io.kestra.plugin.fs.http.Request"},
               .properties = std::move(properties),
               .outputs = {prop("uri", Kind::string, "Where the request went."), prop("code", Kind::integer, "Status."), prop("headers", Kind::map, "Names in lower case, each with the list of its values."),
                           prop("body", Kind::string, "The text of the answer."), prop("encryptedBody", Kind::map, "With encryptBody.")},
               .title = "Sends an HTTP request.",
               .doc = "The answer's text is an output of at most 1 MiB: use http.Download for more. A status of 400 or more fails the task unless `options.allowFailed` or `options.allowedResponseCodes` says otherwise.",
               .example = example_flow("  - id: request\n    type: io.kestra.plugin.core.http.Request\n    uri: https://httpbin.org/post\n    method: POST\n    body:\n      hello: world\n"
                                       "  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: \"{{ fromJson(outputs.request.body).json.hello }}\"\n")});
}

}  // namespace insula::tasks
