// AES-256-GCM in the layout of Kestra's EncryptionService: base64(nonce of 12 bytes ‖ cipher text ‖ tag of 16 bytes), no associated data.
#pragma once
#include "base/base.h"

namespace insula::vault {

inline constexpr std::size_t key_bytes = 32;
inline constexpr std::size_t nonce_bytes = 12;
inline constexpr std::size_t plain_bytes_max = 64u << 20;
inline constexpr std::string_view encrypted_type = "io.kestra.datatype:aes_encrypted";

// `kestra.encryption.secret-key`: base64 of 32 bytes → the raw key. Error `encryption-key-invalid`.
Result<std::string> read_key(std::string_view base64);

// `encrypt` needs a nonce that was never used with this key (12 random bytes). An empty text stays empty, both ways. Errors:
// `encryption-key-invalid` (not 16, 24 or 32 bytes, as AES of the original takes), `decryption-failed` (not our layout, another key, or changed).
Result<std::string> encrypt(std::string_view key, std::string_view plain, std::string_view nonce);
Result<std::string> decrypt(std::string_view key, std::string_view encrypted);

// The functions `encrypt(key, text)` and `decrypt(key, text)` of expressions: the key is the base64 text.
Result<std::string> encrypt_base64_key(std::string_view key_base64, std::string_view plain, std::string_view nonce);
Result<std::string> decrypt_base64_key(std::string_view key_base64, std::string_view encrypted);

// SECRET inputs and outputs: `{"type": "io.kestra.datatype:aes_encrypted", "value": "…"}`.
Result<Json> encrypt_wrapped(std::string_view key, std::string_view plain, std::string_view nonce);
bool is_wrapped(const Json& value);
Result<std::string> decrypt_wrapped(std::string_view key, const Json& wrapper);  // error `decryption-failed` also when it is no wrapper
// A copy of `value` in which every wrapper, at any depth, is its plain text; the plain texts are added to `secrets` for masking.
Result<Json> decrypt_all(std::string_view key, const Json& value, std::vector<std::string>& secrets);

// Envelope: a tenant has a data key of its own, kept wrapped by the instance key and bound to the tenant by `label` (say, its uid), so that a
// row moved to another tenant does not open. Deleting the wrapped key erases what it protects.
struct WrappedKey { std::string text; };  // `v1.` + base64
Result<WrappedKey> wrap_key(std::string_view instance_key, std::string_view data_key, std::string_view label, std::string_view nonce);
Result<std::string> unwrap_key(std::string_view instance_key, const WrappedKey& wrapped, std::string_view label);

}  // namespace insula::vault
