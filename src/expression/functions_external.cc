// Functions that ask the world outside. Each becomes a Lookup: its name and its arguments by parameter name; whoever renders finds the answer
// and checks what this flow may read.
#include "expression/evaluate.h"

namespace insula::expression {

namespace {
std::string text_argument_error(const Call& call, std::string_view expects) { return fmt::format("The '{}' function expects an argument {}.", call.builtin.name, expects); }

Value ask(Call& call) {
  Lookup question{std::string(call.builtin.name), {}};
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    if (!call[i].is_absent()) question.arguments[call.builtin.parameters[i].name] = to_json(call[i]);
  }
  return call.evaluator.lookup(std::move(question), call.line);
}

// `kv` and `secret`: key and namespace are texts.
Value keyed(Call& call) {
  if (call[0].nothing()) return call.fail(text_argument_error(call, "'key'"));
  for (std::size_t i = 0; i < 2; ++i) if (!call[i].nothing() && !call[i].is_text()) return call.fail_cast(call[i], "java.lang.String");
  return ask(call);
}

constexpr std::string_view any_path = "'path' that is a path to a namespace file or an internal storage URI";
constexpr std::string_view stored_path = "'path' that is a path to the internal storage URI";
constexpr std::string_view namespace_path = "'path' that is a path to a namespace file";

Value path_question(Call& call, std::string_view expects) {
  if (call[0].is_absent()) return call.fail(text_argument_error(call, expects));
  return ask(call);
}
Value any_file(Call& call) { return path_question(call, any_path); }
Value stored_file(Call& call) { return path_question(call, stored_path); }

Value file_uri(Call& call) {
  if (call[0].is_absent()) return call.fail(text_argument_error(call, namespace_path));
  const std::string path = java_text(call[0]);
  if (path.find("../") != std::string::npos || path.find("..\\") != std::string::npos || path == "..") {
    return call.fail_plain("Path must not contain '../'");
  }
  return ask(call);
}

Value http(Call& call) {
  if (call[0].nothing()) return call.fail(text_argument_error(call, "'uri'"));
  return ask(call);
}

Value error_logs(Call& call) { return ask(call); }

Value subflow(Call& call) {
  if (call[0].nothing() || call[1].nothing()) return call.fail("The 'subflow' function expects the arguments 'namespace' and 'id'.");
  return ask(call);
}
}  // namespace

std::span<const Builtin> external_functions() {
  using enum Entry::Kind;
  static const Parameter ns{"namespace", "string", false, "the flow's namespace", "Another namespace that allows this one"};
  static const std::vector<Builtin> all = {
      {function, "kv", {{"key", "string", true, "", "Key of the pair"}, ns, {"errorOnMissing", "boolean", false, "true", "Null instead of an error when false"}}, "The value of a key in the KV store.", "{{ kv('api_url') }}", keyed},
      {function, "secret", {{"key", "string", true, "", "Name of the secret"}, ns, {"subkey", "string", false, "", "Key inside of a secret that is a JSON object"}}, "The value of a secret. It is masked in logs.", "{{ secret('PASSWORD') }}", keyed},
      {function, "read", {{"path", "string", true, "", "Path of a namespace file, or a URI of the internal storage"}, {"namespace", "string", false, "the flow's namespace", "Namespace of the file"}, {"version", "integer", false, "latest", "Version of the file"}}, "The text of a file.", "{{ read('queries/report.sql') }}", any_file},
      {function, "fileSize", {{"path", "string", true, "", "URI of the internal storage"}, ns}, "The size of a file in bytes.", "{{ fileSize(outputs.extract.uri) }}", stored_file},
      {function, "fileExists", {{"path", "string", true, "", "URI of the internal storage"}, ns}, "Whether a file exists.", "{{ fileExists(outputs.extract.uri) }}", stored_file},
      {function, "isFileEmpty", {{"path", "string", true, "", "Path of a namespace file, or a URI of the internal storage"}, ns}, "Whether a file has no bytes.", "{{ isFileEmpty(outputs.extract.uri) }}", any_file},
      {function, "fileURI", {{"path", "string", true, "", "Path of a namespace file"}, ns, {"version", "integer", false, "latest", "Version of the file"}}, "The URI of a namespace file.", "{{ fileURI('data/list.csv') }}", file_uri},
      {function, "http", {{"uri", "string", true, "", "Address"}, {"method", "string", false, "GET", "HTTP method"}, {"query", "map", false, "", "Query parameters"}, {"body", "any", false, "", "Body of the request"}, {"contentType", "string", false, "application/json", "Type of the body"},
                            {"headers", "map", false, "", "Headers of the request"}, {"options", "map", false, "", "Options of the client"}, {"accept", "string", false, "application/json", "Type of the answer"}},
       "The answer to an HTTP request: parsed JSON, or text.", "{{ http(uri='https://example.org/items').items[0] }}", http},
      {function, "errorLogs", {}, "The last error log lines of this execution. Only in tasks.", "{{ errorLogs() }}", error_logs, true},
      {function, "subflow", {{"namespace", "string", true, "", "Namespace of the flow"}, {"id", "string", true, "", "Id of the flow"}, {"inputs", "map", false, "", "Inputs of the flow"}, {"revision", "integer", false, "latest", "Revision of the flow"}}, "Runs another flow to its end and gives its outputs.", "{{ subflow(namespace='company.team', id='lookup', inputs={'id': 1}) }}", subflow},
  };
  return all;
}

}  // namespace insula::expression
