#include "storage/layout.h"

namespace insula::storage {
namespace {

constexpr std::string_view kScheme = "kestra://";
constexpr std::size_t kPathBytesMax = 2'048;
constexpr std::size_t kPartBytesMax = 255;
constexpr std::size_t kNameBytesMax = 200;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string flow_folder(const Namespace& ns, const FlowId& flow) {
  std::string folder = ns.str();
  std::ranges::replace(folder, '.', '/');
  return folder + "/" + slug(flow.str());
}

std::unexpected<Error> refuse(std::string_view path, std::string_view why) {
  std::string shown(path.substr(0, 200));
  std::erase_if(shown, is_control);
  return fail(ErrorKind::invalid, "storage-path-invalid", fmt::format("The storage path '{}' is not allowed: {}. Use parts separated by '/', without '..'.", shown, why));
}

}  // namespace

std::string slug(std::string_view id) {
  std::string result;
  for (const char c : id) {
    const bool is_dash = c == '-' || c == '_' || c == ' ' || c == '\t';
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_lower = c >= 'a' && c <= 'z';
    if (is_dash && (result.empty() || result.back() != '-')) result += '-';
    if (is_upper) result += static_cast<char>(c - 'A' + 'a');
    if (is_lower || is_digit) result += c;
  }
  return result.empty() ? "-" : result;
}

std::string safe_name(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    if (c == '/' || c == '\\' || is_control(c)) c = '_';
  }
  if (!is_utf8(result)) {
    for (char& c : result) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '_';
    }
  }
  if (result.size() > kNameBytesMax) {
    // The end is kept: it has the extension. A character cut in two is dropped whole.
    result.erase(0, result.size() - kNameBytesMax);
    while (!result.empty() && (static_cast<unsigned char>(result.front()) & 0xc0) == 0x80) result.erase(0, 1);
  }
  if (result.empty() || result == "." || result == "..") return "_";
  return result;
}

std::string flow_prefix(const Namespace& ns, const FlowId& flow) { return flow_folder(ns, flow) + "/executions/"; }

std::string execution_prefix(const Namespace& ns, const FlowId& flow, const ExecutionId& execution) {
  return flow_prefix(ns, flow) + execution.str() + "/";
}

std::string task_file_path(const Namespace& ns, const FlowId& flow, const ExecutionId& execution, const TaskId& task, const TaskRunId& task_run, std::string_view name) {
  return fmt::format("{}tasks/{}/{}/{}", execution_prefix(ns, flow, execution), slug(task.str()), task_run.str(), name);
}

std::string cache_file_path(const Namespace& ns, const FlowId& flow, const TaskId& task, std::string_view value) {
  // A value may be any text: its hash is a path.
  const std::string of_value = value.empty() ? "" : hex_encode(sha256(value)) + "/";
  return fmt::format("{}/{}/cache/{}cache.zip", flow_folder(ns, flow), slug(task.str()), of_value);
}

std::string state_file_path(const Namespace& ns, const std::optional<FlowId>& flow, std::string_view name, std::string_view value) {
  std::string folder = ns.str();
  std::ranges::replace(folder, '.', '/');
  if (flow) folder += "/" + slug(flow->str());
  // `_states` is no id of a flow or a part of a namespace: nothing else can live there.
  return fmt::format("{}/_states/{}{}.json", folder, name, value.empty() ? "" : "/" + hex_encode(sha256(value)));
}

std::string input_file_path(const Namespace& ns, const FlowId& flow, const ExecutionId& execution, std::string_view input_id, std::string_view name) {
  return fmt::format("{}inputs/{}/{}", execution_prefix(ns, flow, execution), input_id, name);
}

std::string trigger_file_path(const Namespace& ns, const FlowId& flow, const ExecutionId& execution, const TriggerId& trigger, std::string_view name) {
  return fmt::format("{}trigger/{}/{}", execution_prefix(ns, flow, execution), slug(trigger.str()), name);
}

std::string uri_of(std::string_view path) {
  std::string uri(kScheme);
  uri += '/';
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    // Characters that a URI path may hold as they are (RFC 3986 pchar) and that 1.3 leaves so; letters beyond ASCII too, as java.net.URI does.
    for (const char c : path.substr(begin, end - begin)) {
      const bool keeps = static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-._~!$&'()*+,;=:@").contains(c);
      if (keeps) uri += c;
      else uri += percent_encode(std::string_view(&c, 1));
    }
    if (end < path.size()) uri += '/';
    begin = end + 1;
  }
  return uri;
}

bool is_uri(std::string_view text) { return text.starts_with(kScheme) && text.substr(kScheme.size()).starts_with('/'); }

Result<std::string> path_of(std::string_view uri) {
  if (!is_uri(uri)) {
    return fail(ErrorKind::invalid, "storage-uri-invalid", fmt::format("Invalid internal storage uri, got uri '{}'", uri.substr(0, 200)));
  }
  const std::optional<std::string> path = percent_decode(uri.substr(kScheme.size() + 1));
  if (!path) return fail(ErrorKind::invalid, "storage-uri-invalid", fmt::format("Invalid internal storage uri, got uri '{}': broken percent escape", uri.substr(0, 200)));
  if (const Result<void> checked = check_path(*path); !checked) return fail(checked.error());
  return *path;
}

Result<void> check_path(std::string_view path) {
  if (path.empty()) return refuse(path, "it is empty");
  if (path.size() > kPathBytesMax) return refuse(path, fmt::format("it is longer than {} bytes", kPathBytesMax));
  if (path.front() == '/') return refuse(path, "it is absolute");
  if (path.contains('\\')) return refuse(path, "it has a backslash");
  if (std::ranges::any_of(path, is_control)) return refuse(path, "it has a control character");
  if (!is_utf8(path)) return refuse(path, "it is not UTF-8");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty()) return refuse(path, "it has an empty part");
    if (part == "." || part == "..") return refuse(path, "it has a part '.' or '..'");
    if (part.size() > kPartBytesMax) return refuse(path, fmt::format("a part is longer than {} bytes", kPartBytesMax));
    begin = end + 1;
  }
  return {};
}

bool belongs_to_execution(std::string_view path, const Namespace& ns, const FlowId& flow, const ExecutionId& execution) {
  return check_path(path).has_value() && !execution.empty() && path.starts_with(execution_prefix(ns, flow, execution));
}

}  // namespace insula::storage
