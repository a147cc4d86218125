// Everything that the REST edge uses, as the composition root hands it over.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/settings.h"
#include "edge/edge_services.h"
#include "index/archive_state.h"
#include "index/audit_log.h"
#include "index/image_checks.h"
#include "index/images.h"
#include "index/scope.h"
#include "index/studies.h"
#include "index/study_holds.h"
#include "index/trash.h"
#include "index/upload_sessions.h"
#include "index/uploads.h"
#include "rest/viewer_bundle.h"

// Who uses one of these includes its header: the route of one thing need not read all others.
namespace pacs {
class Metrics;
}
namespace pacs::access {
class ReceiptSigner;
class ShareLinks;
class TokenIssuer;
}  // namespace pacs::access
namespace pacs::archive {
class OfflineUploadService;
class RemoveService;
class RenderingService;
class ResumableUploadService;
class RetrieveService;
class Room;
class Stores;
class StoreService;
class Verification;
}  // namespace pacs::archive
namespace pacs::storage {
class MediaUrl;
class SigningKeys;
class UrlSigner;
}  // namespace pacs::storage

namespace pacs::rest {

struct RestSettings {
  std::string media_url;  // MEDIA_URL with a slash at its end
  SignedUrls signed_urls = SignedUrls::given_out;
  std::chrono::seconds url_life{3600};
  std::string ohif_url;                      // empty: the built-in page
  std::string viewer_folder;                 // of the OHIF viewer; empty: none
  std::vector<std::string> frame_ancestors;  // empty: 'none'
  uint64_t image_bytes_max = uint64_t{4} << 30;
  std::string version;  // of the program
};

// All that is named by reference outlives the routes. Any thread may use any of it.
struct RestServices {
  const edge::EdgeServices& edge;
  archive::StoreService& store;
  archive::OfflineUploadService& offline_uploads;
  archive::ResumableUploadService& resumable_uploads;
  archive::RetrieveService& retrieve;
  archive::RemoveService& remove;
  archive::RenderingService& rendering;
  archive::Verification& verification;
  archive::Stores& stores;
  archive::Room& room;
  index::Database& database;
  access::TokenIssuer& tokens;
  access::ShareLinks& share_links;
  const access::ReceiptSigner& receipts;
  storage::SigningKeys& signing_keys;
  const storage::UrlSigner& url_signer;  // of the store that new images go to
  const storage::MediaUrl& media_url;    // what this server answers itself
  const storage::MediaUrl& thumbnail_url;
  // By which a request with a good signature reads: the signature says which file, and that is all.
  index::Scope link_scope;
  Metrics& metrics;
  const Clock& clock;
  RestSettings settings;

  index::Studies studies{database};
  index::Images images{database};
  index::ImageChecks image_checks{database};
  index::Uploads uploads{database};
  index::UploadSessions sessions{database};
  index::AuditLog audit_log{database};
  index::ArchiveState archive_state{database};
  index::Trash trash{database};
  index::StudyHolds holds{database};
  ViewerBundle viewer{settings.viewer_folder};
};

}  // namespace pacs::rest
