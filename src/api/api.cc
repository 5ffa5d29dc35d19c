#include "api/api.h"

#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {

namespace {

std::uint64_t seed() {
  const std::string bytes = random_bytes(sizeof(std::uint64_t));
  std::uint64_t number = 0;
  std::ranges::copy(bytes, reinterpret_cast<char*>(&number));
  return number;
}

}  // namespace

Parts::Parts(engine::Engine& of, Options given)
    : engine(of),
      options(std::move(given)),
      routes(all_routes()),
      router(routes),
      authenticator(of, {options.password_checks_max, 256, options.login_failures_max, options.login_window}),
      admittance(*this),
      ids_(seed()) {}

Api::Api(engine::Engine& engine, Options options) : parts_(std::make_unique<Parts>(engine, std::move(options))) {}
Api::~Api() = default;

void Api::handle(http::Request&& request, std::shared_ptr<http::Exchange> exchange) {
  const auto call = std::make_shared<Call>(*parts_, std::move(request), std::move(exchange));
  call->guarded([&] { parts_->admittance.admit(call); });
}

http::Admission Api::admit(const http::Request& head) const { return {parts_->admittance.refusal(head), std::nullopt}; }

const std::vector<Route>& Api::routes() const { return parts_->routes; }

void Api::forget_credentials() {
  parts_->authenticator.forget_all();
  parts_->grants.clear();
}

}  // namespace insula::api
