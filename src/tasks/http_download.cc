// core.http.Download: the answer as a file.
#include <fstream>

#include "tasks/http_call.h"

namespace insula::tasks {
namespace {

constexpr std::size_t kErrorBodyBytesMax = 64u << 10;

// The value of one parameter of a header (RFC 6266), or nothing.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  for (std::size_t at = header.find(';'); at != std::string_view::npos;) {
    std::string_view rest = trim(header.substr(at + 1));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string key = lower_ascii(trim(rest.substr(0, equals)));
    rest = trim(rest.substr(equals + 1));
    std::string value;
    std::size_t end = 0;
    if (rest.starts_with('"')) {
      for (end = 1; end < rest.size() && rest[end] != '"'; ++end) {
        if (rest[end] == '\\' && end + 1 < rest.size()) ++end;
        value += rest[end];
      }
      end = std::min(rest.find(';', end), rest.size());
    } else {
      end = std::min(rest.find(';'), rest.size());
      value = trim(rest.substr(0, end));
    }
    if (key == name) return value;
    header = rest.substr(end);
    at = header.find(';');
  }
  return std::nullopt;
}

// The name that the server proposes, never more than a name: folders in it are dropped. Spaces become `+`, as in 1.3.
std::optional<std::string> proposed_name(const client::HttpResponse& response) {
  const std::string* header = response.header("content-disposition");
  if (!header) return std::nullopt;
  std::optional<std::string> name = parameter(*header, "filename");
  if (!name) {
    name = parameter(*header, "filename*");
    if (name && name->find("''") != std::string::npos) name = name->substr(name->find("''") + 2);
  }
  if (!name || name->empty()) return std::nullopt;
  std::string plain = percent_decode(*name).value_or(*name);
  plain = plain.substr(plain.find_last_of("/\\") + 1);
  std::ranges::replace(plain, ' ', '+');
  if (plain.empty()) return std::nullopt;
  return storage::safe_name(plain);
}

// A number and the extension of the URI's path: `8639447920458069002.json`.
std::string made_up_name(std::string_view url) {
  std::string_view path = url.substr(0, url.find_first_of("?#"));
  if (const std::size_t host = path.find("://"); host != std::string_view::npos) path.remove_prefix(std::min(path.find('/', host + 3), path.size()));
  path.remove_prefix(path.find_last_of('/') + 1);
  const std::size_t dot = path.rfind('.');
  const bool has_extension = dot != std::string_view::npos && path.size() - dot <= 16;
  std::uint64_t number = 0;
  for (const char c : random_bytes(8)) number = number << 8 | static_cast<unsigned char>(c);
  return storage::safe_name(fmt::format("{}{}", number, has_extension ? path.substr(dot) : ".tmp"));
}

std::string start_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kErrorBodyBytesMax, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

class HttpDownloadType final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    Result<HttpCall> call = read_http_call(context);
    if (!call) return JobResult::failed(call.error());
    const std::filesystem::path local = context.scratch() / "download";
    call->request.response_file = local;
    call->request.response_bytes_max = context.limits().download_bytes_max;
    const Result<client::HttpResponse> response = send_http_call(context, *call);
    if (!response) return JobResult::failed(response.error());
    if (std::optional<JobResult> failed = judge_status(*call, *response, start_of(local))) return std::move(*failed);

    const Result<bool> fails_when_empty = context.boolean("failOnEmptyResponse", true);
    const Result<std::optional<std::string>> save_as = context.optional_text("saveAs");
    if (!fails_when_empty) return JobResult::failed(fails_when_empty.error());
    if (!save_as) return JobResult::failed(save_as.error());
    const std::string& url = call->request.url;
    if (response->body_bytes == 0) {
      if (*fails_when_empty) return JobResult::failed("No response from server");
      context.log(flow::LogLevel::warn, fmt::format("File '{}' is empty", url));
      std::ofstream(local, std::ios::app);  // an answer without a body may not have made it
    }
    context.log(flow::LogLevel::debug, fmt::format("File '{}' downloaded with size '{}'", url, response->body_bytes));
    std::string name = *save_as && !(*save_as)->empty() ? **save_as : proposed_name(*response).value_or(made_up_name(url));
    const Result<std::string> uri = context.files().put_file(name, local);
    if (!uri) return JobResult::failed(uri.error());
    return JobResult::success({{"uri", *uri}, {"code", response->status}, {"length", response->body_bytes}, {"headers", headers_output(*response)}});
  }
};

}  // namespace

const TaskType& http_download_type() {
  static const HttpDownloadType type;
  return type;
}

void register_http_download(flow::Catalog& catalog) {
  std::vector<flow::PropertyInfo> properties = http_properties();
  properties.push_back(prop("failOnEmptyResponse", Kind::boolean, "An answer without content is a failure.", {.otherwise = "true"}));
  properties.push_back(prop("saveAs", Kind::string, "The file's name; otherwise the one the server proposes, or a number."));
  catalog.add({.type = "io.kestra.plugin.core.http.Download",
               .aliases = {"io.kestra.plugin.fs.http.Download"},
               .properties = std::move(properties),
               .outputs = {prop("uri", Kind::string, "The file."), prop("code", Kind::integer, "Status."), prop("length", Kind::integer, "Bytes."), prop("headers", Kind::map, "Names in lower case, each with the list of its values.")},
               .title = "Downloads a file.",
               .doc = "The content goes to the storage of the execution, whatever its size.",
               .example = example_flow("  - id: download\n    type: io.kestra.plugin.core.http.Download\n    uri: https://huggingface.co/datasets/kestra/datasets/raw/main/csv/orders.csv\n"
                                       "  - id: size\n    type: io.kestra.plugin.core.log.Log\n    message: \"{{ fileSize(outputs.download.uri) }} bytes\"\n")});
}

}  // namespace insula::tasks
