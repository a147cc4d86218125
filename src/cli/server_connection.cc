#include "cli/server_connection.h"

#include <chrono>
#include <optional>
#include <utility>

#include "cli/compose.h"

namespace pacs::cli {
namespace {

// A server that starts with a million instances needs about a second.
constexpr std::chrono::seconds kAnswerTimeout{20};
constexpr std::chrono::milliseconds kRetryInterval{50};
constexpr std::chrono::milliseconds kHealthTimeout{5'000};

constexpr std::string_view kPlain = "http://";
constexpr std::string_view kTls = "https://";

// Of a server that is not running, or has not said yet where it listens. Any address of a wildcard
// is as good as another, and a port of 0 is nobody's.
std::string expected_url(const Settings& settings) {
  const HostAndPort& first = settings.network.listen.front();
  const bool is_any = first.host == "0.0.0.0" || first.host == "::";
  const bool is_ipv6 = first.host.find(':') != std::string::npos;
  std::string host = is_any ? "localhost" : is_ipv6 ? "[" + first.host + "]" : first.host;
  if (first.port != 0) host += ":" + std::to_string(first.port);
  return std::string(settings.network.tls ? kTls : kPlain) + host;
}

Error not_the_owner(const DataPaths& paths) {
  return permission_denied("not_the_owner",
                           "this user may not enter the data folder " + paths.folder +
                               "; run the command as the user of the server, such as: sudo -u "
                               "pacs-lite pacs-lite …");
}

}  // namespace

ServerConnection::ServerConnection(const ProgramSettings& program)
    : program_(program), paths_(program.as_read().data_folder) {}

ServerConnection::~ServerConnection() {
  if (own_ == nullptr) return;
  own_->server().stop();
  own_thread_.join();
}

Result<std::unique_ptr<ServerConnection>> ServerConnection::open(const ProgramSettings& program) {
  std::unique_ptr<ServerConnection> connection(new ServerConnection(program));
  PACS_TRY(connection->find_server());
  return connection;
}

http::Client ServerConnection::new_client(std::chrono::milliseconds silence_max) const {
  http::ClientOptions options;
  options.stall_timeout = silence_max;
  options.unix_socket_path = socket_->text();
  return http::Client(std::move(options));
}

std::string ServerConnection::as_browsers_see(const std::string& link) const {
  if (!has_tls_ || !link.starts_with(base_url_)) return link;
  return std::string(kTls) + link.substr(kPlain.size());
}

void ServerConnection::take_url(const std::string& url) {
  if (!base_url_.empty()) return;
  has_tls_ = url.starts_with(kTls);
  base_url_ = has_tls_ ? std::string(kPlain) + url.substr(kTls.size()) : url;
}

Result<void> ServerConnection::open_socket() {
  if (!socket_) socket_ = PACS_TRY(SocketPath::of(paths_.socket));
  return {};
}

Result<void> ServerConnection::ask_health() {
  PACS_TRY(open_socket());
  http::ClientOptions options;
  options.unix_socket_path = socket_->text();
  options.total_timeout = kHealthTimeout;
  http::ClientRequest request;
  request.url = "http://localhost/healthz";
  const http::ClientResponse answer = PACS_TRY(http::Client(options).send(request));
  if (http::is_success(answer.status)) return {};
  return unavailable("no_answer", "what answers on the socket is not a healthy server");
}

Result<void> ServerConnection::start_own() {
  own_ = PACS_TRY(Composition::create(program_, Doors::socket_only));
  own_thread_ = std::thread([this] { own_->server().run(); });
  take_url(expected_url(program_.as_read()));
  is_of_a_command_ = false;
  return open_socket();
}

Result<void> ServerConnection::find_server() {
  const auto deadline = std::chrono::steady_clock::now() + kAnswerTimeout;
  for (;;) {
    Result<std::optional<DataFolderOwner>> owner = find_owner(paths_);
    if (!owner) {
      const bool is_closed = owner.error().code == ErrorCode::permission_denied;
      return is_closed ? not_the_owner(paths_) : std::move(owner).error();
    }
    if (!*owner) {
      const Result<void> started = start_own();
      // Another command may have been quicker.
      if (started || started.error().reason != "data_folder_in_use") return started;
    } else if (ask_health()) {
      is_of_a_command_ = (*owner)->url.empty();
      take_url(is_of_a_command_ ? expected_url(program_.as_read()) : (*owner)->url);
      return {};
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return unavailable("no_answer",
                         "the owner of the data folder" +
                             (*owner ? " (pid " + (*owner)->process_id + ")" : std::string()) +
                             " does not answer on its socket; look into its log");
    }
    std::this_thread::sleep_for(kRetryInterval);
  }
}

Result<void> ServerConnection::renew() {
  const std::lock_guard lock(renewing_);
  if (own_ != nullptr) return {};  // another thread has just done it
  if (!is_of_a_command_) {
    return unavailable("server_gone", "the server does not answer any more; look into its log");
  }
  return find_server();
}

}  // namespace pacs::cli
