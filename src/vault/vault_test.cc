#include "vault/vault.h"

#include <gtest/gtest.h>

namespace insula::vault {
namespace {

std::string counting(std::size_t count, int from = 0) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(from + static_cast<int>(i));
  return bytes;
}
const std::string key = counting(32);
const std::string nonce = counting(12);

TEST(Encryption, GivesWhatTheOriginalDecrypts) {
  // decrypt('AAEC…', …) of Kestra 1.3.31 gave `hello é ✓` for this text.
  EXPECT_EQ(encrypt(key, "hello é ✓", nonce), "AAECAwQFBgcICQoLL2e6d6rFAbKtowsYET6apVrWQKk2seyi6bx8Og==");
  EXPECT_EQ(encrypt_base64_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "hello é ✓", nonce), encrypt(key, "hello é ✓", nonce).value());
}

TEST(Encryption, DecryptsWhatTheOriginalEncrypted) {
  EXPECT_EQ(decrypt_base64_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "VnPx+dc1q0Wf4/u7pvVmDdngLtDraxrPdMrg+buxBGMH"), "hello");
  EXPECT_EQ(decrypt_base64_key("I6EGNzRESu3X3pKZidrqCGOHQFUFC0yK", "/OAdhI+6A8XvFW9jsZ+rkIEJdpvq6P44pIChs3l7E8ud"), "hello");
  EXPECT_EQ(decrypt_base64_key("AAECAwQFBgcICQoLDA0ODw==", "XXDfqqvtSStrXb7RHxjwwZ46Frn3gVhR67LWE2IhDroX4T5YmW8sQg=="), "hello é ✓");
}

TEST(Encryption, LeavesEmptyTextsAlone) {
  EXPECT_EQ(encrypt(key, "", nonce), "");
  EXPECT_EQ(decrypt(key, ""), "");
}

TEST(Encryption, RefusesOtherKeysAndChangedTexts) {
  const std::string text = encrypt(key, "secret value", nonce).value();
  EXPECT_EQ(decrypt(key, text), "secret value");
  EXPECT_EQ(decrypt(counting(32, 1), text).error().code, "decryption-failed");
  std::string bytes = base64_decode(text).value();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(decrypt(key, base64_encode(changed))) << i;
  }
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    if (length > 0) { EXPECT_FALSE(decrypt(key, base64_encode(bytes.substr(0, length)))) << length; }
  }
  EXPECT_EQ(decrypt(key, "zz!!").error().code, "decryption-failed");
}

TEST(Encryption, SaysWhatAKeyMustBe) {
  EXPECT_EQ(read_key(" AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), key);
  for (const std::string_view bad : {"", "not base64!!", "AAECAwQFBgcICQ=="}) {
    EXPECT_EQ(read_key(bad).error().code, "encryption-key-invalid") << bad;
    EXPECT_EQ(encrypt_base64_key(bad, "x", nonce).error().code, "encryption-key-invalid") << bad;
  }
  EXPECT_TRUE(read_key("AAECAwQFBgcICQ==").error().message.contains("10 bytes"));
}

TEST(Wrapper, HoldsSecretInputsAndOutputs) {
  const Json wrapped = encrypt_wrapped(key, "s3cret", nonce).value();
  EXPECT_EQ(text_or(wrapped.get_object(), "type"), "io.kestra.datatype:aes_encrypted");
  EXPECT_TRUE(is_wrapped(wrapped));
  EXPECT_EQ(decrypt_wrapped(key, wrapped), "s3cret");
  for (const std::string_view text : {"null", "\"x\"", "{}", R"({"type":"io.kestra.datatype:aes_encrypted"})", R"({"type":"other","value":"x"})", R"({"type":"io.kestra.datatype:aes_encrypted","value":1})"}) {
    EXPECT_FALSE(is_wrapped(parse_json(text).value())) << text;
    EXPECT_EQ(decrypt_wrapped(key, parse_json(text).value()).error().code, "decryption-failed") << text;
  }
}

TEST(Wrapper, IsOpenedAtAnyDepthAndRemembered) {
  JsonObject outer{{"plain", 1}, {"list", JsonArray{encrypt_wrapped(key, "one", nonce).value(), "x"}}, {"inner", JsonObject{{"a", encrypt_wrapped(key, "two", nonce).value()}}}};
  std::vector<std::string> secrets;
  EXPECT_EQ(write_json(decrypt_all(key, outer, secrets).value()), R"({"plain":1,"list":["one","x"],"inner":{"a":"two"}})");
  EXPECT_EQ(secrets, (std::vector<std::string>{"one", "two"}));
  EXPECT_FALSE(decrypt_all(counting(32, 5), outer, secrets));
}

TEST(Envelope, OpensOnlyForItsTenantWithItsKey) {
  const std::string data_key = counting(32, 100);
  const WrappedKey wrapped = wrap_key(key, data_key, "tenant-uid-1", nonce).value();
  EXPECT_TRUE(wrapped.text.starts_with("v1."));
  EXPECT_EQ(unwrap_key(key, wrapped, "tenant-uid-1"), data_key);
  EXPECT_EQ(unwrap_key(key, wrapped, "tenant-uid-2").error().code, "decryption-failed");
  EXPECT_EQ(unwrap_key(counting(32, 1), wrapped, "tenant-uid-1").error().code, "decryption-failed");
  EXPECT_FALSE(unwrap_key(key, {"v2." + wrapped.text.substr(3)}, "tenant-uid-1"));
  EXPECT_FALSE(unwrap_key(key, {"v1.x"}, "tenant-uid-1"));
}

TEST(EnvironmentSecrets, AreReadInAnyCaseOfTheirNames) {
  const std::vector<std::string> environment{"PATH=/bin", "SECRET_API_KEY=aGVsbG8=", "secret_lower=eA", "SECRET_WRAPPED=aGVs\nbG8\r\n=", "SECRET_BAD=!!!", "SECRET_=eA==", "SECRET_EMPTY=", "SECRET_BYTES=//79",
                                             "nothing"};
  const auto secrets = EnvironmentSecrets::read(environment);
  EXPECT_EQ(secrets.get("API_KEY"), "hello");
  EXPECT_EQ(secrets.get("api_key"), "hello");
  EXPECT_EQ(secrets.get("LOWER"), "x");
  EXPECT_EQ(secrets.get("wrapped"), "hello");
  EXPECT_EQ(secrets.get("empty"), "");
  EXPECT_EQ(secrets.names(), (std::vector<std::string>{"API_KEY", "EMPTY", "LOWER", "WRAPPED"}));
  EXPECT_EQ(secrets.unreadable(), (std::vector<std::string>{"BAD", "BYTES"}));
  EXPECT_EQ(secrets.get("Bad").error().message, "Cannot find secret for key 'Bad'.");
  EXPECT_EQ(secrets.find("PATH"), nullptr);
}

TEST(EnvironmentSecrets, MayHoldJsonWithKeys) {
  EXPECT_EQ(subkey_of(R"({"user":"u","port":5432})", "DB", "user"), "u");
  EXPECT_EQ(subkey_of(R"({"user":"u","port":5432})", "DB", "port"), "5432");
  EXPECT_EQ(subkey_of(R"({"user":"u"})", "DB", "host").error().code, "secret-subkey-missing");
  const auto no_json = subkey_of("p4ssword{", "DB", "host");
  EXPECT_EQ(no_json.error().code, "secret-no-json");
  EXPECT_FALSE(no_json.error().message.contains("p4ssword"));
}

std::string masked(std::string_view text, std::vector<std::string> secrets) { return mask(text, secrets); }

TEST(Masking, ReplacesEveryOccurrenceBySixAsterisks) {
  EXPECT_EQ(masked("This is my secret: passwd", {"passwd"}), "This is my secret: ******");
  EXPECT_EQ(masked("passwd passwd, passwdpasswd", {"passwd"}), "****** ******, ************");
  EXPECT_EQ(masked("nothing here", {"passwd", ""}), "nothing here");
  EXPECT_EQ(masked("", {"passwd"}), "");
  EXPECT_EQ(masked("text", {}), "text");
}

TEST(Masking, LeavesNothingOfOverlappingSecrets) {
  EXPECT_EQ(masked("xabcdy", {"abc", "bcd"}), "x******y");
  EXPECT_EQ(masked("the password-long here", {"password", "password-long"}), "the ****** here");
  EXPECT_EQ(masked("aaaa", {"aa"}), "******");
}

TEST(Masking, FindsEncodedForms) {
  const std::string secret = "p@ss \"w/rd+é\"";
  std::string json;
  write_json_string(secret, json);
  for (const std::string& form : {secret, json.substr(1, json.size() - 2), percent_encode(secret), lower_ascii(percent_encode(secret)), base64_encode(secret)}) {
    const std::string line = masked("[" + form + "]", {secret});
    EXPECT_EQ(line, "[******]") << form;
  }
  EXPECT_EQ(masked("q=p%40ss+%22w%2Frd%2B%C3%A9%22&x=1", {secret}), "q=******&x=1");
}

TEST(Masking, FindsASecretInsideLongerBase64AtAnyAlignment) {
  const std::string secret = "S3cr3t-Value!";
  for (const std::string before : {"", "u", "us", "use", "user:", "user1:"}) {
    for (const std::string after : {"", "x", "xy", "xyz"}) {
      const std::string encoded = base64_encode(before + secret + after);
      const std::string line = masked("Basic " + encoded, {secret});
      EXPECT_TRUE(line.contains(mask_text)) << before << after;
      EXPECT_FALSE(line.contains(base64_encode(secret).substr(4, 8))) << line;
    }
  }
}

TEST(Masking, FindsLinesOfALongSecret) {
  const std::string pem = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nshort\n-----END KEY-----\n";
  EXPECT_EQ(masked("line: MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", {pem}), "line: ******");
  EXPECT_EQ(masked("short", {pem}), "short");
  EXPECT_EQ(masked("<" + pem + ">", {pem}), "<******>");
}

TEST(Masking, ComparesLongSecretsToTheirEnd) {
  const std::string secret(100'000, 'k');
  EXPECT_EQ(masked("a" + secret + "b", {secret}), "a******b");
  const std::string other = std::string(50, 'k') + "x";
  EXPECT_EQ(masked(other, {std::string(60, 'k')}), other);
  EXPECT_EQ(masked(std::string(40, 'z') + "1", {std::string(40, 'z') + "1", std::string(40, 'z') + "2"}), "******");
}

TEST(Masking, ReachesEveryTextOfAJsonValue) {
  const std::vector<std::string> secrets{"passwd"};
  const Json value = parse_json(R"({"a":"x passwd","passwd":[1,"passwd",null,{"b":"passwd!"}]})").value();
  EXPECT_EQ(write_json(Masker(secrets).mask(value)), R"({"a":"x ******","******":[1,"******",null,{"b":"******!"}]})");
}

// Compared with replacing by hand: no secret is left, and what is not secret stays.
TEST(MaskingProperty, LeavesNoSecretBehind) {
  std::uint64_t state = 3;
  const auto below = [&](std::uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  };
  const auto word = [&](std::uint64_t length_max) {
    std::string text;
    for (std::uint64_t i = below(length_max) + 1; i > 0; --i) text += static_cast<char>('a' + below(3));
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> secrets;
    for (std::uint64_t i = below(4); i > 0; --i) secrets.push_back(word(5));
    const std::string text = word(60);
    std::vector<bool> covered(text.size(), false);
    for (const std::string& secret : secrets) {
      for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 1)) std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(at), secret.size(), true);
    }
    std::string rest;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (!covered[i]) rest += text[i];
    }
    std::string result = mask(text, secrets);
    std::erase(result, '*');
    EXPECT_EQ(result, rest) << text;
  }
}

}  // namespace
}  // namespace insula::vault
