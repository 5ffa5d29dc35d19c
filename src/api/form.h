// Inputs that come with a request: parts of a form, fields, or one JSON object. Files move from the spool to the tenant's storage before
// anything is started, under the id of the execution.
#pragma once
#include "api/call.h"

namespace insula::api {

struct FormOwner {
  Namespace ns;
  FlowId flow;
  ExecutionId execution;
};

struct Form {
  flow::GivenInputs inputs;
  std::vector<std::string> stored;   // storage paths of the files that this request brought
  std::string claim = {};            // engine::upload_claim_path; empty: no file was stored
};

bool has_files(const http::Request& request);
// Values only. Error unsupported for a media type that holds no inputs.
Result<flow::GivenInputs> read_fields(const http::Request& request);
// Blocks on storage. A part is the input of its name; the part `files` names the input by its file name (≤ 0.23). With `declared`, files of
// other inputs are dropped and those of inputs that are no FILE are read as text. On an error nothing stays stored.
Result<Form> read_form(Call& call, const FormOwner& owner, const std::vector<flow::Input>* declared);
// Their execution is durable: nothing of them is to be swept any more.
void keep(const CallPtr& call, const Form& form);
// Removes what was stored, on a reader thread: nobody will ever point to it.
void discard(const CallPtr& call, const Form& form);

}  // namespace insula::api
