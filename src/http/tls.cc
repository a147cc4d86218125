#include "http/tls.h"

#include <cerrno>
#include <mutex>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

namespace pacs::http {
namespace {

// Forward secrecy and authenticated encryption alone (RFC 9325 4.2).
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SessionDeleter {
  void operator()(SSL* session) const { SSL_free(session); }
};
using ContextPointer = std::unique_ptr<SSL_CTX, ContextDeleter>;

Error certificate_error(std::string_view what) {
  std::string detail(what);
  if (const char* reason = ERR_reason_error_string(ERR_peek_last_error())) {
    detail.append(": ").append(reason);
  }
  ERR_clear_error();
  return invalid_argument("bad_certificate", detail);
}

// Browsers offer h2 as well; without this choice some would take its absence for an error.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* offered, unsigned offered_length, void*) {
  static constexpr unsigned char kProtocols[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kProtocols, sizeof kProtocols - 1, offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<ContextPointer> make_context(const TlsFiles& files) {
  ERR_clear_error();
  ContextPointer context(SSL_CTX_new(TLS_server_method()));
  if (!context) return certificate_error("TLS could not be set up");
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(
      raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Released buffers keep an idle connection small.
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  if (SSL_CTX_set_cipher_list(raw, kTls12Ciphers) != 1) return certificate_error("TLS ciphers");
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate_chain_path.c_str()) != 1) {
    return certificate_error("the certificate file cannot be used");
  }
  if (SSL_CTX_use_PrivateKey_file(raw, files.private_key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
    return certificate_error("the private key file cannot be used");
  }
  if (SSL_CTX_check_private_key(raw) != 1) {
    return certificate_error("certificate and private key do not belong together");
  }
  return context;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(UniqueFd socket, SSL* session) : socket_(std::move(socket)), session_(session) {}

  Transfer receive(MutableBytes buffer) override {
    size_t count = 0;
    ERR_clear_error();
    const int success = SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &count);
    return outcome_of(success, count);
  }

  Transfer send(Bytes bytes, More) override {
    size_t count = 0;
    ERR_clear_error();
    const int success = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &count);
    return outcome_of(success, count);
  }

  Transfer send_file(int, uint64_t, uint64_t) override {
    return {Transfer::Outcome::unsupported, 0, 0};
  }

  void end_sending() override {
    if (!failed_ && SSL_is_init_finished(session_.get()) != 0) {
      ERR_clear_error();
      SSL_shutdown(session_.get());
    }
    shutdown(socket_.get(), SHUT_WR);
  }

  int descriptor() const override { return socket_.get(); }
  bool can_speak_first() const override { return SSL_is_init_finished(session_.get()) != 0; }

 private:
  Transfer outcome_of(int success, size_t count) {
    if (success == 1) return {Transfer::Outcome::moved, count, 0};
    switch (SSL_get_error(session_.get(), success)) {
      case SSL_ERROR_WANT_READ:
        return {Transfer::Outcome::blocked, 0, POLLIN};
      case SSL_ERROR_WANT_WRITE:
        return {Transfer::Outcome::blocked, 0, POLLOUT};
      case SSL_ERROR_ZERO_RETURN:
        return {Transfer::Outcome::ended, 0, 0};
      default:
        failed_ = true;
        return {Transfer::Outcome::failed, 0, 0};
    }
  }

  UniqueFd socket_;
  std::unique_ptr<SSL, SessionDeleter> session_;
  bool failed_ = false;
};

}  // namespace

struct TlsAcceptor::State {
  TlsFiles files;
  mutable std::mutex mutex;
  ContextPointer context;  // guarded by mutex; sessions hold a reference of their own
};

TlsAcceptor::TlsAcceptor(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsAcceptor::TlsAcceptor(TlsAcceptor&&) noexcept = default;
TlsAcceptor::~TlsAcceptor() = default;

Result<TlsAcceptor> TlsAcceptor::create(TlsFiles files) {
  auto state = std::make_unique<State>();
  state->context = PACS_TRY(make_context(files));
  state->files = std::move(files);
  return TlsAcceptor(std::move(state));
}

Result<void> TlsAcceptor::reload() {
  ContextPointer fresh = PACS_TRY(make_context(state_->files));
  const std::lock_guard lock(state_->mutex);
  state_->context.swap(fresh);
  return {};
}

std::unique_ptr<Transport> TlsAcceptor::accept(UniqueFd socket) const {
  SSL* session = nullptr;
  {
    const std::lock_guard lock(state_->mutex);
    session = SSL_new(state_->context.get());
  }
  if (session == nullptr) return nullptr;
  SSL_set_fd(session, socket.get());
  SSL_set_accept_state(session);
  return std::make_unique<TlsTransport>(std::move(socket), session);
}

}  // namespace pacs::http
