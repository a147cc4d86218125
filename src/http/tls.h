// TLS 1.2 and 1.3 for accepted connections, from certificate files that can be read again.
#pragma once

#include <memory>

#include "core/result.h"
#include "http/server_options.h"
#include "http/transport.h"

namespace pacs::http {

class TlsAcceptor {
 public:
  // `invalid_argument` (reason "bad_certificate") when a file cannot be read or used, or when
  // certificate and key do not belong together.
  [[nodiscard]] static Result<TlsAcceptor> create(TlsFiles files);
  TlsAcceptor(TlsAcceptor&&) noexcept;
  ~TlsAcceptor();

  // Reads the files again for connections accepted from now on. On failure (as create()) what was
  // in use stays in use. Any thread.
  Result<void> reload();

  // The handshake happens while receiving. Any thread.
  [[nodiscard]] std::unique_ptr<Transport> accept(UniqueFd socket) const;

 private:
  struct State;
  explicit TlsAcceptor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pacs::http
