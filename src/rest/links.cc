#include "rest/links.h"

#include <algorithm>

#include "access/principal.h"
#include "archive/stores.h"
#include "edge/answer.h"
#include "http/uri.h"
#include "rest/query_fields.h"
#include "storage/media_url.h"
#include "storage/url_signer.h"

namespace pacs::rest {
namespace {

constexpr UnixMillis kMillis = 1000;

}  // namespace

bool is_picture(std::string_view mime_type) {
  return mime_type == "image/jpeg" || mime_type == "image/png";
}

Links::Links(const RestServices& services, const http::Request& request,
             const access::Principal& principal, std::chrono::seconds life)
    : services_(services),
      base_(edge::public_base(services.edge, request)),
      now_(services.clock.now()) {
  // A share link in its last second still shows its pictures.
  expires_at_ =
      std::max(principal.latest_expiry(now_ + life.count() * kMillis), now_ + 1 * kMillis);
}

std::string Links::absolute(std::string_view path) const { return base_ + std::string(path); }

bool Links::open_by_themselves() const {
  return services_.settings.signed_urls == SignedUrls::given_out;
}

// What lies in another store than new images go to, this server serves itself.
bool Links::lead_to_the_store(const index::ImageRecord& image) const {
  const storage::UrlSigner* own = &services_.media_url;
  return open_by_themselves() && &services_.url_signer != own &&
         image.attributes.store == services_.stores.primary().name();
}

Result<std::string> Links::image_url(const index::ImageRecord& image) const {
  std::string url;
  if (!open_by_themselves()) {
    url = services_.settings.media_url + http::percent_encode_path(image.attributes.key.str());
  } else {
    storage::SignOptions options;
    options.content_type = image.attributes.mime_type;
    options.content_disposition = is_picture(image.attributes.mime_type) ? "inline" : "attachment";
    const storage::UrlSigner& signer =
        lead_to_the_store(image) ? services_.url_signer
                                 : static_cast<const storage::UrlSigner&>(services_.media_url);
    url = PACS_TRY(signer.sign(image.attributes.key, expires_at_, options));
  }
  return url.starts_with('/') ? absolute(url) : url;
}

Result<std::string> Links::thumbnail_url(const index::ImageRecord& image) const {
  const bool is_shown_as_it_is = is_picture(image.attributes.mime_type);
  if (image.attributes.mime_type == "application/pdf") return absolute(icon::kDocument);
  // An <img> brings no token.
  if (!open_by_themselves()) return absolute(is_shown_as_it_is ? icon::kPicture : icon::kDicom);
  if (is_shown_as_it_is) return image_url(image);
  return absolute(PACS_TRY(services_.thumbnail_url.sign(image.attributes.key, expires_at_)));
}

int64_t Links::expires_in_seconds() const { return (expires_at_ - now_) / kMillis; }

Result<std::chrono::seconds> link_life(const RestServices& services, const http::Request& request) {
  QueryFields query(request);
  const auto seconds = PACS_TRY(query.find_integer("expires_in", 1, kLinkSecondsMax));
  return seconds ? std::chrono::seconds(*seconds) : services.settings.url_life;
}

}  // namespace pacs::rest
