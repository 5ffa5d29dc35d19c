#include "api/problem.h"

#include <array>

namespace insula::api {
namespace {

constexpr std::array kReasons = {"Not Found", "Invalid entity: ", "Illegal argument: ", "Illegal state: ", "Unprocessable Entity: ", "Bad Request: ",
                                 "Unsupported Media Type: ", "Method Not Allowed: ", "Forbidden", "Internal server error", "Failed to convert argument"};

bool has_reason(std::string_view message) {
  for (const std::string_view reason : kReasons)
    if (message.starts_with(reason)) return true;
  return false;
}

std::string_view reason_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid: {
      const bool is_entity = !error.violations.empty() || error.code.starts_with("input") || error.code.starts_with("flow") || error.code.starts_with("yaml");
      return is_entity ? "Invalid entity" : "Illegal argument";
    }
    case ErrorKind::bad_request: return "Bad Request";
    case ErrorKind::unauthenticated: return "Unauthorized";
    case ErrorKind::forbidden: return "Forbidden";
    case ErrorKind::not_found: return "Not Found";
    case ErrorKind::conflict: return "Illegal state";
    case ErrorKind::gone: return "Resource has expired";
    case ErrorKind::too_large: return "Request Entity Too Large";
    case ErrorKind::unsupported: return "Unsupported Media Type";
    case ErrorKind::unavailable: return "Service Unavailable";
    case ErrorKind::internal: return "Internal server error";
  }
  return "Internal server error";
}

JsonObject self_link(std::string_view href) {
  JsonObject link;
  link["href"] = href;
  link["templated"] = false;
  for (const char* key : {"profile", "deprecation", "title", "hreflang", "type", "name"}) link[key] = nullptr;
  return link;
}

}  // namespace

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return 422;
    case ErrorKind::bad_request: return 400;
    case ErrorKind::unauthenticated: return 401;
    case ErrorKind::forbidden: return 403;
    case ErrorKind::not_found: return 404;
    case ErrorKind::conflict: return 409;
    case ErrorKind::gone: return 410;
    case ErrorKind::too_large: return 413;
    case ErrorKind::unsupported: return 415;
    case ErrorKind::unavailable: return 503;
    case ErrorKind::internal: return 500;
  }
  return 500;
}

std::string problem_message(const Error& error) {
  if (has_reason(error.message)) return error.message;
  const std::string_view reason = reason_of(error);
  return error.message.empty() ? std::string(reason) : fmt::format("{}: {}", reason, error.message);
}

JsonObject problem_body(std::string_view message, std::string_view href, const std::vector<Violation>& violations) {
  JsonObject body;
  body["message"] = message;
  body["logref"] = nullptr;
  body["path"] = nullptr;
  body["_links"] = JsonObject{{"self", self_link(href)}};
  JsonObject embedded;
  if (!violations.empty()) {
    JsonArray errors;
    for (const Violation& violation : violations) {
      JsonObject one;
      one["message"] = violation.message;
      one["logref"] = nullptr;
      one["path"] = violation.path;
      one["_links"] = JsonObject{};
      one["_embedded"] = JsonObject{};
      errors.push_back(std::move(one));
    }
    embedded["errors"] = std::move(errors);
  }
  body["_embedded"] = std::move(embedded);
  return body;
}

http::Response problem_response(const Error& error, std::string_view href, std::string_view realm) {
  // The one answer without a kind of its own: nobody but this file would act on it.
  const int status = error.code == "login-throttled" || error.code == "tenant-requests-exceeded" ? 429 : status_of(error.kind);
  if (status == 401) {
    http::Response response = http::Response::empty(401);
    response.headers.set("WWW-Authenticate", realm.empty() ? std::string("Basic") : fmt::format("Basic realm=\"{}\"", realm));
    return response;
  }
  // 1.3 embeds no violations for inputs of an execution: their message names them all.
  const bool embeds = !error.code.starts_with("input");
  http::Response response = http::Response::json(status, write_json(problem_body(problem_message(error), href, embeds ? error.violations : std::vector<Violation>{})));
  if (!error.code.empty()) response.headers.set("X-Error-Code", error.code);
  if (status == 503 || status == 429) response.headers.set("Retry-After", "1");
  return response;
}

http::Response bulk_problem_response(std::string_view kind, const std::vector<Violation>& invalids) {
  JsonArray list;
  for (const Violation& invalid : invalids) {
    JsonObject one;
    one["message"] = invalid.message;
    one["rootBean"] = invalid.path;
    one["rootBeanClass"] = "java.lang.String";
    one["leafBean"] = invalid.path;
    one["propertyPath"] = JsonArray{JsonObject{{"name", "execution"}, {"kind", "PROPERTY"}, {"inIterable", false}}};
    one["invalidValue"] = invalid.path;
    one["messageTemplate"] = "{messageTemplate}";
    one["executableParameters"] = JsonArray{};
    list.push_back(std::move(one));
  }
  JsonObject body;
  body["message"] = fmt::format("invalid bulk {}", kind);
  body["invalids"] = std::move(list);
  return http::Response::json(400, write_json(body));
}

}  // namespace insula::api
