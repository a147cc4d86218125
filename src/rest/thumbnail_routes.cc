// Small pictures of DICOM images by signed links (docs/design/signed-url.md), for the <img> of an
// application's own page, which brings no token.
#include <string>

#include "edge/stored_file.h"
#include "http/router.h"
#include "rest/links.h"
#include "rest/routes.h"
#include "rest/small_picture.h"
#include "storage/media_url.h"

namespace pacs::rest {
namespace {

Result<void> show_thumbnail(RestServices& services, const http::Request& request,
                            http::ResponseWriter& writer) {
  const storage::MediaUrl& links = services.thumbnail_url;
  // Before anything of the path is decoded.
  PACS_TRY(links.verify(http::to_string(request.method), request.raw_path, request.raw_query));
  const ObjectKey key = PACS_TRY(links.key_of(request.raw_path));
  const auto image = PACS_TRY(services.images.find(services.link_scope, key));
  if (!image) return not_found("no_such_image", "there is no such image");
  return send_picture(services, services.link_scope, *image, {}, writer);
}

}  // namespace

void add_thumbnail_routes(http::Router& router, RestServices& services) {
  router.add_prefix(http::Method::get, kThumbnails,
                    [&services](http::Request& request, http::ResponseWriter& writer) {
                      edge::finish_stream(request, writer,
                                          show_thumbnail(services, request, writer));
                    });
}

}  // namespace pacs::rest
