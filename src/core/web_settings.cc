#include "core/web_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/text.h"

namespace pacs {
namespace {

// What this server answers itself; MEDIA_URL must leave it alone.
constexpr std::array<std::string_view, 9> kOwnPaths = {"/api/",     "/ui/",     "/viewer/",
                                                       "/share/",   "/s/",      "/dicom-web/",
                                                       "/healthz/", "/readyz/", "/metrics/"};
// Run by the viewer's makers to show the viewer, on servers that are not the clinic's.
constexpr std::array<std::string_view, 2> kDemonstrationDomains = {"ohif.org", "netlify.app"};
constexpr size_t kListenMax = 16;  // an address for each network card

struct UrlPrefix {
  std::string host;  // with scheme and port; empty for a bare path
  std::string path;
  [[nodiscard]] std::string text() const { return host + path; }
};

std::optional<UrlPrefix> parse_prefix(std::string text) {
  UrlPrefix prefix;
  if (text.find("://") != std::string::npos) {
    if (!text.ends_with('/')) text += '/';
    const std::optional<WebAddress> address = parse_web_address(text);
    if (!address) return std::nullopt;
    prefix.path = address->path;
    prefix.host = text.substr(0, text.size() - prefix.path.size());
    return prefix;
  }
  if (!text.starts_with('/')) text.insert(text.begin(), '/');
  if (!text.ends_with('/')) text += '/';
  if (!is_plain_url_path(text)) return std::nullopt;
  prefix.path = text;
  return prefix;
}

bool overlap(std::string_view left, std::string_view right) {
  return left.starts_with(right) || right.starts_with(left);
}

std::optional<UrlPrefix> read_prefix(SettingReader& reader, std::string_view name) {
  std::optional<UrlPrefix> prefix = parse_prefix(reader.text(name));
  if (!prefix) {
    reader.refuse(name, "is not a path such as /files/ or a URL such as https://host/files/");
    return std::nullopt;
  }
  reader.show_as(name, prefix->text());
  return prefix;
}

void check_own_paths(SettingReader& reader, const UrlPrefix& media) {
  for (const std::string_view own : kOwnPaths) {
    if (!overlap(media.path, own)) continue;
    reader.refuse("MEDIA_URL", std::string("overlaps this server's own ").append(own));
    return;
  }
}

bool is_domain_of(std::string_view host, std::string_view domain) {
  return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

void check_demonstration(SettingReader& reader, const WebAddress& viewer) {
  constexpr std::string_view kAllowed = "PACS_LITE_ALLOW_DEMONSTRATION_VIEWER";
  const bool is_demonstration =
      std::any_of(kDemonstrationDomains.begin(), kDemonstrationDomains.end(),
                  [&](std::string_view domain) { return is_domain_of(viewer.host, domain); });
  if (!is_demonstration || to_lower(reader.text(kAllowed)) == viewer.host) return;
  reader.refuse(
      "OHIF_VIEWER_URL",
      "is a public demonstration site, which would be handed study UIDs and tokens; run a "
      "viewer of your own, or set " +
          std::string(kAllowed) + "=" + viewer.host);
}

// The sources of CSP's frame-ancestors (CSP Level 3, 6.4.2): 'self', 'none', schemes and hosts.
bool is_frame_ancestor(std::string_view source) {
  if (source == "'self'" || source == "'none'" || source == "https:") return true;
  std::string text(source);
  if (text.find("://") == std::string::npos) text.insert(0, "https://");
  const size_t wildcard = text.find("://*.");
  if (wildcard != std::string::npos) text.erase(wildcard + 3, 2);
  return parse_web_address(text).has_value();
}

bool is_origin(std::string_view text) {
  if (text == "*") return true;
  const std::optional<WebAddress> address = parse_web_address(text);
  return address && address->path.empty();
}

}  // namespace

void read_url_prefixes(SettingReader& reader, MediaSettings& media) {
  const std::string media_text = reader.text("MEDIA_URL");
  const std::optional<UrlPrefix> media_url = read_prefix(reader, "MEDIA_URL");
  const std::optional<UrlPrefix> static_url = read_prefix(reader, "STATIC_URL");
  if (!media_url || !static_url) return;
  media.url = media_url->text();
  media.static_url = static_url->text();
  if (media.url != media_text) {
    reader.warn("MEDIA_URL", "lacks a slash at an end; taken as " + media.url);
  }
  const bool same_host = media_url->host.empty() || static_url->host.empty() ||
                         to_lower(media_url->host) == to_lower(static_url->host);
  if (same_host && overlap(media_url->path, static_url->path)) {
    reader.refuse("MEDIA_URL", "overlaps STATIC_URL '" + media.static_url +
                                   "': a web server would not know which of the two to serve");
  } else {
    check_own_paths(reader, *media_url);
  }
}

std::string read_public_url(SettingReader& reader) {
  constexpr std::string_view kName = "PACS_LITE_PUBLIC_URL";
  std::string text = reader.text(kName);
  if (text.empty()) return text;
  const std::optional<WebAddress> address = parse_web_address(text);
  if (!address) {
    reader.refuse(kName,
                  "is not http://HOST[:PORT] or https://HOST[:PORT], with a path or without");
    return {};
  }
  while (text.ends_with('/')) text.pop_back();
  reader.show_as(kName, text);
  const bool is_local =
      address->host == "localhost" || address->host.starts_with("127.") || address->host == "[::1]";
  if (address->scheme == "http" && !is_local) {
    reader.warn(kName, "sends images and tokens over the network without encryption");
  }
  return text;
}

std::vector<HostAndPort> read_listen(SettingReader& reader) {
  constexpr std::string_view kName = "PACS_LITE_LISTEN";
  std::vector<HostAndPort> addresses;
  for (const std::string& text : reader.list(kName)) {
    if (const auto address = parse_host_and_port(text)) {
      addresses.push_back(*address);
    } else {
      reader.refuse(kName, "is not HOST:PORT, such as 127.0.0.1:8042 or [::1]:8042");
      return {};
    }
  }
  if (addresses.empty() || addresses.size() > kListenMax) {
    reader.refuse(kName, "names no address, or more than " + std::to_string(kListenMax));
  }
  return addresses;
}

ViewerSettings read_viewer_settings(SettingReader& reader) {
  ViewerSettings viewer;
  viewer.folder = reader.find_path("PACS_LITE_VIEWER").value_or(std::string());
  viewer.ohif_url = reader.text("OHIF_VIEWER_URL");
  while (viewer.ohif_url.ends_with('/')) viewer.ohif_url.pop_back();
  if (!viewer.ohif_url.empty()) {
    const std::optional<WebAddress> address = parse_web_address(viewer.ohif_url);
    if (address) {
      check_demonstration(reader, *address);
    } else {
      reader.refuse("OHIF_VIEWER_URL", "is not a URL such as https://viewer.clinic.example/viewer");
    }
  }
  constexpr std::string_view kAncestors = "PACS_LITE_FRAME_ANCESTORS";
  viewer.frame_ancestors = reader.list(kAncestors);
  for (const std::string& source : viewer.frame_ancestors) {
    if (!is_frame_ancestor(source)) {
      reader.refuse(kAncestors, "has '" + source + "', which is not 'self', 'none' or a host");
    } else if (source == "'none'" && viewer.frame_ancestors.size() > 1) {
      reader.refuse(kAncestors, "has 'none' beside others, which contradict it");
    }
  }
  return viewer;
}

std::vector<std::string> read_cors_origins(SettingReader& reader) {
  constexpr std::string_view kName = "PACS_LITE_CORS_ALLOWED_ORIGINS";
  std::vector<std::string> origins = reader.list(kName);
  for (const std::string& origin : origins) {
    if (is_origin(origin)) continue;
    reader.refuse(kName, "has '" + origin +
                             "', which is not an origin such as https://app.example "
                             "(no path, no slash at the end)");
  }
  return origins;
}

std::string read_header_name(SettingReader& reader, std::string_view name) {
  std::string text = reader.text(name);
  const bool is_token = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (!is_token) reader.refuse(name, "is not the name of a header field");
  return text;
}

}  // namespace pacs
