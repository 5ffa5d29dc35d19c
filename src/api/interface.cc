// The web application at /ui/: its files from the binary, and its one page for every address that is not a file, since it routes by itself.
#include "api/interface_pack.h"
#include "api/parts.h"
#include "api/routes.h"
#include "api/session_cookie.h"

namespace insula::api {
namespace {

// Scripts, connections and pictures come from here only; nothing of another site may show the page in a frame. Styles may be written by scripts
// (the editor does), which cannot run anything.
constexpr std::string_view kPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'";
constexpr std::string_view kEmptyToken = "<meta name=\"csrf-token\" content=\"\"";

void go_to_interface(const CallPtr& call) {
  http::Response response = http::Response::empty(307);
  response.headers.set("Location", "/ui/");
  call->reply(std::move(response));
}

void secure(http::Response& response) {
  response.headers.set("Content-Security-Policy", kPolicy);
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "same-origin");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
}

bool takes_gzip(const http::Request& request) {
  for (const std::string& coding : split(request.headers.get("Accept-Encoding"), ','))
    if (trim(std::string_view(coding).substr(0, coding.find(';'))) == "gzip" && !coding.contains("q=0")) return true;
  return false;
}

http::Response file_response(const http::Request& request, const InterfaceFile& file, bool for_ever) {
  const std::string tag = fmt::format("\"{}\"", file.etag);
  const bool known = request.headers.get("If-None-Match") == tag;
  const bool packed = !file.gzip.empty() && takes_gzip(request);
  http::Response response = known ? http::Response::empty(304) : http::Response::text(200, std::string(packed ? file.gzip : file.plain), file.content_type);
  if (packed && !known) response.headers.set("Content-Encoding", "gzip");
  response.headers.set("ETag", tag);
  response.headers.set("Vary", "Accept-Encoding");
  // Names under assets/ change with their content.
  response.headers.set("Cache-Control", for_ever ? "public, max-age=31536000, immutable" : "no-cache");
  return response;
}

// Scripts of the page read the token; only our own origin can.
std::string page(const InterfacePack& pack, const std::string& secret) {
  const std::string token = secret.empty() ? std::string() : csrf_token(secret);
  const InterfaceFile* index = pack.find("index.html");
  if (index == nullptr) {
    return fmt::format(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"csrf-token\" content=\"{}\"><title>Insula</title>"
        "<body style=\"font-family:sans-serif;max-width:40em;margin:4em auto\"><h1>Insula is running</h1>"
        "<p>This binary was built without its web interface: <code>./dev build</code> makes one with it. The API is at <code>/api/v1</code>; the command <code>insula</code> talks to it.</p></body></html>\n",
        token);
  }
  std::string text(index->plain);
  if (const std::size_t at = text.find(kEmptyToken); at != std::string::npos && !token.empty()) text.insert(at + kEmptyToken.size() - 1, token);
  return text;
}

void show_interface(const CallPtr& call) {
  const InterfacePack& pack = InterfacePack::built_in();
  const std::vector<std::string>& segments = call->target().segments;
  const std::string path = join(std::span(segments).subspan(1), "/");
  if (const InterfaceFile* file = path == "index.html" ? nullptr : pack.find(path)) {
    http::Response response = file_response(call->request(), *file, path.starts_with("assets/"));
    secure(response);
    return call->reply(std::move(response));
  }
  if (path.starts_with("assets/")) return call->reply_error(not_found().error());
  http::Response response = http::Response::text(200, page(pack, shown_session(call->request()).secret), "text/html; charset=utf-8");
  secure(response);
  response.headers.set("Cache-Control", "no-store");
  call->reply(std::move(response));
}

}  // namespace

void add_interface_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/", public_(), go_to_interface, "Leads to the web application.");
  routes.emplace_back(get, "/ui", public_(), go_to_interface, "Leads to the web application.");
  routes.emplace_back(get, "/ui/", public_(), show_interface, "The web application.");
  routes.emplace_back(get, "/ui/{path*}", public_(), show_interface, "Files and pages of the web application, which routes by itself.");
}

}  // namespace insula::api
