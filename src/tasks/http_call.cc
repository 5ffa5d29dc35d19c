#include "tasks/http_call.h"

namespace insula::tasks {
namespace {

Error wrong(std::string message) { return {ErrorKind::invalid, "task-property-invalid", std::move(message), {}, {}}; }

// One option by a path of names, or nullptr when absent or null.
const Json* option(const Json& options, std::initializer_list<std::string_view> path) {
  const Json* at = &options;
  for (const std::string_view name : path) {
    at = find(*at, name);
    if (!at || at->is_null()) return nullptr;
  }
  return at;
}

Result<bool> flag(const Json* value, std::string_view name, bool otherwise) {
  if (!value) return otherwise;
  const std::string text = lower_ascii(to_text(*value));
  if (text == "true") return true;
  if (text == "false") return false;
  return fail(wrong(fmt::format("The option `{}` must be true or false, got '{}'.", name, text.substr(0, 100))));
}

Result<std::chrono::milliseconds> time_option(JobContext& context, const Json* value, std::string_view name, std::chrono::milliseconds otherwise) {
  if (!value) return otherwise;
  const std::string text = to_text(*value);
  if (const std::optional<Duration> duration = parse_duration(text); duration && *duration > Duration(0)) return std::chrono::ceil<std::chrono::milliseconds>(*duration);
  // 1.3 goes on with its default as well, silently.
  context.log(flow::LogLevel::warn, fmt::format("The option `{}` is no duration above zero (such as PT30S): '{}'; {} is used.", name, text, format_duration(otherwise)));
  return otherwise;
}

// UTF-8 → one byte per character, `?` for what Latin-1 does not have.
std::string to_latin1(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 1) bytes += text[at];
    else if (length == 2 && first <= 0xc3 && at + 1 < text.size()) bytes += static_cast<char>(((first & 0x03) << 6) | (static_cast<unsigned char>(text[at + 1]) & 0x3f));
    else bytes += '?';
    at += length;
  }
  return bytes;
}

Result<std::string> encoded_body(std::string text, std::string_view charset) {
  const std::string name = lower_ascii(charset);
  if (name == "utf-8" || name == "utf8") return text;
  if (name == "iso-8859-1" || name == "latin1" || name == "us-ascii") return to_latin1(text);
  return fail(wrong(fmt::format("The option `defaultCharset` can be UTF-8, ISO-8859-1 or US-ASCII, got '{}'.", charset)));
}

Result<void> add_params(JobContext& context, std::string& uri) {
  const Result<Json> params = context.json("params");
  if (!params) return fail(params.error());
  if (params->is_null()) return {};
  if (!params->is_object()) return fail(wrong("The property `params` must be a map."));
  for (const auto& [key, value] : params->as_object()) {
    JsonArray values = value.is_array() ? value.as_array() : JsonArray{value};
    for (const Json& one : values) {
      if (one.is_null()) continue;
      uri += fmt::format("{}{}={}", uri.contains('?') ? '&' : '?', percent_encode(std::string_view(key)), percent_encode(to_text(one)));
    }
  }
  return {};
}

// A file of storage as a part; `name` is what the receiver sees.
Result<client::Part> file_part(JobContext& context, std::string_view field, std::string_view uri, std::optional<std::string> name) {
  const Result<std::string> path = storage::path_of(uri);
  if (!path) return fail(path.error());
  const std::filesystem::path local = context.scratch() / hex_encode(random_bytes(8));
  if (const Result<void> copied = context.files().copy_to(uri, local); !copied) return fail(copied.error());
  return client::Part{.name = std::string(field), .value = {}, .file = local, .filename = name.value_or(path->substr(path->rfind('/') + 1)), .content_type = "application/octet-stream"};
}

Result<client::Part> form_part(JobContext& context, std::string_view field, const Json& value) {
  if (value.is_object()) {
    const Json* content = find(value, "content");
    const Json* name = find(value, "name");
    if (!content || !name) return fail(wrong(fmt::format("The form field `{}` must be a text, a file URI, or a map of `name` and `content`.", field)));
    return file_part(context, field, to_text(*content), to_text(*name));
  }
  const std::string text = to_text(value);
  if (storage::is_uri(text)) return file_part(context, field, text, std::nullopt);
  return client::Part{.name = std::string(field), .value = text, .file = {}, .filename = {}, .content_type = {}};
}

bool has_header(const client::HttpRequest& request, std::string_view name) {
  return std::ranges::any_of(request.headers, [&](const client::Header& header) { return lower_ascii(header.name) == name; });
}

Result<void> read_form(JobContext& context, const Json& form, bool is_multipart, client::HttpRequest& request) {
  if (!form.is_object()) return fail(wrong("The property `formData` must be a map."));
  // The client writes the type of a form itself: a multipart one needs its boundary.
  std::erase_if(request.headers, [](const client::Header& header) { return lower_ascii(header.name) == "content-type"; });
  if (!is_multipart) {
    client::FormFields fields;
    for (const auto& [name, value] : form.as_object()) fields.fields.emplace_back(name, to_text(value));
    request.body = std::move(fields);
    return {};
  }
  client::Multipart parts;
  for (const auto& [name, value] : form.as_object()) {
    Result<client::Part> part = form_part(context, name, value);
    if (!part) return fail(part.error());
    parts.parts.push_back(std::move(*part));
  }
  request.body = std::move(parts);
  return {};
}

Result<void> read_body(JobContext& context, const Json& options, client::HttpRequest& request) {
  const Result<std::string> content_type = context.text("contentType", "application/json");
  const Result<Json> form = context.json("formData");
  const Result<std::optional<std::string>> body = context.optional_text("body");
  for (const Error* error : {content_type ? nullptr : &content_type.error(), form ? nullptr : &form.error(), body ? nullptr : &body.error()}) {
    if (error) return fail(*error);
  }
  if (!form->is_null()) return read_form(context, *form, lower_ascii(*content_type).starts_with("multipart/"), request);
  std::string type = *content_type;
  if (*body) {
    const Json* given = option(options, {"defaultCharset"});
    const std::string charset = given ? to_text(*given) : "UTF-8";
    Result<std::string> bytes = encoded_body(**body, charset);
    if (!bytes) return fail(bytes.error());
    request.body = std::move(*bytes);
    if (!lower_ascii(type).contains("charset")) type += "; charset=" + charset;
  } else if (std::set<std::string>{"POST", "PUT", "PATCH"}.contains(request.method)) {
    request.body = std::string();  // so that `Content-Length: 0` is sent
  }
  if (!has_header(request, "content-type")) request.headers.push_back({"Content-Type", type});
  return {};
}

Result<void> read_auth(const Json& options, client::HttpRequest& request) {
  const Json* type = option(options, {"auth", "type"});
  const auto value = [&](std::initializer_list<std::string_view> path) {
    const Json* found = option(options, path);
    return found ? to_text(*found) : std::string();
  };
  if (type && to_text(*type) == "BEARER") {
    request.auth = client::BearerAuth{value({"auth", "token"})};
  } else if (option(options, {"auth"})) {
    if (type && to_text(*type) != "BASIC") return fail(wrong(fmt::format("Invalid type: {}", to_text(*type))));
    request.auth = client::BasicAuth{value({"auth", "username"}), value({"auth", "password"})};
  } else if (option(options, {"basicAuthUser"})) {
    request.auth = client::BasicAuth{value({"basicAuthUser"}), value({"basicAuthPassword"})};
  }
  return {};
}

Result<void> read_proxy(const Json& options, client::HttpRequest& request) {
  const auto value = [&](std::string_view name, std::string_view old_name) -> std::string {
    const Json* found = option(options, {"proxy", name});
    if (!found) found = option(options, {old_name});
    return found ? to_text(*found) : "";
  };
  const std::string address = value("address", "proxyAddress"), type = value("type", "proxyType"), user = value("username", "proxyUsername");
  if (address.empty() || type == "DIRECT") return {};
  const std::string port = value("port", "proxyPort");
  request.proxy = client::Proxy{.url = fmt::format("{}://{}:{}", type == "SOCKS" ? "socks5" : "http", address, port.empty() ? "3128" : port), .auth = {}};
  if (!user.empty()) request.proxy->auth = client::BasicAuth{user, value("password", "proxyPassword")};
  return {};
}

Result<void> read_options(JobContext& context, const Json& options, HttpCall& call) {
  const auto first = [&](std::initializer_list<std::string_view> path, std::string_view old_name) {
    const Json* found = option(options, path);
    return found ? found : option(options, {old_name});
  };
  const Result<bool> follow = flag(option(options, {"followRedirects"}), "followRedirects", true);
  const Result<bool> allow_failed = flag(option(options, {"allowFailed"}), "allowFailed", false);
  const Result<bool> insecure = flag(option(options, {"ssl", "insecureTrustAllCertificates"}), "ssl.insecureTrustAllCertificates", false);
  for (const Result<bool>* each : {&follow, &allow_failed, &insecure}) {
    if (!*each) return fail(each->error());
  }
  const Result<std::chrono::milliseconds> connect = time_option(context, first({"timeout", "connectTimeout"}, "connectTimeout"), "timeout.connectTimeout", call.request.connect_timeout);
  const Json* idle_option = first({"timeout", "readIdleTimeout"}, "readIdleTimeout");
  const Result<std::chrono::milliseconds> idle = time_option(context, idle_option ? idle_option : option(options, {"readTimeout"}), "timeout.readIdleTimeout", call.request.read_idle_timeout);
  call.request.follow_redirects = *follow;
  call.request.insecure_tls = *insecure;
  call.request.connect_timeout = *connect;
  call.request.read_idle_timeout = *idle;
  call.allow_failed = *allow_failed;
  if (const Json* codes = option(options, {"allowedResponseCodes"})) {
    const Result<Json> list = codes->is_string() ? parse_json(as_view(codes->as_string())) : Result<Json>(*codes);
    if (!list || !list->is_array()) return fail(wrong("The option `allowedResponseCodes` must be a list of status codes."));
    call.allowed_codes.emplace();
    for (const Json& code : list->as_array()) call.allowed_codes->insert(std::strtol(to_text(code).c_str(), nullptr, 10));
  }
  if (const Json* logs = option(options, {"logs"}); logs && logs->is_array()) {
    for (const Json& each : logs->as_array()) call.logs.insert(to_text(each));
  }
  if (const Result<void> read = read_auth(options, call.request); !read) return read;
  return read_proxy(options, call.request);
}

std::string indented(std::string_view text) {
  std::string result;
  for (const std::string& line : split(text, '\n')) result += "\n    " + line;
  return result;
}

void log_request(JobContext& context, const HttpCall& call) {
  using enum flow::LogLevel;
  if (call.logs.contains("REQUEST_HEADERS")) {
    context.log(debug, fmt::format("request:\n    method: {}\n    uri: {}", call.request.method, call.request.url));
    std::string headers = "request headers:";
    for (const client::Header& header : call.request.headers) headers += fmt::format("\n    {}: {}", header.name, lower_ascii(header.name) == "authorization" ? "******" : header.value);
    context.log(debug, headers);
  }
  if (call.logs.contains("REQUEST_BODY")) {
    const std::string* body = std::get_if<std::string>(&call.request.body);
    context.log(trace, body && !body->empty() ? "request payload:" + indented(*body) : "request payload: null");
  }
}

void log_response(JobContext& context, const HttpCall& call, const client::HttpResponse& response) {
  using enum flow::LogLevel;
  if (call.logs.contains("RESPONSE_HEADERS")) {
    std::string headers = "response headers:";
    for (const client::Header& header : response.headers) headers += fmt::format("\n    {}: {}", header.name, header.value);
    context.log(debug, headers);
  }
  if (call.logs.contains("RESPONSE_BODY")) context.log(trace, response.body.empty() ? "response payload: null" : "response payload:" + indented(output_text(response.body)));
}

// `http://host:port` of a URL, and the host alone.
std::pair<std::string, std::string> origin_of(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string_view::npos) return {std::string(url), std::string(url)};
  std::string_view authority = url.substr(begin + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  std::string host(authority);
  if (const std::size_t colon = host.rfind(':'); colon != std::string::npos && !host.ends_with(']')) host.resize(colon);
  return {fmt::format("{}://{}", url.substr(0, begin), authority), host};
}

Error as_worded(Error error, std::string_view url) {
  const auto [origin, host] = origin_of(url);
  if (error.code == "http-refused") error.message = fmt::format("Connect to {} failed: Connection refused", origin);
  if (error.code == "http-dns") error.message = fmt::format("{}: Name or service not known", host);
  return error;
}

}  // namespace

std::string encoded_uri(std::string_view uri) {
  std::string result;
  for (const char c : uri) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || std::string_view("\"<>\\^`{|}").contains(c)) result += fmt::format("%{:02X}", byte);
    else result += c;
  }
  return result;
}

std::string output_text(std::string_view bytes) {
  std::string result = sandbox::valid_utf8(bytes);
  std::erase(result, '\0');
  return result;
}

JsonObject headers_output(const client::HttpResponse& response) {
  // What the client has undone is not told, as in 1.3.
  const bool was_encoded = response.header("content-encoding") != nullptr;
  std::map<std::string, JsonArray> by_name;
  for (const client::Header& header : response.headers) {
    if (was_encoded && (header.name == "content-encoding" || header.name == "content-length")) continue;
    by_name[header.name].emplace_back(output_text(header.value));
  }
  JsonObject result;
  for (auto& [name, values] : by_name) result[name] = std::move(values);
  return result;
}

std::optional<JobResult> judge_status(const HttpCall& call, const client::HttpResponse& response, std::string_view body) {
  const bool allowed = call.allowed_codes ? call.allowed_codes->contains(response.status) : call.allow_failed || response.status < 400;
  if (allowed) return std::nullopt;
  std::string message = fmt::format("Failed http request with response code '{}'", response.status);
  if (!body.empty()) message += " and body:\n" + output_text(body);
  return JobResult::failed(std::move(message));
}

Result<HttpCall> read_http_call(JobContext& context) {
  HttpCall call;
  const Result<std::string> uri = context.text("uri"), method = context.text("method", "GET");
  const auto headers = context.text_map("headers");
  const Result<Json> options = context.json("options");
  const Result<bool> allow_failed = context.boolean("allowFailed", false);
  for (const Error* error : {uri ? nullptr : &uri.error(), method ? nullptr : &method.error(), headers ? nullptr : &headers.error(), options ? nullptr : &options.error(), allow_failed ? nullptr : &allow_failed.error()}) {
    if (error) return fail(*error);
  }
  call.request.url = encoded_uri(trim(*uri));
  call.request.method = *method;
  for (const auto& [name, value] : *headers) call.request.headers.push_back({name, value});
  if (!has_header(call.request, "user-agent")) call.request.headers.push_back({"User-Agent", "Insula"});
  if (const Result<void> added = add_params(context, call.request.url); !added) return fail(added.error());
  if (const Result<void> read = read_options(context, *options, call); !read) return fail(read.error());
  call.allow_failed = call.allow_failed || *allow_failed;
  const Result<Json> old_ssl = context.json("sslOptions");
  if (!old_ssl) return fail(old_ssl.error());
  const Result<bool> insecure = flag(find(*old_ssl, "insecureTrustAllCertificates"), "sslOptions.insecureTrustAllCertificates", call.request.insecure_tls);
  if (!insecure) return fail(insecure.error());
  call.request.insecure_tls = *insecure;
  if (const Result<void> read = read_body(context, *options, call.request); !read) return fail(read.error());
  return call;
}

Result<client::HttpResponse> send_http_call(JobContext& context, HttpCall& call) {
  log_request(context, call);
  const sandbox::CancelFlag& flag = context.cancel();
  Result<client::HttpResponse> response = client::send(call.request, context.egress(), {.cancelled = [&flag] { return flag.is_cancelled(); }, .wake_descriptor = flag.wake_descriptor()});
  if (!response) return fail(as_worded(response.error(), call.request.url));
  log_response(context, call, *response);
  context.log(flow::LogLevel::debug, fmt::format("Request '{}' from '/{}' with the response code '{}'", call.request.url, origin_of(call.request.url).first.substr(call.request.url.find("://") + 3), response->status));
  return response;
}

std::vector<flow::PropertyInfo> http_properties() {
  const auto text = [](std::string name, std::string doc, std::string otherwise = {}) { return prop(std::move(name), Kind::string, std::move(doc), {.otherwise = std::move(otherwise)}); };
  const auto old = [](std::string name, Kind kind, std::string doc) { return prop(std::move(name), kind, std::move(doc), {.deprecated = true}); };
  const std::vector<flow::PropertyInfo> ssl = {prop("insecureTrustAllCertificates", Kind::boolean, "Accept any certificate.", {.otherwise = "false"})};
  const std::vector<flow::PropertyInfo> options = {
      prop("timeout", Kind::object, "How long to wait.",
           {.properties = {prop("connectTimeout", Kind::duration, "For the connection.", {.otherwise = "PT30S"}), prop("readIdleTimeout", Kind::duration, "For the next byte of the answer.", {.otherwise = "PT5M"})}}),
      prop("followRedirects", Kind::boolean, "Go where the server sends one on.", {.otherwise = "true"}),
      prop("allowFailed", Kind::boolean, "A status of 400 or more is no failure.", {.otherwise = "false"}),
      prop("allowedResponseCodes", Kind::list, "The only status codes that are no failure."),
      prop("auth", Kind::object, "Credentials: type BASIC with username and password, or BEARER with token.",
           {.properties = {prop("type", Kind::any, "BASIC or BEARER.", {.required = true}), text("username", "Of BASIC."), text("password", "Of BASIC."), text("token", "Of BEARER.")}}),
      prop("ssl", Kind::object, "TLS.", {.properties = ssl}),
      prop("proxy", Kind::object, "The way through a proxy.",
           {.properties = {text("type", "DIRECT, HTTP or SOCKS.", "DIRECT"), text("address", "Host."), prop("port", Kind::integer, "Port."), text("username", "Login."), text("password", "Password.")}}),
      text("defaultCharset", "Of the body that is sent.", "UTF-8"),
      prop("logs", Kind::list, "What to write to the log at DEBUG.", {.values = {"REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"}, .dynamic = false}),
      old("basicAuthUser", Kind::string, "Use auth."), old("basicAuthPassword", Kind::string, "Use auth."), old("connectTimeout", Kind::any, "Use timeout.connectTimeout."),
      old("readTimeout", Kind::any, "Use timeout.readIdleTimeout."), old("readIdleTimeout", Kind::any, "Use timeout.readIdleTimeout."), old("connectionPoolIdleTimeout", Kind::any, "Has no effect."),
      old("maxContentLength", Kind::any, "Has no effect."), old("logLevel", Kind::any, "Use logs."), old("enabledTcpExtendedKeepAlive", Kind::any, "Has no effect."),
      old("proxyType", Kind::any, "Use proxy."), old("proxyAddress", Kind::string, "Use proxy."), old("proxyPort", Kind::any, "Use proxy."), old("proxyUsername", Kind::string, "Use proxy."),
      old("proxyPassword", Kind::string, "Use proxy.")};
  return {prop("uri", Kind::any, "Where to.", {.required = true}),
          prop("method", Kind::any, "Any HTTP method.", {.otherwise = "GET"}),
          prop("params", Kind::map, "Query parameters; a list gives a name several times."),
          prop("headers", Kind::map, "Request headers."),
          prop("body", Kind::any, "A text, or a map or list that is sent as JSON."),
          prop("formData", Kind::map, "Fields of a form. With contentType multipart/form-data, `kestra://` URIs are sent as files; {name, content} gives the file another name."),
          prop("contentType", Kind::any, "Of the body.", {.otherwise = "application/json"}),
          prop("options", Kind::object, "Timeouts, redirects, credentials, TLS, proxy, allowed status codes.", {.properties = options}),
          prop("allowFailed", Kind::boolean, "A status of 400 or more is no failure.", {.otherwise = "false"}),
          prop("sslOptions", Kind::object, "Use options.ssl.", {.properties = ssl, .deprecated = true})};
}

}  // namespace insula::tasks
