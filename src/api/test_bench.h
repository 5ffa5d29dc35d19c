// A whole api over a real engine and store in a throw-away folder, with a clock that tests move. Requests go in as the HTTP server would hand them over.
#pragma once
#include <atomic>
#include <filesystem>
#include <future>

#include "api/api.h"
#include "api/session_cookie.h"

namespace insula::api {

class MovedClock final : public Clock {
 public:
  Instant now() const override { return Instant(Duration(now_.load())); }
  std::chrono::steady_clock::time_point monotonic() const override { return std::chrono::steady_clock::time_point(std::chrono::microseconds(now_.load())); }
  void advance(Duration by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'774'656'000'000'000};
};

class OneAnswer final : public http::Exchange {
 public:
  void respond(http::Response response) override {
    if (!answered_.exchange(true)) promise_.set_value(std::move(response));
  }
  std::shared_ptr<http::EventStream> start_stream(http::Response, http::StreamOptions) override { return nullptr; }
  bool client_gone() const override { return false; }
  void on_gone(std::function<void()>) override {}
  http::Response wait() { return promise_.get_future().get(); }

 private:
  std::atomic<bool> answered_{false};
  std::promise<http::Response> promise_;
};

struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  Json json() const { return *parse_json(body); }
  // Attributes included; "" when there is none.
  std::string set_cookie(std::string_view name) const {
    for (std::size_t i = 0; i < headers.size(); ++i)
      if (lower_ascii(headers[i].name) == "set-cookie" && headers[i].value.starts_with(fmt::format("{}=", name))) return std::string(headers[i].value);
    return {};
  }
  std::string session() const {
    const std::string text = set_cookie(kSessionCookie);
    return text.substr(0, text.find(';')).substr(std::min(text.size(), kSessionCookie.size() + 1));
  }
};

class TestBench {
 public:
  static constexpr std::string_view kPassword = "Passw0rd-1";

  explicit TestBench(const std::function<void(Options&)>& configure = {}, int readers = 1, std::shared_ptr<flow::Catalog> catalog = std::make_shared<flow::Catalog>()) : folder_(std::filesystem::temp_directory_path() / ("insula-api-" + hex_encode(random_bytes(8)))) {
    std::filesystem::create_directories(folder_);
    stores_ = std::move(*store::open_sqlite({.folder = folder_.string(), .synchronous_full = false, .hook = [this](std::string_view) { ++statements_; }}));
    engine::Settings settings;
    settings.reader_threads = readers;
    settings.work_folder = (folder_ / "work").string();
    engine_ = std::make_unique<engine::Engine>(engine::Ports{stores_, storage::open_local_storage(folder_ / "tenants"), clock_, std::move(catalog)}, settings);
    INSULA_INVARIANT(engine_->start().has_value());
    Options options;
    options.instance_uuid = "test";
    options.guard.address_failures_max = 1'000;
    if (configure) configure(options);
    api_ = std::make_unique<Api>(*engine_, options);
  }
  ~TestBench() {
    settle();
    engine_->stop(std::chrono::seconds(1));
    api_.reset();
    engine_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  Answer call(std::string_view method, std::string_view target, std::string body = {}, std::initializer_list<http::Headers::Field> fields = {}) {
    http::Request request;
    request.method = http::method_of(method);
    request.method_text = method;
    request.target = *http::parse_target(target);
    request.headers = http::Headers(fields);
    if (!request.headers.contains("Host")) request.headers.set("Host", "localhost:8080");
    if (!body.empty() && !request.headers.contains("Content-Type")) request.headers.set("Content-Type", "application/json");
    request.remote_address = "192.0.2.1";
    request.body = std::move(body);
    const auto exchange = std::make_shared<OneAnswer>();
    if (auto refused = api_->admit(request).refusal) exchange->respond(std::move(*refused));
    else api_->handle(std::move(request), exchange);
    http::Response response = exchange->wait();
    const auto* text = std::get_if<std::string>(&response.body);
    return {response.status, response.headers, text == nullptr ? std::string() : *text};
  }
  Answer log_in(std::string_view email, std::string_view password = kPassword) {
    return call("POST", "/api/v1/login", write_json(JsonObject{{"username", email}, {"password", password}}));
  }

  store::UserRow add_user(const std::string& name, bool super_admin = false, const TenantUid& home = {}) {
    store::UserRow user;
    user.id = UserId("id-" + name);
    user.created = clock_->now();
    user.super_admin = super_admin;
    user.service_account = !home.empty();
    user.home = home;
    (user.service_account ? user.name : user.email) = user.service_account ? name : name + "@example.com";
    if (!user.service_account) user.password_hash = access::hash_password(kPassword, "0123456789abcdef", {1, 64, 1}).value();
    INSULA_INVARIANT(system().create_user(user).has_value());
    return user;
  }
  // The token as it is shown once.
  std::string add_token(const UserId& user, access::TokenLife life = {}) {
    const access::NewToken token = access::make_token(random_bytes(56));
    store::TokenRow row;
    row.id = TokenId("token-" + token.record.prefix);
    row.user = user;
    row.name = "ci";
    row.record = token.record;
    row.life = life;
    row.created = clock_->now();
    row.expires = access::token_expiry(life, row.created);
    store::SystemTurn turn;
    turn.tokens.push_back(std::move(row));
    INSULA_INVARIANT(system().commit(turn, clock_->now()).has_value());
    return token.text;
  }
  store::TenantRow add_tenant(const std::string& id) {
    std::promise<Result<store::TenantRow>> made;
    store::TenantRow row;
    row.id = TenantId(id);
    row.name = id;
    engine_->create_tenant(std::move(row), {}, [&made](Result<store::TenantRow> result) { made.set_value(std::move(result)); });
    return *made.get_future().get();
  }
  void grant(const UserId& user, const store::TenantRow& tenant, std::string_view role = "ADMIN") {
    INSULA_INVARIANT(stores_->directory(system().scope(tenant))->grant_role(user, role, clock_->now()).has_value());
  }
  // What was begun before the answer and ends after it (with one reader thread: jobs run in order, and one may have posted another).
  void settle() {
    for (int round = 0; round < 3; ++round) {
      std::promise<void> done;
      engine_->read_system([&done](store::Stores&) { done.set_value(); });
      done.get_future().get();
    }
  }
  // `LOGIN id-ada`, newest first.
  std::vector<std::string> audit() {
    settle();
    std::vector<std::string> lines;
    for (const store::AuditRow& row : system().search_audit({})->rows) lines.push_back(fmt::format("{} {}", row.kind, row.object_id));
    return lines;
  }

  std::uint64_t statements() const { return statements_; }   // that the databases have run
  store::Stores& stores() { return *stores_; }
  store::SystemStore& system() { return stores_->system(); }
  MovedClock& clock() { return *clock_; }
  Api& api() { return *api_; }

 private:
  std::filesystem::path folder_;
  std::atomic<std::uint64_t> statements_{0};
  std::shared_ptr<MovedClock> clock_ = std::make_shared<MovedClock>();
  std::shared_ptr<store::Stores> stores_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Api> api_;
};

inline std::string basic(std::string_view email, std::string_view password = TestBench::kPassword) { return access::write_basic({std::string(email), std::string(password)}); }

}  // namespace insula::api
