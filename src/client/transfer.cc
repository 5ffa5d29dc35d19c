#include "client/transfer.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "client/response.h"

namespace insula::client {
namespace {

using std::chrono::milliseconds;

struct Free {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
// CURL and CURLM are both void: distinct wrappers keep them apart.
struct Easy {
  CURL* handle = curl_easy_init();
  Easy() = default;
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;
  ~Easy() { curl_easy_cleanup(handle); }
};
struct Multi {
  CURLM* handle = curl_multi_init();
  Multi() = default;
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;
  ~Multi() { curl_multi_cleanup(handle); }
};

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  INSULA_INVARIANT(started == CURLE_OK);
}

// The longest wait between two looks at the cancel flag and the idle clock.
constexpr milliseconds look_every{100};

std::optional<Address> address_of(const sockaddr* socket_address) {
  if (socket_address->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, socket_address, sizeof four);
    return Address::v4(ntohl(four.sin_addr.s_addr));
  }
  if (socket_address->sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, socket_address, sizeof six);
    Address address;
    std::copy(std::begin(six.sin6_addr.s6_addr), std::end(six.sin6_addr.s6_addr), address.bytes.begin());
    return address;
  }
  return std::nullopt;
}

class Transfer {
 public:
  Transfer(const HttpRequest& request, const EgressRules& rules, const Cancel& cancel, std::optional<Monotonic::time_point> deadline, HttpResponse& response)
      : request_(request), rules_(rules), cancel_(cancel), deadline_(deadline), sink_(request, response) {}
  ~Transfer() {
    if (added_) curl_multi_remove_handle(multi_.handle, easy_.handle);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Result<Exchange> run();

 private:
  template <class Value>
  void set(CURLoption option, Value value) { curl_easy_setopt(easy_.handle, option, value); }
  void add_header(const std::string& line) { headers_.reset(curl_slist_append(headers_.release(), line.c_str())); }

  void set_connection();
  void set_headers();
  void set_body();
  void set_callbacks();
  void send_bytes(const std::string* bytes);
  std::optional<Error> perform(CURLcode& outcome);
  std::optional<Error> interrupted();
  Error describe(CURLcode outcome);
  Error timed_out();
  std::string host() const;

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t read_file(char* bytes, std::size_t size, std::size_t count, void* self);
  static int seek_file(void* self, curl_off_t offset, int origin);
  static int on_progress(void* self, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up);
  static int on_connected(void* self, char*, char*, int, int);

  const HttpRequest& request_;
  const EgressRules& rules_;
  const Cancel& cancel_;
  std::optional<Monotonic::time_point> deadline_;
  ResponseSink sink_;
  // Declared before the handles, which point into them.
  std::string form_;
  std::ifstream file_;
  std::unique_ptr<curl_slist, Free> headers_;
  std::unique_ptr<curl_mime, Free> mime_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  Multi multi_;
  Easy easy_;
  bool added_ = false;
  bool connected_ = false;
  bool reached_allowed_address_ = false;
  std::optional<std::string> refusal_;
  curl_off_t moved_ = 0;
  Monotonic::time_point last_move_ = Monotonic::now();
};

std::string Transfer::host() const {
  const std::unique_ptr<CURLU, Free> url(curl_url());
  char* part = nullptr;
  if (curl_url_set(url.get(), CURLUPART_URL, request_.url.c_str(), CURLU_GUESS_SCHEME) != CURLUE_OK || curl_url_get(url.get(), CURLUPART_HOST, &part, 0) != CURLUE_OK) return "the server";
  std::string name(part);
  curl_free(part);
  if (curl_url_get(url.get(), CURLUPART_PORT, &part, CURLU_DEFAULT_PORT) == CURLUE_OK) {
    name += fmt::format(":{}", part);
    curl_free(part);
  }
  return name;
}

curl_socket_t Transfer::open_socket(void* self_pointer, curlsocktype purpose, curl_sockaddr* where) {
  auto* self = static_cast<Transfer*>(self_pointer);
  const auto address = purpose == CURLSOCKTYPE_IPCXN ? address_of(&where->addr) : std::nullopt;
  const auto refusal = address ? self->rules_.refusal(*address) : std::optional<std::string>("only internet addresses can be reached");
  if (refusal) {
    self->refusal_ = fmt::format("{} ({})", *refusal, address ? address->text() : "no address");
    return CURL_SOCKET_BAD;
  }
  self->reached_allowed_address_ = true;
  return ::socket(where->family, where->socktype | SOCK_CLOEXEC, where->protocol);
}

std::size_t Transfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self_pointer) {
  auto* self = static_cast<Transfer*>(self_pointer);
  long status = 0;
  curl_easy_getinfo(self->easy_.handle, CURLINFO_RESPONSE_CODE, &status);
  return self->sink_.header_line({bytes, size * count}, status) ? size * count : 0;
}

std::size_t Transfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self_pointer) {
  return static_cast<Transfer*>(self_pointer)->sink_.body({bytes, size * count}) ? size * count : CURL_WRITEFUNC_ERROR;
}

std::size_t Transfer::read_file(char* bytes, std::size_t size, std::size_t count, void* self_pointer) {
  auto& file = static_cast<Transfer*>(self_pointer)->file_;
  file.read(bytes, static_cast<std::streamsize>(size * count));
  return file.bad() ? CURL_READFUNC_ABORT : static_cast<std::size_t>(file.gcount());
}

int Transfer::seek_file(void* self_pointer, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  auto& file = static_cast<Transfer*>(self_pointer)->file_;
  file.clear();
  file.seekg(offset);
  return file.good() ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

int Transfer::on_progress(void* self_pointer, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
  auto* self = static_cast<Transfer*>(self_pointer);
  if (down + up != std::exchange(self->moved_, down + up)) self->last_move_ = Monotonic::now();
  return 0;
}

int Transfer::on_connected(void* self_pointer, char*, char*, int, int) {
  auto* self = static_cast<Transfer*>(self_pointer);
  self->connected_ = true;
  self->last_move_ = Monotonic::now();
  return CURL_PREREQFUNC_OK;
}

void Transfer::set_callbacks() {
  set(CURLOPT_ERRORBUFFER, reason_.data());
  set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_PREREQFUNCTION, &on_connected);
  set(CURLOPT_PREREQDATA, this);
}

void Transfer::set_connection() {
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a cancelled request does not wait for its name lookup
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<milliseconds::rep>(request_.connect_timeout.count(), 1)));
  set(CURLOPT_PROXY, request_.proxy ? request_.proxy->url.c_str() : "");  // "" also turns the environment's proxies off
  if (request_.proxy && request_.proxy->auth) {
    set(CURLOPT_PROXYUSERNAME, request_.proxy->auth->username.c_str());
    set(CURLOPT_PROXYPASSWORD, request_.proxy->auth->password.c_str());
  }
  if (request_.insecure_tls) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (request_.ca_file) set(CURLOPT_CAINFO, request_.ca_file->c_str());
  if (request_.decompress) set(CURLOPT_ACCEPT_ENCODING, "");
}

void Transfer::set_headers() {
  const bool multipart = std::holds_alternative<Multipart>(request_.body);
  const bool own_auth = !std::holds_alternative<std::monostate>(request_.auth);
  std::set<std::string> given;
  for (const Header& header : request_.headers) {
    const std::string name = lower_ascii(header.name);
    if ((multipart && name == "content-type") || (own_auth && name == "authorization") || name == "content-length" || name == "transfer-encoding") continue;  // ours to say
    given.insert(name);
    add_header(header.value.empty() ? header.name + ';' : header.name + ": " + header.value);
  }
  if (const auto* basic = std::get_if<BasicAuth>(&request_.auth)) add_header("Authorization: Basic " + base64_encode(basic->username + ':' + basic->password));
  if (const auto* bearer = std::get_if<BearerAuth>(&request_.auth)) add_header("Authorization: Bearer " + bearer->token);
  if (!given.contains("content-type") && !multipart) {
    // Without a word curl would call every body a form.
    add_header(std::holds_alternative<FormFields>(request_.body) ? "Content-Type: application/x-www-form-urlencoded" : "Content-Type:");
  }
  if (!given.contains("user-agent")) add_header("User-Agent: insula");
  if (!given.contains("expect")) add_header("Expect:");  // no second of waiting for a 100 Continue that may never come
  set(CURLOPT_HTTPHEADER, headers_.get());
}

// `bytes` outlives the transfer.
void Transfer::send_bytes(const std::string* bytes) {
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(bytes->size()));
  set(CURLOPT_POSTFIELDS, bytes->data());
}

void Transfer::set_body() {
  if (const auto* bytes = std::get_if<std::string>(&request_.body)) {
    send_bytes(bytes);
  } else if (const auto* form = std::get_if<FormFields>(&request_.body)) {
    for (const auto& [name, value] : form->fields) form_ += fmt::format("{}{}={}", form_.empty() ? "" : "&", percent_encode(name), percent_encode(value));
    send_bytes(&form_);
  } else if (const auto* file = std::get_if<BodyFile>(&request_.body)) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file->path, error);
    file_.open(file->path, std::ios::binary);
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(error ? 0 : size));
    set(CURLOPT_READFUNCTION, &read_file);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_SEEKFUNCTION, &seek_file);
    set(CURLOPT_SEEKDATA, this);
  } else if (const auto* multipart = std::get_if<Multipart>(&request_.body)) {
    mime_.reset(curl_mime_init(easy_.handle));
    for (const Part& part : multipart->parts) {
      curl_mimepart* into = curl_mime_addpart(mime_.get());
      curl_mime_name(into, part.name.c_str());
      if (part.file) curl_mime_filedata(into, part.file->c_str());
      else curl_mime_data(into, part.value.data(), part.value.size());
      if (part.file || !part.filename.empty()) curl_mime_filename(into, part.filename.empty() ? nullptr : part.filename.c_str());
      if (!part.content_type.empty()) curl_mime_type(into, part.content_type.c_str());
    }
    set(CURLOPT_MIMEPOST, mime_.get());
  } else if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  } else if (request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH") {
    send_bytes(&form_);  // Content-Length: 0
  } else {
    set(CURLOPT_HTTPGET, 1L);
  }
  set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

Error Transfer::timed_out() {
  const auto words = [&](std::string_view what, milliseconds limit) {
    return Error{ErrorKind::unavailable, "http-timeout", fmt::format("{} {} within {} ms", host(), what, limit.count()), {}, {}};
  };
  if (deadline_ && Monotonic::now() >= *deadline_) return words("did not finish its answer", request_.total_timeout);
  if (!connected_) return words("could not be connected to", request_.connect_timeout);
  return words("sent and took nothing", request_.read_idle_timeout);
}

// What ends the transfer from our side.
std::optional<Error> Transfer::interrupted() {
  if (cancel_.cancelled && cancel_.cancelled()) return Error{ErrorKind::unavailable, "http-cancelled", fmt::format("the request to {} was cancelled", host()), {}, {}};
  const auto now = Monotonic::now();
  const bool late = deadline_ && now >= *deadline_;
  const bool idle = connected_ && request_.read_idle_timeout.count() > 0 && now - last_move_ >= request_.read_idle_timeout;
  if (late || idle) return timed_out();
  return std::nullopt;
}

std::optional<Error> Transfer::perform(CURLcode& outcome) {
  curl_multi_add_handle(multi_.handle, easy_.handle);
  added_ = true;
  curl_waitfd wake{.fd = cancel_.wake_descriptor, .events = CURL_WAIT_POLLIN, .revents = 0};
  const unsigned extra = cancel_.wake_descriptor >= 0 ? 1 : 0;
  for (int running = 1; running > 0;) {
    if (auto stop = interrupted()) return stop;
    if (curl_multi_perform(multi_.handle, &running) != CURLM_OK) {
      outcome = CURLE_FAILED_INIT;
      return std::nullopt;
    }
    if (running > 0) curl_multi_poll(multi_.handle, extra ? &wake : nullptr, extra, static_cast<int>(look_every.count()), nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.handle, &left)) {
    if (message->msg == CURLMSG_DONE) outcome = message->data.result;
  }
  return std::nullopt;
}

Error Transfer::describe(CURLcode outcome) {
  const std::string_view reason = reason_[0] != '\0' ? std::string_view(reason_.data()) : std::string_view(curl_easy_strerror(outcome));
  const auto network = [&](std::string code, std::string message) { return Error{ErrorKind::unavailable, std::move(code), std::move(message), std::string(reason), {}}; };
  if (refusal_ && !reached_allowed_address_) {
    return {ErrorKind::forbidden, "egress-denied", fmt::format("{} must not be reached from here: {}", host(), *refusal_), {}, {}};
  }
  long system_error = 0;
  curl_easy_getinfo(easy_.handle, CURLINFO_OS_ERRNO, &system_error);
  switch (outcome) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return {ErrorKind::invalid, "url-invalid", "the URL is not one of http or https", std::string(reason), {}};
    case CURLE_COULDNT_RESOLVE_HOST: return network("http-dns", fmt::format("the name of {} is not known; check the spelling and the DNS of this machine", host()));
    case CURLE_COULDNT_RESOLVE_PROXY: return network("http-dns", "the name of the proxy is not known");
    case CURLE_COULDNT_CONNECT:
      if (system_error == ECONNREFUSED) return network("http-refused", fmt::format("{} refused the connection; is it running and listening there?", host()));
      return network("http-unreachable", fmt::format("{} cannot be reached{}", host(), system_error != 0 ? fmt::format(": {}", std::strerror(static_cast<int>(system_error))) : std::string()));
    case CURLE_OPERATION_TIMEDOUT: return timed_out();
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return network("http-tls", fmt::format("no trusted TLS connection to {}: {}", host(), reason));
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE: return network("http-failed", fmt::format("the connection to {} broke before its answer was complete", host()));
    case CURLE_BAD_CONTENT_ENCODING: return network("http-failed", fmt::format("the answer of {} cannot be decompressed", host()));
    default: return network("http-failed", fmt::format("the request to {} failed: {}", host(), curl_easy_strerror(outcome)));
  }
}

Result<Exchange> Transfer::run() {
  set_callbacks();
  set_connection();
  set_headers();
  set_body();
  CURLcode outcome = CURLE_OK;
  if (auto stop = perform(outcome)) return fail(std::move(*stop));
  if (auto error = sink_.finish()) return fail(std::move(*error));
  if (outcome != CURLE_OK && !sink_.stopped_by_reader()) return fail(describe(outcome));
  Exchange exchange;
  char* next = nullptr;
  if (sink_.redirects() && curl_easy_getinfo(easy_.handle, CURLINFO_REDIRECT_URL, &next) == CURLE_OK && next) exchange.next_url = next;
  return exchange;
}

}  // namespace

Result<Exchange> transfer(const HttpRequest& request, const EgressRules& rules, const Cancel& cancel, std::optional<Monotonic::time_point> deadline, HttpResponse& response) {
  start_curl();
  Transfer one(request, rules, cancel, deadline, response);
  return one.run();
}

Result<std::string> origin_of(const std::string& text) {
  start_curl();
  const std::unique_ptr<CURLU, Free> url(curl_url());
  const auto wrong = [] { return fail(ErrorKind::invalid, "url-invalid", "the URL is not one of http or https; write it like https://example.com/path"); };
  const std::size_t slashes = text.find("://");  // curl would read http:///x as http://x/
  if (slashes != std::string::npos && text.substr(slashes + 3).starts_with('/')) return wrong();
  if (text.size() > 64 * 1024 || text.contains('\0') || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return wrong();
  std::string origin;
  for (const auto& [part, separator] : {std::pair{CURLUPART_SCHEME, "://"}, std::pair{CURLUPART_HOST, ":"}, std::pair{CURLUPART_PORT, ""}}) {
    char* value = nullptr;
    if (curl_url_get(url.get(), part, &value, CURLU_DEFAULT_PORT) != CURLUE_OK) return wrong();
    origin += lower_ascii(value);
    origin += separator;
    curl_free(value);
  }
  if (!origin.starts_with("http://") && !origin.starts_with("https://")) return wrong();
  return origin;
}

std::string without_credentials(const std::string& text) {
  const std::unique_ptr<CURLU, Free> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return {};
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) curl_url_set(url.get(), part, nullptr, 0);
  char* whole = nullptr;
  if (curl_url_get(url.get(), CURLUPART_URL, &whole, 0) != CURLUE_OK) return {};
  std::string result(whole);
  curl_free(whole);
  return result;
}

}  // namespace insula::client
