#include <filesystem>
#include <optional>
#include <string>

#include "cli/checks.h"
#include "cli/data_folder.h"
#include "core/json_value.h"
#include "core/object_key.h"
#include "http/client.h"
#include "http/uri.h"

namespace pacs::cli {
namespace {

constexpr std::chrono::milliseconds kTimeout{10'000};
constexpr size_t kAnswerBytesMax = 64 * 1024;  // a refusal is a few hundred bytes
constexpr size_t kEntriesMax = 10'000;         // looked at to find one stored file

// A key to ask for: that of a stored file where there is one, since a web server that serves
// MEDIA_ROOT by itself gives itself away with that alone.
std::string some_stored_key(const std::string& media_root) {
  std::error_code error;
  const std::filesystem::path root = std::filesystem::path(media_root) / ObjectKey::kRoot;
  std::filesystem::recursive_directory_iterator entry(
      root, std::filesystem::directory_options::skip_permission_denied, error);
  for (size_t seen = 0; !error && entry != std::filesystem::end(entry) && seen < kEntriesMax;
       entry.increment(error), ++seen) {
    if (!entry->is_regular_file(error)) continue;
    const std::string key = std::filesystem::relative(entry->path(), media_root, error).string();
    if (ObjectKey::parse(key)) return key;
  }
  return "radiology/1.2.3/1.2.3.4/1.2.3.4.5/check.dcm";
}

// Where a browser would fetch a stored file; nothing when that depends on who asks.
std::optional<std::string> media_base(const Settings& settings) {
  const std::string& media_url = settings.media.url;
  if (!media_url.starts_with('/')) return media_url;
  if (!settings.network.public_url.empty()) return settings.network.public_url + media_url;
  return std::nullopt;
}

std::string code_of(const std::string& body) {
  const Result<JsonValue> json = JsonValue::parse(body);
  if (!json) return {};
  const JsonValue* code = json->find("code");
  return code != nullptr && code->as_string() != nullptr ? *code->as_string() : std::string();
}

void judge(const std::string& url, const http::ClientResponse& answer, Findings& findings) {
  constexpr const char* kSubject = "unsigned URL";
  const int status = http::number_of(answer.status);
  const std::string said = url + " answers " + std::to_string(status);
  if (http::is_success(answer.status)) {
    findings.error(kSubject, said + " without a signature: anybody can read the images",
                   "the web server in front must not serve MEDIA_ROOT itself; let it pass "
                   "MEDIA_URL on to this server");
  } else if ((status == 401 || status == 403) && !code_of(answer.body).empty()) {
    findings.ok(kSubject, "refused by this server (" + std::to_string(status) + ")");
  } else if (status >= 300 && status < 400) {
    const auto location = answer.headers.find("Location");
    findings.error(kSubject, said + ", a redirect to " + std::string(location.value_or("nowhere")),
                   "set PACS_LITE_PUBLIC_URL to the address that needs no redirect");
  } else {
    findings.error(kSubject, said + ", which this server would not: it refuses with 401 or 403",
                   "let the web server in front pass MEDIA_URL on to this server unchanged");
  }
}

}  // namespace

void check_running_server(const Settings& settings, Findings& findings) {
  constexpr const char* kSubject = "server";
  const DataPaths paths(settings.data_folder);
  const Result<std::optional<DataFolderOwner>> owner = find_owner(paths);
  if (!owner) {
    findings.skipped(kSubject, owner.error().detail, "run this check as the user of the server");
    return;
  }
  if (!*owner) {
    findings.skipped(kSubject, "none is running on this data folder", "run: pacs-lite serve");
    return;
  }
  const Result<SocketPath> socket = SocketPath::of(paths.socket);
  http::ClientOptions options;
  if (socket) options.unix_socket_path = socket->text();
  options.total_timeout = kTimeout;
  http::ClientRequest request;
  request.url = "http://localhost/readyz";
  const Result<http::ClientResponse> answer = http::Client(options).send(request);
  const std::string who = "process " + (*owner)->process_id;
  if (!answer) {
    findings.error(kSubject, who + " owns the data folder and does not answer on its socket",
                   "look into its log; it may still be starting");
  } else if (!http::is_success(answer->status)) {
    findings.error(kSubject, who + " is not ready: " + answer->body, "look into its log");
  } else {
    findings.ok(kSubject, who + " is ready");
  }
}

void check_public_url(const Settings& settings, Findings& findings) {
  const std::optional<std::string> base = media_base(settings);
  if (!base) {
    findings.skipped("unsigned URL", "PACS_LITE_PUBLIC_URL is not set",
                     "give --public-url https://the-address-of-the-proxy to try it from outside");
    return;
  }
  const std::string url = *base + http::percent_encode_path(some_stored_key(settings.media.root));
  http::ClientOptions options;
  options.total_timeout = kTimeout;
  http::ClientRequest request;
  request.url = url;
  request.response_bytes_max = kAnswerBytesMax;
  request.headers.add("Range", "bytes=0-0");  // a whole image is not needed to see that it comes
  const Result<http::ClientResponse> answer = http::Client(options).send(request);
  if (!answer && answer.error().reason == "too_large") {
    judge(url, {}, findings);  // a body of that size is no refusal
  } else if (!answer) {
    findings.error("unsigned URL", *base + " cannot be reached: " + answer.error().detail,
                   "start the server and the proxy in front, or mend PACS_LITE_PUBLIC_URL");
  } else {
    judge(url, *answer, findings);
  }
}

}  // namespace pacs::cli
