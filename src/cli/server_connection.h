// How an operator's command reaches the archive: over the Unix socket of the running server, whose
// user is an administrator there. Where no server runs, the command starts the same server in its
// own process, on that socket alone, and stops it at the end. One code path for both.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cli/data_folder.h"
#include "cli/program_settings.h"
#include "core/result.h"
#include "http/client.h"

namespace pacs::cli {

class Composition;

// Any thread.
class ServerConnection {
 public:
  // Success: a server answers on the socket. Errors: `permission_denied` (reason "not_the_owner")
  // for who may not enter the data folder; `unavailable` (reason "no_answer") when its owner does
  // not answer in time; those of Composition::create. `program` outlives the connection.
  [[nodiscard]] static Result<std::unique_ptr<ServerConnection>> open(
      const ProgramSettings& program);
  // Stops the server when it is ours.
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  // A client of its own for each thread.
  [[nodiscard]] http::Client new_client(
      std::chrono::milliseconds silence_max = http::ClientOptions().stall_timeout) const;

  // To be called when the server does not answer any more. Success: it was that of another command,
  // which has ended; another server answers now, perhaps ours. `unavailable` when it was a server
  // in its own right: that is for whoever runs it to start again.
  [[nodiscard]] Result<void> renew();

  // What requests are sent to: the server's own address, so that links that it makes carry it; but
  // always http, since the socket has no TLS.
  [[nodiscard]] const std::string& base_url() const { return base_url_; }
  // A link that came over the socket as browsers must open it: with https where the server has TLS.
  [[nodiscard]] std::string as_browsers_see(const std::string& link) const;

 private:
  explicit ServerConnection(const ProgramSettings& program);

  [[nodiscard]] Result<void> find_server();
  [[nodiscard]] Result<void> start_own();
  [[nodiscard]] Result<void> ask_health();
  [[nodiscard]] Result<void> open_socket();
  void take_url(const std::string& url);

  const ProgramSettings& program_;
  const DataPaths paths_;
  std::optional<SocketPath> socket_;  // once a server has been found, and then the same
  std::string base_url_;
  bool has_tls_ = false;

  std::mutex renewing_;
  bool is_of_a_command_ = false;      // guarded by renewing_, as all below
  std::unique_ptr<Composition> own_;  // where no server was running
  std::thread own_thread_;
};

}  // namespace pacs::cli
