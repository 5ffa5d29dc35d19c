#include "http/response.h"

#include <algorithm>

#include "base/text.h"

namespace insula::http {

Response Response::text(int status, std::string body, std::string_view content_type) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response Response::json(int status, std::string document) { return text(status, std::move(document), "application/json"); }

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response Response::file(FileBody body, std::string_view content_type, std::string_view download_name) {
  Response response;
  response.headers.add("Content-Type", content_type);
  if (!download_name.empty()) response.headers.add("Content-Disposition", content_disposition(download_name));
  response.body = std::move(body);
  return response;
}

std::string content_disposition(std::string_view download_name) {
  std::string plain;
  bool exact = true;
  for (const char c : download_name) {
    const bool safe = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%';
    plain += safe ? c : '_';
    exact = exact && safe;
  }
  auto value = fmt::format("attachment; filename=\"{}\"", plain);
  if (!exact) value += fmt::format("; filename*=UTF-8''{}", percent_encode(download_name));
  return value;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 425: return "Too Early";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "";
  }
}

}  // namespace insula::http
