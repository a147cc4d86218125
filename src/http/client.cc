#include "http/client.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "core/text.h"
#include "http/uri.h"

namespace pacs::http {
namespace {

void initialise_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

struct HandleDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using FieldList = std::unique_ptr<curl_slist, ListDeleter>;

// One request in flight: what curl's callbacks read and write.
struct Transaction {
  const ClientRequest& request;
  ClientResponse response;
  std::optional<Error> failure;  // of our own source or sink, which curl cannot carry
  const curl_socket_t& socket;   // that the answer comes in by
};

// A server that sends head and body apart and leaves Nagle on (radosgw as it comes) waits with the
// body for our acknowledgement of the head, which the kernel would hold back for 40 ms.
void acknowledge_head(const Transaction& transaction) {
  const int now = 1;
  ::setsockopt(transaction.socket, IPPROTO_TCP, TCP_QUICKACK, &now, sizeof now);
}

size_t on_header(char* data, size_t, size_t size, void* user) {
  auto& transaction = *static_cast<Transaction*>(user);
  const std::string_view line = trim(std::string_view(data, size));
  const size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    transaction.response.headers = Headers();  // an interim answer's fields are not the answer's
  } else if (colon != std::string_view::npos) {
    std::string_view value = line.substr(colon + 1);
    while (value.ends_with('\r') || value.ends_with('\n')) value.remove_suffix(1);
    transaction.response.headers.add(line.substr(0, colon), trim(value));
  } else if (line == "\r\n" || line == "\n") {
    acknowledge_head(transaction);
  }
  return size;
}

int on_socket(void* user, curl_socket_t socket, curlsocktype /*purpose*/) {
  *static_cast<curl_socket_t*>(user) = socket;
  return CURL_SOCKOPT_OK;
}

struct WriteTarget {
  Transaction& transaction;
  CURL* handle;
};

size_t on_body(char* data, size_t, size_t size, void* user) {
  auto& [transaction, handle] = *static_cast<WriteTarget*>(user);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  const ClientRequest& request = transaction.request;
  if (request.response_sink != nullptr && is_success(static_cast<Status>(status))) {
    auto written = request.response_sink->write(as_bytes(std::string_view(data, size)));
    if (written) return size;
    transaction.failure = written.error();
    return 0;
  }
  if (size > request.response_bytes_max - transaction.response.body.size()) {
    transaction.failure = resource_exhausted("too_large", "the answer is larger than expected");
    return 0;
  }
  transaction.response.body.append(data, size);
  return size;
}

size_t on_read(char* data, size_t, size_t room, void* user) {
  auto& transaction = *static_cast<Transaction*>(user);
  auto count =
      transaction.request.body_source->read_some(std::as_writable_bytes(std::span(data, room)));
  if (count) return *count;
  transaction.failure = count.error();
  return CURL_READFUNC_ABORT;
}

Error translate(CURLcode code) {
  const std::string detail = curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return invalid_argument("bad_url", detail);
    case CURLE_OPERATION_TIMEDOUT:
      return unavailable("timed_out", detail);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return unavailable("connect_failed", detail);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return unavailable("tls_failed", detail);
    case CURLE_OUT_OF_MEMORY:
      return resource_exhausted("no_memory", detail);
    default:
      return unavailable("connection_lost", detail);
  }
}

FieldList field_list(const ClientRequest& request) {
  FieldList list;
  const auto append = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return;
    static_cast<void>(list.release());
    list.reset(longer);
  };
  for (const auto& [name, value] : request.headers) {
    // curl takes "Name;" for a field without a value, and "Name:" for one to leave out.
    append(value.empty() ? name + ";" : name + ": " + value);
  }
  // What curl would add by itself and nobody asked for.
  if (!request.headers.contains("Expect")) append("Expect:");
  if (!request.headers.contains("Content-Type")) append("Content-Type:");
  if (!request.headers.contains("Accept")) append("Accept:");
  return list;
}

bool has_line_break(const Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const Headers::Field& field) {
    return !is_token(field.first) || field.second.find_first_of("\r\n") != std::string::npos;
  });
}

}  // namespace

struct Client::State {
  ClientOptions options;
  std::unique_ptr<CURL, HandleDeleter> handle;
  curl_socket_t socket = CURL_SOCKET_BAD;  // of the connection that is kept

  void set_connection();
  void set_deadlines(const ClientRequest& request);
  void set_method_and_body(Transaction& transaction);
};

// curl_easy_setopt takes its values as they are; each call below has the type that curl wants.
void Client::State::set_connection() {
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
  curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, &socket);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, static_cast<long>(options.idle_time_max.count()));
  const bool verify = options.verify_tls == ClientOptions::VerifyTls::yes;
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.unix_socket_path.empty()) {
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, options.unix_socket_path.c_str());
  }
}

void Client::State::set_deadlines(const ClientRequest& request) {
  CURL* curl = handle.get();
  const auto total =
      request.total_timeout.count() > 0 ? request.total_timeout : options.total_timeout;
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(total.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(request.bytes_per_second_min));
  const auto stall = std::chrono::ceil<std::chrono::seconds>(options.stall_timeout);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(stall.count()));
}

void Client::State::set_method_and_body(Transaction& transaction) {
  CURL* curl = handle.get();
  const ClientRequest& request = transaction.request;
  const bool has_source = request.body_source != nullptr;
  const bool takes_body = has_source || !request.body.empty() || request.method == "POST" ||
                          request.method == "PUT" || request.method == "PATCH";
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (has_source) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, &transaction);
    curl_easy_setopt(
        curl, CURLOPT_INFILESIZE_LARGE,
        request.body_length ? static_cast<curl_off_t>(*request.body_length) : curl_off_t{-1});
  } else if (takes_body) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  if (request.method != "HEAD") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

Client::Client(ClientOptions options) : state_(std::make_unique<State>()) {
  initialise_curl_once();
  state_->options = std::move(options);
  state_->handle.reset(curl_easy_init());
}

Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<ClientResponse> Client::send(const ClientRequest& request) {
  CURL* curl = state_->handle.get();
  if (curl == nullptr) return resource_exhausted("no_memory", "no memory for the HTTP client");
  if (!parse_url(request.url)) return invalid_argument("bad_url", "not an http or https URL");
  if (!is_token(request.method) || has_line_break(request.headers)) {
    return invalid_argument("bad_header", "a method or header that would break the request");
  }
  curl_easy_reset(curl);  // keeps the connection
  Transaction transaction{request, {}, {}, state_->socket};
  WriteTarget target{transaction, curl};
  const FieldList fields = field_list(request);
  state_->set_connection();
  state_->set_deadlines(request);
  state_->set_method_and_body(transaction);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transaction);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &target);
  const CURLcode code = curl_easy_perform(curl);
  if (transaction.failure) return *transaction.failure;
  if (code != CURLE_OK) return translate(code);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transaction.response.status = static_cast<Status>(status);
  return std::move(transaction.response);
}

}  // namespace pacs::http
