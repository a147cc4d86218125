// Rules of the settings that are URLs, hosts and header names. Each reads one or a few settings and
// reports what is wrong with them.
#pragma once

#include <string>

#include "core/settings.h"

namespace pacs {

// MEDIA_URL and STATIC_URL: slashes at either end are added (with a warning for MEDIA_URL); they
// must not overlap each other, nor MEDIA_URL the paths of this server.
void read_url_prefixes(SettingReader& reader, MediaSettings& media);

// PACS_LITE_PUBLIC_URL: absolute, without a query; a slash at the end goes.
[[nodiscard]] std::string read_public_url(SettingReader& reader);

// PACS_LITE_LISTEN: at least one HOST:PORT.
[[nodiscard]] std::vector<HostAndPort> read_listen(SettingReader& reader);

// OHIF_VIEWER_URL and PACS_LITE_FRAME_ANCESTORS. A public demonstration site is refused unless
// PACS_LITE_ALLOW_DEMONSTRATION_VIEWER names its host: it would learn study UIDs and tokens.
[[nodiscard]] ViewerSettings read_viewer_settings(SettingReader& reader);

// PACS_LITE_CORS_ALLOWED_ORIGINS: origins as browsers send them, or "*".
[[nodiscard]] std::vector<std::string> read_cors_origins(SettingReader& reader);

// A name of a header field (RFC 9110 5.1), or empty.
[[nodiscard]] std::string read_header_name(SettingReader& reader, std::string_view name);

}  // namespace pacs
