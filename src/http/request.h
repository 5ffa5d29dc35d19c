// What a client asked, decoded exactly once.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "http/headers.h"
#include "http/spool.h"

namespace insula::http {

enum class Method { get, head, post, put, patch, del, options, other };
std::string_view to_string(Method method);       // `GET` …; other → `OTHER`
Method method_of(std::string_view text);         // exact, upper case (methods are case-sensitive, RFC 9110 §9.1)

// The target of the request line. Escapes are decoded after splitting, so `%2F` is a character of its segment and never a border.
struct Target {
  std::string raw;                     // as sent, origin form: `/api/v1/a%20b?x=1`
  std::string path;                    // the part of raw before `?`, still encoded
  std::vector<std::string> segments;   // `/a//b/` → a, "", b, "". `/` → none. `.` and `..` are plain segments: nothing is normalised
  std::vector<std::pair<std::string, std::string>> query;  // in order, repeated keys kept, decoded, `+` = space; brackets stay text: `filters[a][EQUALS]`

  std::optional<std::string_view> first(std::string_view key) const;
  std::vector<std::string> all(std::string_view key) const;
};
// 400 bad-target: a broken escape, NUL, text that is not UTF-8, a fragment, more than 2000 query parameters, no leading `/` (absolute form is accepted).
Result<Target> parse_target(std::string_view text);
// `a=1&b=2`, also for application/x-www-form-urlencoded bodies.
Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text);

// One part of multipart/form-data (RFC 7578).
struct Part {
  std::string name;
  std::optional<std::string> filename;  // as sent (a name, never to be used as a path); present = the content is in `file`
  std::string content_type;             // "" when the client gave none
  std::string text;                     // content of a part without a file name
  SpooledFile file;                     // content of a part with a file name

  bool is_file() const { return filename.has_value(); }
};

struct Request {
  Method method = Method::get;
  std::string method_text;
  Target target;
  int version = 11;             // 10 or 11
  Headers headers;
  std::string remote_address;   // of the peer of the socket; what a proxy claims is in the headers
  std::string body;             // empty for multipart/form-data
  bool is_multipart = false;
  std::vector<Part> parts;      // in order

  const Part* part(std::string_view name) const;  // the first of that name
};

}  // namespace insula::http
