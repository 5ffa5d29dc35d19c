// What http.Request and http.Download share: properties → request, sending, the judgement of the status. Private to this folder.
#pragma once
#include "tasks/types.h"

namespace insula::tasks {

struct HttpCall {
  client::HttpRequest request;
  bool allow_failed = false;
  std::optional<std::set<std::int64_t>> allowed_codes;   // given: nothing else is allowed, not even 200 (as 1.3)
  std::set<std::string> logs;                            // REQUEST_HEADERS, REQUEST_BODY, RESPONSE_HEADERS, RESPONSE_BODY
};

std::vector<flow::PropertyInfo> http_properties();       // of both types

// Renders uri, params, method, headers, body, formData and options. Files of a form are copied to the scratch folder.
Result<HttpCall> read_http_call(JobContext& context);
// Sends it and writes 1.3's DEBUG lines. Errors in 1.3's words where it has some.
Result<client::HttpResponse> send_http_call(JobContext& context, HttpCall& call);
// Nothing when the status is allowed, else the failure with (the start of) the body.
std::optional<JobResult> judge_status(const HttpCall& call, const client::HttpResponse& response, std::string_view body);
// The outputs of http.Request: uri, code, headers, and body or encryptedBody.
Result<JsonObject> request_outputs(JobContext& context, const HttpCall& call, const client::HttpResponse& response);
// {name in lower case: [values]}, by name.
JsonObject headers_output(const client::HttpResponse& response);
// A URI as 1.3 sends and shows it: what a URI may not hold is percent-encoded, what is encoded stays.
std::string encoded_uri(std::string_view uri);
// Text for an output: valid UTF-8 without zero bytes (no database keeps them).
std::string output_text(std::string_view bytes);

}  // namespace insula::tasks
