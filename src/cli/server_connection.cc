#include "cli/server_connection.h"

#include <chrono>
#include <optional>
#include <utility>

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

ServerConnection::ServerConnection(SocketPath socket, const std::string& server_url)
    : socket_(std::move(socket)), base_url_(server_url), has_tls_(server_url.starts_with(kTls)) {
  if (has_tls_) base_url_.replace(0, kTls.size(), kPlain);
}

std::string ServerConnection::as_browsers_see(const std::string& link) const {
  if (!has_tls_ || !link.starts_with(base_url_)) return link;
  return std::string(kTls) + link.substr(kPlain.size());
}

ServerConnection::~ServerConnection() {
  if (own_ == nullptr) return;
  own_->server().stop();
  own_thread_.join();
}

http::Client ServerConnection::new_client() const {
  http::ClientOptions options;
  options.unix_socket_path = socket_.text();
  return http::Client(std::move(options));
}

Result<void> ServerConnection::ask_health() const {
  http::ClientOptions options;
  options.unix_socket_path = socket_.text();
  options.total_timeout = kHealthTimeout;
  http::ClientRequest request;
  request.url = base_url_ + "/healthz";
  const http::ClientResponse answer = PACS_TRY(http::Client(options).send(request));
  if (http::is_success(answer.status)) return {};
  return unavailable("no_answer", "what answers on the socket is not a healthy server");
}

void ServerConnection::run(std::unique_ptr<Composition> own) {
  own_ = std::move(own);
  own_thread_ = std::thread([this] { own_->server().run(); });
}

Result<std::unique_ptr<ServerConnection>> ServerConnection::start_own(
    const ProgramSettings& program, const DataPaths& paths) {
  auto own = PACS_TRY(Composition::create(program, Doors::socket_only));
  std::unique_ptr<ServerConnection> connection(new ServerConnection(
      PACS_TRY(SocketPath::of(paths.socket)), expected_url(program.as_read())));
  connection->run(std::move(own));
  return connection;
}

Result<std::unique_ptr<ServerConnection>> ServerConnection::open(const ProgramSettings& program) {
  const DataPaths paths(program.as_read().data_folder);
  const auto deadline = std::chrono::steady_clock::now() + kAnswerTimeout;
  for (;;) {
    Result<std::optional<DataFolderOwner>> owner = find_owner(paths);
    if (!owner) {
      const bool is_closed = owner.error().code == ErrorCode::permission_denied;
      return is_closed ? not_the_owner(paths) : std::move(owner).error();
    }
    if (!*owner) {
      auto own = start_own(program, paths);
      // Another command may have been quicker.
      if (own || own.error().reason != "data_folder_in_use") return own;
    } else {
      const std::string& url = (*owner)->url;
      std::unique_ptr<ServerConnection> connection(
          new ServerConnection(PACS_TRY(SocketPath::of(paths.socket)),
                               url.empty() ? expected_url(program.as_read()) : url));
      if (connection->ask_health()) return connection;
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

}  // namespace pacs::cli
