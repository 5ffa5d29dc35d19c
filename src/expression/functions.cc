// Functions that need nothing from outside.
#include <openssl/evp.h>

#include "expression/data_text.h"
#include "expression/evaluate.h"
#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
template <bool greatest>
Value extreme(Call& call) {
  Value best;
  for (const Value& value : call.extra) {
    if (best.is_null()) {
      best = value;
      continue;
    }
    const auto better = compare(greatest ? Comparison::greater : Comparison::less, value, best);
    if (!better) return call.fail_plain(fmt::format("invalid operands for mathematical comparison [{}]", greatest ? "GREATER_THAN" : "LESS_THAN"));
    if (*better) best = value;
  }
  return best;
}

Value range(Call& call) { return make_range(call.evaluator, call[0], call[1], call[2], call.line); }

Value render_value(Call& call, const Value& value, bool recursive) {
  if (value.is_text()) {
    std::string out;
    const std::size_t asked = call.evaluator.shared().lookups.size();
    if (!call.evaluator.render_text(value.view(), recursive, out)) {
      if (call.evaluator.shared().lookups.size() > asked) return Value::pending();
      // An error of the inner text is no longer a missing variable of this one: `??` does not catch it.
      return call.evaluator.fail(Failure::Type::language, fmt::format("io.pebbletemplates.pebble.error.PebbleException: {} (?:?)", call.evaluator.failure().message));
    }
    return call.text(std::move(out));
  }
  if (value.is(Kind::list)) {
    std::vector<Value> items;
    for (std::size_t i = 0; i < value.size(); ++i) {
      items.push_back(render_value(call, value.at(i), recursive));
      if (items.back().stopped()) return items.back();
    }
    return call.list(std::move(items));
  }
  if (value.is(Kind::map)) {
    MapBuilder map;
    for (std::size_t i = 0; i < value.size(); ++i) {
      auto [key, held] = value.entry_at(i);
      Value name = render_value(call, key, recursive);
      if (name.stopped()) return name;
      Value rendered = render_value(call, held, recursive);
      if (rendered.stopped()) return rendered;
      map.put(std::move(name), std::move(rendered));
    }
    return std::move(map).linked();
  }
  return value;
}

Value render(Call& call) {
  if (call[0].is_absent()) return call.fail("The 'render' function expects an argument 'toRender'.");
  if (!call[1].nothing() && !call[1].is(Kind::boolean)) return call.fail("The 'render' function expects an optional argument 'recursive' with type boolean.");
  return render_value(call, call[0], !call[1].is(Kind::boolean) || call[1].boolean());
}

Value render_once(Call& call) {
  if (call[0].is_absent()) return call.fail("The 'render' function expects an argument 'toRender'.");
  return render_value(call, call[0], false);
}

Value fetch_context(Call& call) { return call.evaluator.context(call.line); }

Value current_each_output(Call& call) {
  if (call[0].is_absent()) return call.fail("The 'currentEachOutput' function expects an argument 'outputs'.");
  if (!call[0].is(Kind::map)) return call.fail("The 'currentEachOutput' function expects an argument 'outputs' with type map.");
  bool has_parents = false;
  const Value parents = call.evaluator.variable("parents", has_parents);
  if (parents.stopped()) return parents;
  if (!has_parents || !parents.is_java_list()) {
    return call.fail_plain("Cannot invoke \"java.util.List.reversed()\" because the return value of \"io.pebbletemplates.pebble.template.EvaluationContext.getVariable(String)\" is null");
  }
  Value outputs = call[0];
  const auto descend = [&](const Value& holder) {
    Value taskrun;
    Value value;
    if (!holder.is(Kind::map) || !holder.find("taskrun", taskrun) || !taskrun.is(Kind::map)) return true;
    if (!taskrun.find("value", value)) return true;
    if (!outputs.is(Kind::map)) return false;
    Value inner;
    outputs = outputs.find(value, inner) ? inner : Value();
    return true;
  };
  for (std::size_t i = parents.size(); i > 0; --i) if (!descend(parents.at(i - 1))) return call.fail_cast(outputs, "java.util.Map");
  bool has_taskrun = false;
  const Value taskrun = call.evaluator.variable("taskrun", has_taskrun);
  if (taskrun.stopped()) return taskrun;
  Value own_value;
  if (taskrun.is(Kind::map) && !taskrun.find("value", own_value)) return {};  // outside of loops it has none
  MapBuilder own;
  own.put("taskrun", taskrun);
  return descend(std::move(own).linked()) ? outputs : call.fail_cast(outputs, "java.util.Map");
}

// A task is `{state}`, or by value of its iterations `{value: {state}}`.
void collect_states(const Value& node, const Value& task, std::string_view state, const Value* value, std::vector<Value>& found) {
  Value held;
  if (!node.is(Kind::map)) return;
  if (node.find("state", held) && held.is_text()) {
    if (held.view() != state) return;
    MapBuilder map;
    map.put("taskId", task);
    if (value) map.put("value", *value);
    map.put("state", held);
    found.push_back(std::move(map).hashed());
    return;
  }
  for (std::size_t i = 0; !value && i < node.size(); ++i) {
    const auto [key, inner] = node.entry_at(i);
    collect_states(inner, task, state, &key, found);
  }
}

Value tasks_with_state(Call& call) {
  if (call[0].is_absent()) return call.fail("The 'tasksWithState' function expects an argument 'state'.");
  if (call[0].is_null()) return call.fail_plain("Cannot invoke \"String.toUpperCase()\" because the return value of \"java.util.Map.get(Object)\" is null");
  if (!call[0].is_text()) return call.fail_cast(call[0], "java.lang.String");
  bool has = false;
  const Value tasks = call.evaluator.variable("tasks", has);
  if (tasks.stopped()) return tasks;
  std::vector<Value> found;
  if (has && tasks.is(Kind::map)) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const auto [key, node] = tasks.entry_at(i);
      collect_states(node, key, upper_text(call[0].view()), nullptr, found);
    }
  }
  return call.list(std::move(found));
}

// 1.3 stores encrypted texts as Base64 of nonce (12 bytes), cipher text and tag (16 bytes) of AES-GCM with a Base64 key.
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

struct CipherContext {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  CipherContext() = default;
  ~CipherContext() { EVP_CIPHER_CTX_free(context); }
  CipherContext(const CipherContext&) = delete;
  CipherContext& operator=(const CipherContext&) = delete;
};

const EVP_CIPHER* cipher_for(std::size_t key_bytes) {
  return key_bytes == 16 ? EVP_aes_128_gcm() : key_bytes == 24 ? EVP_aes_192_gcm() : key_bytes == 32 ? EVP_aes_256_gcm() : nullptr;
}

// Java's decoder: missing padding is fine, another character is not.
std::expected<std::string, std::string> decode_base64(std::string_view text) {
  for (const char c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
    if (!fine) return std::unexpected(fmt::format("Illegal base64 character {:x}", static_cast<unsigned char>(c)));
  }
  std::string padded(text.substr(0, std::min(text.find('='), text.size())));
  if (padded.size() == 1) return std::unexpected("Input byte[] should at least have 2 bytes for base64 bytes");
  if (padded.size() % 4 == 1) return std::unexpected("Last unit does not have enough valid bits");
  while (padded.size() % 4) padded += '=';
  auto bytes = base64_decode(padded);
  if (!bytes) return std::unexpected("Input byte array has incorrect ending byte");
  return std::move(*bytes);
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Value encrypt(Call& call) {
  if (call[0].is_absent() || call[1].is_absent()) return call.fail("The 'encrypt' function expects two arguments 'key' and 'plaintext'.");
  for (std::size_t i = 0; i < 2; ++i) if (!call[i].is_null() && !call[i].is_text()) return call.fail_cast(call[i], "java.lang.String");
  if (call[1].is_null() || call[1].view().empty()) return call[1];
  if (call[0].is_null()) return call.fail_plain("Cannot invoke \"String.getBytes(java.nio.charset.Charset)\" because \"src\" is null");
  const auto key = decode_base64(call[0].view());
  if (!key) return call.fail_plain(key.error());
  if (key->empty()) return call.fail_plain("Empty key");
  const EVP_CIPHER* cipher = cipher_for(key->size());
  if (!cipher) return call.fail(fmt::format("Invalid AES key length: {} bytes", key->size()));
  std::string nonce;
  while (nonce.size() < nonce_bytes) nonce += static_cast<char>(call.evaluator.random() >> 24);
  const CipherContext context;
  std::string out(call[1].view().size() + tag_bytes, '\0');
  int length = 0;
  bool fine = EVP_EncryptInit_ex(context.context, cipher, nullptr, bytes_of(*key), bytes_of(nonce)) == 1 &&
              EVP_EncryptUpdate(context.context, bytes_of(out), &length, bytes_of(call[1].view()), static_cast<int>(call[1].view().size())) == 1;
  int last = 0;
  fine = fine && EVP_EncryptFinal_ex(context.context, bytes_of(out) + length, &last) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.context, EVP_CTRL_GCM_GET_TAG, tag_bytes, bytes_of(out) + length + last) == 1;
  if (!fine) return call.fail("The text cannot be encrypted");
  return call.text(base64_encode(nonce + out));
}

Value decrypt(Call& call) {
  if (call[0].is_absent() || call[1].is_absent()) return call.fail("The 'decrypt' function expects two arguments 'key' and 'encrypted'.");
  for (std::size_t i = 0; i < 2; ++i) if (!call[i].is_null() && !call[i].is_text()) return call.fail_cast(call[i], "java.lang.String");
  if (call[1].is_null() || call[1].view().empty()) return call[1];
  if (call[0].is_null()) return call.fail_plain("Cannot invoke \"String.getBytes(java.nio.charset.Charset)\" because \"src\" is null");
  const auto key = decode_base64(call[0].view());
  if (!key) return call.fail_plain(key.error());
  if (key->empty()) return call.fail_plain("Empty key");
  auto sealed = decode_base64(call[1].view());
  if (!sealed) return call.fail_plain(sealed.error());
  if (sealed->size() < nonce_bytes) return call.fail_plain(fmt::format("{} > {}", nonce_bytes, sealed->size()));
  const EVP_CIPHER* cipher = cipher_for(key->size());
  if (!cipher) return call.fail(fmt::format("Invalid AES key length: {} bytes", key->size()));
  if (sealed->size() < nonce_bytes + tag_bytes) return call.fail("Input data too short to contain an expected tag length of 16bytes");
  const std::size_t size = sealed->size() - nonce_bytes - tag_bytes;
  const CipherContext context;
  std::string out(size + 1, '\0');
  int length = 0;
  int last = 0;
  const bool fine = EVP_DecryptInit_ex(context.context, cipher, nullptr, bytes_of(*key), bytes_of(*sealed)) == 1 &&
                    EVP_DecryptUpdate(context.context, bytes_of(out), &length, bytes_of(*sealed) + nonce_bytes, static_cast<int>(size)) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.context, EVP_CTRL_GCM_SET_TAG, tag_bytes, bytes_of(*sealed) + nonce_bytes + size) == 1 &&
                    EVP_DecryptFinal_ex(context.context, bytes_of(out) + length, &last) == 1;
  if (!fine) return call.fail("Tag mismatch");
  out.resize(size);
  return call.text(std::move(out));
}

Value i18n(Call& call) {
  if (call[0].nothing()) return call.fail_plain("Cannot invoke \"String.hashCode()\" because \"this.name\" is null");
  return call.fail_plain(fmt::format("Can't find bundle for base name {}, locale en", java_text(call[0])));
}
}  // namespace

std::span<const Builtin> functions() {
  using enum Entry::Kind;
  static const Parameter key{"key", "string", true, "", "Base64 of 16, 24 or 32 bytes"};
  static const std::vector<Builtin> all = {
      {function, "max", {}, "The greatest of the arguments; null ones are passed over.", "{{ max(1, 2.5) }}", extreme<true>, true},
      {function, "min", {}, "The smallest of the arguments; null ones are passed over.", "{{ min(1, 2.5) }}", extreme<false>, true},
      {function, "range", {{"start", "integer or character", true, "", "First value"}, {"end", "integer or character", true, "", "Last value, included"}, {"increment", "integer", false, "1", "Step, may be negative"}}, "A list of numbers or letters.", "{{ range(1, 10, 2) }}", range},
      {function, "render", {{"toRender", "any", true, "", "A text, or a list or map of texts"}, {"recursive", "boolean", false, "true", "Again until nothing changes"}}, "Renders a value that holds expressions itself.", "{{ render(vars.greeting) }}", render},
      {function, "renderOnce", {{"toRender", "any", true, "", "A text, or a list or map of texts"}}, "Renders a value that holds expressions itself, one time.", "{{ renderOnce(vars.greeting) }}", render_once},
      {function, "printContext", {}, "All variables; printed as JSON.", "{{ printContext() }}", fetch_context, true},
      {function, "fetchContext", {}, "All variables as a map.", "{{ fetchContext().flow.id }}", fetch_context, true},
      {function, "currentEachOutput", {{"outputs", "map", true, "", "The outputs of a task in the same iteration"}}, "The outputs of a sibling task for the current iteration, however deep the loops.", "{{ currentEachOutput(outputs.fetch).uri }}", current_each_output},
      {function, "tasksWithState", {{"state", "string", true, "", "A state such as FAILED"}}, "The task runs in a state: taskId, and value inside of loops.", "{{ tasksWithState('FAILED') }}", tasks_with_state},
      {function, "encrypt", {key, {"plaintext", "string", true, "", "The text"}}, "The text encrypted with AES-GCM, as Base64.", "{{ encrypt(secret('KEY'), 'text') }}", encrypt},
      {function, "decrypt", {key, {"encrypted", "string", true, "", "A text made by encrypt()"}}, "The text that encrypt() was given.", "{{ decrypt(secret('KEY'), vars.sealed) }}", decrypt},
      {function, "i18n", {{"bundle", "string", true, "", ""}, {"key", "string", true, "", ""}, {"params", "any", false, "", ""}}, "There are no message bundles: always an error.", "{{ i18n('messages', 'key') }}", i18n, true, false, true},
  };
  return all;
}

}  // namespace insula::expression
