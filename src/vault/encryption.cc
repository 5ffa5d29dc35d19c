#include "vault/encryption.h"

#include <openssl/evp.h>

namespace insula::vault {
namespace {

constexpr std::size_t tag_bytes = 16;
constexpr std::string_view envelope_version = "v1.";
constexpr int json_depth_max = 200;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const EVP_CIPHER* cipher_for(std::string_view key) {
  switch (key.size()) {
    case 16: return EVP_aes_128_gcm();
    case 24: return EVP_aes_192_gcm();
    case 32: return EVP_aes_256_gcm();
    default: return nullptr;
  }
}

std::unexpected<Error> bad_key(std::string_view what) {
  return fail(ErrorKind::invalid, "encryption-key-invalid",
              fmt::format("{}; `kestra.encryption.secret-key` must be the base64 text of 32 random bytes (make one with: openssl rand -base64 32)", what));
}

std::unexpected<Error> undecryptable(std::string detail) {
  return fail(ErrorKind::invalid, "decryption-failed", "the value cannot be decrypted: it was encrypted with another key, or is damaged", std::move(detail));
}

// nonce ‖ cipher text ‖ tag; `label` is authenticated with it.
Result<std::string> seal(std::string_view key, std::string_view plain, std::string_view nonce, std::string_view label) {
  INSULA_ASSERT(nonce.size() == nonce_bytes);
  const EVP_CIPHER* cipher = cipher_for(key);
  if (!cipher) return bad_key(fmt::format("the encryption key has {} bytes", key.size()));
  if (plain.size() > plain_bytes_max) return fail(ErrorKind::too_large, "secret-too-large", fmt::format("a secret value is larger than {} bytes", plain_bytes_max));
  const Context context(EVP_CIPHER_CTX_new());
  std::string sealed(nonce);
  sealed.resize(nonce_bytes + plain.size() + tag_bytes);
  int written = 0;
  const bool done = EVP_EncryptInit_ex(context.get(), cipher, nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
                    (label.empty() || EVP_EncryptUpdate(context.get(), nullptr, &written, bytes_of(label), static_cast<int>(label.size())) == 1) &&
                    EVP_EncryptUpdate(context.get(), bytes_of(sealed) + nonce_bytes, &written, bytes_of(plain), static_cast<int>(plain.size())) == 1 &&
                    EVP_EncryptFinal_ex(context.get(), bytes_of(sealed) + nonce_bytes + plain.size(), &written) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_bytes), bytes_of(sealed) + nonce_bytes + plain.size()) == 1;
  if (!done) return fail(ErrorKind::internal, "encryption-failed", "the value could not be encrypted", "OpenSSL refused AES-GCM");
  return sealed;
}

Result<std::string> open(std::string_view key, std::string_view sealed, std::string_view label) {
  const EVP_CIPHER* cipher = cipher_for(key);
  if (!cipher) return bad_key(fmt::format("the encryption key has {} bytes", key.size()));
  if (sealed.size() < nonce_bytes + tag_bytes || sealed.size() > plain_bytes_max + nonce_bytes + tag_bytes) return undecryptable("length");
  const std::string_view nonce = sealed.substr(0, nonce_bytes);
  const std::string_view text = sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag(sealed.substr(sealed.size() - tag_bytes));
  const Context context(EVP_CIPHER_CTX_new());
  std::string plain(text.size() + tag_bytes, '\0');  // room for the final block, which GCM never writes
  int written = 0;
  const bool done = EVP_DecryptInit_ex(context.get(), cipher, nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
                    (label.empty() || EVP_DecryptUpdate(context.get(), nullptr, &written, bytes_of(label), static_cast<int>(label.size())) == 1) &&
                    EVP_DecryptUpdate(context.get(), bytes_of(plain), &written, bytes_of(text), static_cast<int>(text.size())) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_bytes), bytes_of(tag)) == 1 &&
                    EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + text.size(), &written) == 1;
  if (!done) return undecryptable("tag");
  plain.resize(text.size());
  return plain;
}

Result<std::string> decoded_key(std::string_view base64) {
  std::string padded(base64);
  while (padded.size() % 4 != 0 && !padded.ends_with("==")) padded += '=';
  auto key = base64_decode(padded);
  if (!key || key->empty()) return bad_key("the encryption key is no base64 text");
  return *key;
}

Result<Json> decrypt_inside(std::string_view key, const Json& value, std::vector<std::string>& secrets, int depth) {
  if (depth > json_depth_max) return fail(ErrorKind::invalid, "json-too-deep", fmt::format("the value is nested deeper than {} levels", json_depth_max));
  if (is_wrapped(value)) {
    auto plain = decrypt_wrapped(key, value);
    if (!plain) return fail(plain.error());
    secrets.push_back(*plain);
    return Json(*plain);
  }
  if (value.is_array()) {
    JsonArray opened;
    for (const Json& each : value.get_array()) {
      auto inner = decrypt_inside(key, each, secrets, depth + 1);
      if (!inner) return inner;
      opened.push_back(std::move(*inner));
    }
    return opened;
  }
  if (value.is_object()) {
    JsonObject opened;
    for (const auto& [name, each] : value.get_object()) {
      auto inner = decrypt_inside(key, each, secrets, depth + 1);
      if (!inner) return inner;
      opened[name] = std::move(*inner);
    }
    return opened;
  }
  return value;
}

}  // namespace

Result<std::string> read_key(std::string_view base64) {
  auto key = decoded_key(trim(base64));
  if (!key) return key;
  if (!cipher_for(*key)) return bad_key(fmt::format("the encryption key has {} bytes", key->size()));
  return key;
}

// The original leaves empty texts alone, in both directions.
Result<std::string> encrypt(std::string_view key, std::string_view plain, std::string_view nonce) {
  if (plain.empty()) return std::string();
  const auto sealed = seal(key, plain, nonce, {});
  if (!sealed) return fail(sealed.error());
  return base64_encode(*sealed);
}

Result<std::string> decrypt(std::string_view key, std::string_view encrypted) {
  if (encrypted.empty()) return std::string();
  const auto sealed = base64_decode(encrypted);
  if (!sealed) return undecryptable("base64");
  return open(key, *sealed, {});
}

Result<std::string> encrypt_base64_key(std::string_view key_base64, std::string_view plain, std::string_view nonce) {
  const auto key = decoded_key(key_base64);
  return key ? encrypt(*key, plain, nonce) : fail(key.error());
}

Result<std::string> decrypt_base64_key(std::string_view key_base64, std::string_view encrypted) {
  const auto key = decoded_key(key_base64);
  return key ? decrypt(*key, encrypted) : fail(key.error());
}

Result<Json> encrypt_wrapped(std::string_view key, std::string_view plain, std::string_view nonce) {
  auto value = encrypt(key, plain, nonce);
  if (!value) return fail(value.error());
  return JsonObject{{"type", encrypted_type}, {"value", *value}};
}

bool is_wrapped(const Json& value) {
  if (!value.is_object() || value.get_object().size() != 2) return false;
  const Json* type = find(value, "type");
  const Json* text = find(value, "value");
  return type && type->is_string() && as_view(type->get_string()) == encrypted_type && text && text->is_string();
}

Result<std::string> decrypt_wrapped(std::string_view key, const Json& wrapper) {
  if (!is_wrapped(wrapper)) return undecryptable("no wrapper");
  return decrypt(key, as_view(find(wrapper, "value")->get_string()));
}

Result<Json> decrypt_all(std::string_view key, const Json& value, std::vector<std::string>& secrets) { return decrypt_inside(key, value, secrets, 0); }

Result<WrappedKey> wrap_key(std::string_view instance_key, std::string_view data_key, std::string_view label, std::string_view nonce) {
  INSULA_ASSERT(data_key.size() == key_bytes && !label.empty());
  const auto sealed = seal(instance_key, data_key, nonce, label);
  if (!sealed) return fail(sealed.error());
  return WrappedKey{std::string(envelope_version) + base64_encode(*sealed)};
}

Result<std::string> unwrap_key(std::string_view instance_key, const WrappedKey& wrapped, std::string_view label) {
  if (!wrapped.text.starts_with(envelope_version)) return undecryptable("version of the envelope");
  const auto sealed = base64_decode(std::string_view(wrapped.text).substr(envelope_version.size()));
  if (!sealed) return undecryptable("base64");
  auto key = open(instance_key, *sealed, label);
  if (key && key->size() != key_bytes) return undecryptable("length of the key");
  return key;
}

}  // namespace insula::vault
