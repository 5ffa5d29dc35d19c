// Files of an execution: download, size, preview. A path must belong to the execution of the URL; the file of another one is found under its own.
#include "api/execution_json.h"
#include "api/parts.h"
#include "api/preview.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

constexpr std::uint64_t kInMemoryBytesMax = 1u << 20;

// `…/executions/<id>/…` → the id.
std::string_view execution_in(std::string_view path) {
  constexpr std::string_view mark = "/executions/";
  const std::size_t at = path.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = path.substr(at + mark.size());
  const std::size_t end = rest.find('/');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

using Use = std::function<void(const CallPtr& call, const std::string& path)>;

// Runs `use` with the storage path when it belongs to the execution; else sends the caller to the execution it names.
void with_file(const CallPtr& call, Use use) {
  const std::string uri(call->query("path"));
  if (uri.empty()) return call->reply_error({ErrorKind::bad_request, "parameter-missing", "Required QueryValue [path] not specified", {}, {}});
  Result<std::string> path = storage::path_of(uri);
  if (!path) return call->reply_error(path.error());
  read_then(call, [uri, path = std::move(*path), use = std::move(use)](const CallPtr& waiting, store::TenantReader& reader) {
    const auto header = visible_execution(*waiting, reader);
    if (!header) {
      const bool is_unknown = header.error().kind == ErrorKind::not_found;
      return waiting->reply_error(is_unknown ? not_found(fmt::format("Unable to find execution id '{}'", waiting->execution_id())).error() : header.error());
    }
    if (storage::belongs_to_execution(path, header->ns, header->flow_id, header->id)) return use(waiting, path);
    const std::string_view other = execution_in(path);
    if (other.empty() || other == header->id.str())
      return waiting->reply_error(illegal_argument("file-foreign", fmt::format("Invalid prefix path: '{}' is no file of execution '{}'", uri, header->id)).error());
    const std::string suffix = waiting->target().path.substr(waiting->target().path.rfind("/file"));
    http::Response response = http::Response::empty(301);
    std::string encoded;
    for (const std::string& part : split(path, '/')) encoded += "/" + percent_encode(part);
    response.headers.set("Location", fmt::format("/api/v1/{}/executions/{}{}?path=kestra://{}", waiting->tenant(), percent_encode(other), suffix, encoded));
    waiting->reply(std::move(response));
  });
}

std::string file_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

// A large file goes through a copy in the spool folder: the server then sends it in blocks, and nobody waits for a slow client.
Result<http::Response> file_response(const Call& call, const std::string& path) {
  const auto reader = call.engine().ports().storage->open(call.scope().uid(), path);
  if (!reader) return fail(reader.error());
  auto spool = (*reader)->size() > kInMemoryBytesMax ? http::SpooledFile::create(call.parts().options.spool_folder) : Result<http::SpooledFile>(http::SpooledFile());
  if (!spool) return fail(spool.error());
  http::SpooledFile& file = *spool;
  std::string bytes;
  std::vector<char> buffer(256u << 10);
  for (;;) {
    const auto count = (*reader)->read(buffer);
    if (!count) return fail(count.error());
    if (*count == 0) break;
    const std::string_view block(buffer.data(), *count);
    if (file.path().empty()) bytes += block;
    else if (auto appended = file.append(block); !appended) return fail(std::move(appended.error()));
  }
  if (file.path().empty()) {
    http::Response response = http::Response::text(200, std::move(bytes), "application/octet-stream");
    response.headers.set("Content-Disposition", http::content_disposition(file_name(path)));
    return response;
  }
  file.finish();
  http::FileBody body;
  body.path = file.take();
  body.remove_after = true;
  return http::Response::file(std::move(body), "application/octet-stream", file_name(path));
}

void download(const CallPtr& call) {
  with_file(call, [](const CallPtr& permitted, const std::string& path) {
    off_thread(permitted, [path](const CallPtr& waiting, store::Stores&) {
      Result<http::Response> response = file_response(*waiting, path);
      if (!response) return waiting->reply_error(response.error());
      response->headers.set("Cache-Control", "private, max-age=86400");
      response->headers.set("X-Content-Type-Options", "nosniff");  // what a user stored is never run in this origin
      waiting->reply(std::move(*response));
    });
  });
}

void show_size(const CallPtr& call) {
  with_file(call, [](const CallPtr& waiting, const std::string& path) {
    const auto size = waiting->engine().ports().storage->size(waiting->scope().uid(), path);
    size ? waiting->reply_json(JsonObject{{"size", *size}}) : waiting->reply_error(size.error());
  });
}

Result<int> read_rows(const Call& call) {
  const Options& options = call.parts().options;
  const std::string_view text = call.query("maxRows");
  if (text.empty()) return options.preview_rows_initial;
  int rows = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (error != std::errc{} || end != text.data() + text.size() || rows < 1) return illegal_argument("rows-invalid", fmt::format("'{}' is not a number of rows", text));
  return std::min(rows, options.preview_rows_max);
}

void preview(const CallPtr& call) {
  const Result<int> rows = read_rows(*call);
  if (!rows) return call->reply_error(rows.error());
  with_file(call, [rows = *rows](const CallPtr& waiting, const std::string& path) {
    const auto reader = waiting->engine().ports().storage->open(waiting->scope().uid(), path);
    if (!reader) return waiting->reply_error(reader.error());
    std::string bytes(std::min<std::uint64_t>((*reader)->size(), kPreviewBytesMax), '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      const auto count = (*reader)->read(std::span(bytes).subspan(filled));
      if (!count) return waiting->reply_error(count.error());
      if (*count == 0) break;
      filled += *count;
    }
    bytes.resize(filled);
    const std::string name = file_name(path);
    const std::size_t dot = name.rfind('.');
    const std::string extension = dot == std::string::npos ? "" : name.substr(dot + 1);
    const auto json = preview_json(bytes, bytes.size() == (*reader)->size(), extension, rows, waiting->query("encoding", "UTF-8"));
    json ? waiting->reply_json(*json) : waiting->reply_error(json.error());
  });
}

}  // namespace

void add_file_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}/file", needs(Resource::execution, Action::access_files), download, "Downloads a file of an execution.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}/file/metas", needs(Resource::execution, Action::access_files), show_size, "The size of a file.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}/file/preview", needs(Resource::execution, Action::access_files), preview, "The beginning of a file.");
}

}  // namespace insula::api
