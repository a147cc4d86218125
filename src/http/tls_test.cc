// TLS: the handshake, reading the certificate again, and clients that dawdle over it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "http/client.h"
#include "http/ranged_response.h"
#include "http/test_support.h"

namespace pacs::http {
namespace {

// Writes a self-signed certificate for 127.0.0.1, and its key.
TlsFiles make_certificate(const TemporaryFolder& folder, const std::string& name) {
  const TlsFiles files{folder.file(name + ".crt"), folder.file(name + ".key")};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_EXTENSION* alternative =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate, alternative, -1);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(files.certificate_chain_path.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(files.private_key_path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_EXTENSION_free(alternative);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

Client client_that_trusts(const std::string& ca_file) {
  ClientOptions options;
  options.ca_file = ca_file;
  return Client(std::move(options));
}

Result<ClientResponse> get(Client& client, uint16_t port) {
  ClientRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(port) + "/a";
  return client.send(request);
}

void copy_over(const TlsFiles& from, const TlsFiles& to) {
  const auto options = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(from.certificate_chain_path, to.certificate_chain_path, options);
  std::filesystem::copy_file(from.private_key_path, to.private_key_path, options);
}

TEST(Tls, ServesFilesAndLargeBodies) {
  const TemporaryFolder folder;
  std::string content;
  while (content.size() < 3'000'000) content += std::to_string(content.size()) + ",";
  const UniqueFd file(open(folder.write("f", content).c_str(), O_RDONLY));
  ServerOptions options;
  options.tls = make_certificate(folder, "one");
  RunningServer server(
      [&](Request& request, ResponseWriter& writer) {
        EXPECT_EQ(request.client.scheme, "https");
        if (request.method == Method::put) return echo(request, writer);
        FileBody body(file.get(), content.size());
        EXPECT_TRUE(send_ranged(request, writer, body, {"application/dicom", "", "", {}, {}}));
      },
      options);
  Client client = client_that_trusts(options.tls->certificate_chain_path);
  for (int round = 0; round < 3; ++round) {
    const auto answer = get(client, server.port());
    ASSERT_TRUE(answer) << to_string(answer.error());
    EXPECT_TRUE(answer->body == content);
  }
  ClientRequest put;
  put.method = "PUT";
  put.url = "https://127.0.0.1:" + std::to_string(server.port()) + "/b";
  put.body = content;
  const auto answer = client.send(put);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == "PUT /b " + content);
}

TEST(Tls, ReadsNewFilesAndKeepsTheOldOnesWhenTheyAreBad) {
  const TemporaryFolder folder;
  const TlsFiles used = make_certificate(folder, "used");
  const TlsFiles other = make_certificate(folder, "other");
  const TlsFiles first{folder.file("first.crt"), folder.file("first.key")};
  copy_over(used, first);
  ServerOptions options;
  options.tls = used;
  RunningServer server(echo, options);
  const auto trusts = [&](const std::string& ca_file) {
    Client client = client_that_trusts(ca_file);
    return get(client, server.port());
  };
  EXPECT_TRUE(trusts(first.certificate_chain_path));
  EXPECT_EQ(trusts(other.certificate_chain_path).error().reason, "tls_failed");
  folder.write("used.key", "no key at all");
  EXPECT_EQ(server.server().reload_tls().error().reason, "bad_certificate");
  EXPECT_TRUE(trusts(first.certificate_chain_path));
  copy_over(other, used);
  EXPECT_TRUE(server.server().reload_tls());
  EXPECT_TRUE(trusts(other.certificate_chain_path));
  EXPECT_EQ(trusts(first.certificate_chain_path).error().reason, "tls_failed");
}

TEST(Tls, DoesNotStartWithFilesThatDoNotFit) {
  const TemporaryFolder folder;
  const TlsFiles one = make_certificate(folder, "one");
  const TlsFiles two = make_certificate(folder, "two");
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  for (const TlsFiles& files : {TlsFiles{one.certificate_chain_path, two.private_key_path},
                                TlsFiles{folder.file("absent"), two.private_key_path},
                                TlsFiles{one.certificate_chain_path, one.certificate_chain_path}}) {
    ServerOptions options;
    options.listen = {{"127.0.0.1", 0}};
    options.tls = files;
    const auto server = Server::create(options, echo, clock, random, metrics);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().reason, "bad_certificate");
  }
}

TEST(Tls, SlowHandshakesStopNobody) {
  const TemporaryFolder folder;
  ServerOptions options;
  options.tls = make_certificate(folder, "one");
  options.limits.workers_max = 2;
  options.limits.head_time_max = std::chrono::milliseconds(500);
  RunningServer server(echo, options);
  std::vector<RawClient> slow;
  for (int index = 0; index < 50; ++index) {
    slow.push_back(server.client());
    slow.back().send("\x16\x03\x01");  // how a ClientHello begins
  }
  Client client = client_that_trusts(options.tls->certificate_chain_path);
  EXPECT_TRUE(get(client, server.port()));
  for (RawClient& dawdler : slow) EXPECT_TRUE(dawdler.at_end());
  // Plain HTTP on the port of TLS is refused, not served.
  EXPECT_NE(server.client().exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace pacs::http
