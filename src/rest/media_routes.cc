// Stored files under MEDIA_URL, in the layout of their keys.
#include <utility>

#include "access/audit_lines.h"
#include "archive/retrieve.h"
#include "edge/authorise.h"
#include "edge/stored_file.h"
#include "http/router.h"
#include "rest/links.h"
#include "rest/routes.h"
#include "storage/media_url.h"

namespace pacs::rest {
namespace {

// By the signature, before anything of the path is decoded; or where links alone open nothing, by
// the caller's own token.
Result<archive::OpenedImage> open_file(RestServices& services, const http::Request& request) {
  const storage::MediaUrl& media = services.media_url;
  if (services.settings.signed_urls == SignedUrls::given_out) {
    PACS_TRY(media.verify(http::to_string(request.method), request.raw_path, request.raw_query));
    const ObjectKey key = PACS_TRY(media.key_of(request.raw_path));
    return services.retrieve.open(services.link_scope, key);
  }
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::read_images));
  const ObjectKey key = PACS_TRY(media.key_of(request.raw_path));
  auto image = PACS_TRY(services.retrieve.open(caller.scope, key));
  PACS_TRY(note_read(services.edge, caller, access::audit_action::kStudyRead,
                     image.record.study_uid.str()));
  return image;
}

Result<void> serve(RestServices& services, const http::Request& request,
                   http::ResponseWriter& writer) {
  auto image = PACS_TRY(open_file(services, request));
  edge::StoredFileAnswer answer;
  if (is_picture(image.record.attributes.mime_type))
    answer.disposition = http::Disposition::inline_;
  return edge::send_stored_file(services.retrieve, request, writer, image, answer);
}

}  // namespace

void add_media_routes(http::Router& router, RestServices& services) {
  router.add_prefix(http::Method::get, services.media_url.path_prefix(),
                    [&services](http::Request& request, http::ResponseWriter& writer) {
                      edge::finish_stream(request, writer, serve(services, request, writer));
                    });
}

}  // namespace pacs::rest
