// Certificates are verified unless the request says otherwise.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "client/client.h"

namespace insula::client {
namespace {

// A server on 127.0.0.1 with a fresh certificate for `host`, that answers `count` connections with an empty 200.
class TlsServer {
 public:
  TlsServer(const char* host, int count) : context_(SSL_CTX_new(TLS_server_method())) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    certificate_ = X509_new();
    X509_set_version(certificate_, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key);
    X509_NAME* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, host);
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate_, key, EVP_sha256());
    SSL_CTX_use_certificate(context_, certificate_);
    SSL_CTX_use_PrivateKey(context_, key);
    EVP_PKEY_free(key);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    INSULA_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 8) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, count] {
      for (int i = 0; i < count; ++i) answer();
    });
  }
  ~TlsServer() {
    thread_.join();
    ::close(listener_);
    X509_free(certificate_);
    SSL_CTX_free(context_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url() const { return fmt::format("https://127.0.0.1:{}/", port_); }
  void write_certificate(const std::filesystem::path& path) const {
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, certificate_);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    std::ofstream(path).write(text, size);
    BIO_free(memory);
  }

 private:
  void answer() {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    SSL* tls = SSL_new(context_);
    SSL_set_fd(tls, connection);
    if (SSL_accept(tls) == 1) {
      std::array<char, 4096> request{};
      static constexpr std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      if (SSL_read(tls, request.data(), static_cast<int>(request.size())) > 0) SSL_write(tls, reply.data(), static_cast<int>(reply.size()));
      SSL_shutdown(tls);
    }
    SSL_free(tls);
    ::close(connection);
  }

  SSL_CTX* context_;
  X509* certificate_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

struct TemporaryFile {
  std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("insula-tls-{}.pem", hex_encode(random_bytes(8)));
  TemporaryFile() = default;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path); }
};

TEST(Tls, RefusesACertificateThatNobodyVouchesFor) {
  ::signal(SIGPIPE, SIG_IGN);
  TlsServer server("IP:127.0.0.1", 3);
  HttpRequest request;
  request.url = server.url();
  const auto refused = send(request, EgressRules::unrestricted());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "http-tls");
  request.insecure_tls = true;
  EXPECT_EQ(send(request, EgressRules::unrestricted())->status, 200);
  request.insecure_tls = false;
  const TemporaryFile authority;
  server.write_certificate(authority.path);
  request.ca_file = authority.path;
  const auto trusted = send(request, EgressRules::unrestricted());
  ASSERT_TRUE(trusted) << trusted.error().message << trusted.error().detail;
  EXPECT_EQ(trusted->status, 200);
}

TEST(Tls, RefusesTheCertificateOfAnotherHost) {
  TlsServer server("DNS:example.com", 1);
  const TemporaryFile authority;
  server.write_certificate(authority.path);
  HttpRequest request;
  request.url = server.url();
  request.ca_file = authority.path;
  EXPECT_EQ(send(request, EgressRules::unrestricted()).error().code, "http-tls");
}

}  // namespace
}  // namespace insula::client
