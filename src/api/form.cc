#include "api/form.h"

namespace insula::api {
namespace {

constexpr std::uint64_t kTextFileBytesMax = 8u << 20;
constexpr std::size_t kFilesMax = 100;

struct Named {
  std::string input;
  std::string file;
};

// The old form has no name for the file itself; 1.3 calls it `.upl` then (recorded/files.json).
Named names_of(const http::Part& part) {
  if (part.name == "files") return {*part.filename, ".upl"};
  return {part.name, storage::safe_name(*part.filename)};
}

const flow::Input* declared_input(const std::vector<flow::Input>& declared, std::string_view id) {
  const auto found = std::ranges::find(declared, id, &flow::Input::id);
  return found == declared.end() ? nullptr : &*found;
}

Result<flow::Given> store_file(Call& call, const FormOwner& owner, http::Part& part, const Named& named, Form& form) {
  if (part.file.size() == 0) return illegal_argument("input-file-empty", fmt::format("Can't upload file: {}", *part.filename));
  const std::string path = storage::input_file_path(owner.ns, owner.flow, owner.execution, named.input, named.file);
  const std::uint64_t bytes = part.file.size();
  const std::filesystem::path local = part.file.take();
  const auto put = call.engine().ports().storage->put_file(call.scope().uid(), path, local);
  if (!put) {
    std::error_code ignored;
    std::filesystem::remove(local, ignored);
    return fail(put.error());
  }
  form.stored.push_back(path);
  return flow::GivenFile{storage::uri_of(path), named.file, bytes};
}

Result<flow::Given> file_value(Call& call, const FormOwner& owner, const std::vector<flow::Input>* declared, http::Part& part, const Named& named, Form& form) {
  const flow::Input* input = declared != nullptr ? declared_input(*declared, named.input) : nullptr;
  if (input == nullptr || input->type == "FILE") return store_file(call, owner, part, named, form);
  Result<std::string> text = part.file.read(kTextFileBytesMax);
  if (!text) return fail(std::move(text.error()));
  return flow::Given(std::move(*text));
}

}  // namespace

bool has_files(const http::Request& request) {
  return std::ranges::any_of(request.parts, [](const http::Part& part) { return part.is_file(); });
}

Result<flow::GivenInputs> read_fields(const http::Request& request) {
  flow::GivenInputs inputs;
  if (request.is_multipart) {
    for (const http::Part& part : request.parts)
      if (!part.is_file()) inputs.insert_or_assign(part.name, part.text);
    return inputs;
  }
  if (trim(request.body).empty()) return inputs;
  const std::string type = http::media_type(request.headers.get("Content-Type"));
  if (type == "application/x-www-form-urlencoded") {
    auto fields = http::parse_query(request.body);
    if (!fields) return fail(std::move(fields.error()));
    for (auto& [name, value] : *fields) inputs.insert_or_assign(std::move(name), std::move(value));
    return inputs;
  }
  if (type != "application/json")
    return fail(ErrorKind::unsupported, "media-type-unsupported",
                fmt::format("Content Type [{}] not allowed. Allowed types: [multipart/form-data, application/json, application/x-www-form-urlencoded]", type));
  const Result<Json> body = parse_json(request.body);
  if (!body || !body->is_object()) return fail(ErrorKind::invalid, "body-invalid", "Unprocessable Entity: the inputs are expected as one JSON object");
  for (const auto& [name, value] : body->get_object()) {
    const std::string key(name.data(), name.size());
    if (value.is_string()) inputs.insert_or_assign(key, std::string(as_view(value.get_string())));
    else if (!value.is_null()) inputs.insert_or_assign(key, value);
  }
  return inputs;
}

Result<Form> read_form(Call& call, const FormOwner& owner, const std::vector<flow::Input>* declared) {
  Result<flow::GivenInputs> fields = read_fields(call.request());
  if (!fields) return fail(std::move(fields.error()));
  Form form{std::move(*fields), {}};
  const auto give_up = [&](Error error) -> std::unexpected<Error> {
    form.stored.push_back(form.claim);  // the last: what stays is swept
    for (const std::string& path : form.stored) static_cast<void>(call.engine().ports().storage->remove(call.scope().uid(), path));
    return fail(std::move(error));
  };
  for (http::Part& part : call.request().parts) {
    if (!part.is_file()) continue;
    const Named named = names_of(part);
    if (declared != nullptr && declared_input(*declared, named.input) == nullptr) continue;
    if (form.claim.empty()) {
      form.claim = engine::upload_claim_path(owner.execution);
      if (auto claimed = call.engine().ports().storage->put(call.scope().uid(), form.claim, storage::execution_prefix(owner.ns, owner.flow, owner.execution)); !claimed) return fail(claimed.error());
    }
    if (form.stored.size() >= kFilesMax) return give_up({ErrorKind::too_large, "input-files-too-many", fmt::format("at most {} files come with one request", kFilesMax), {}, {}});
    Result<flow::Given> value = file_value(call, owner, declared, part, named, form);
    if (!value) return give_up(std::move(value.error()));
    form.inputs.insert_or_assign(named.input, std::move(*value));
  }
  return form;
}

namespace {

void remove_files(const CallPtr& call, std::vector<std::string> paths) {
  if (paths.empty()) return;
  off_thread(call, [paths = std::move(paths)](const CallPtr& of, store::Stores&) {
    for (const std::string& path : paths)
      if (const auto removed = of->engine().ports().storage->remove(of->scope().uid(), path); !removed)
        log::warn(of->tenant(), "an upload that was refused stays until it is swept: {}", removed.error().message);
  });
}

}  // namespace

void keep(const CallPtr& call, const Form& form) { remove_files(call, form.claim.empty() ? std::vector<std::string>{} : std::vector{form.claim}); }

void discard(const CallPtr& call, const Form& form) {
  std::vector<std::string> paths = form.stored;
  if (!form.claim.empty()) paths.push_back(form.claim);
  remove_files(call, std::move(paths));
}

}  // namespace insula::api
