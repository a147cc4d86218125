#include "rest/small_picture.h"

#include <optional>
#include <utility>

#include "archive/rendering.h"

namespace pacs::rest {

Result<void> send_picture(RestServices& services, const index::Scope& scope,
                          const index::ImageRecord& image, const archive::RenderingTerms& terms,
                          http::ResponseWriter& writer) {
  std::string picture = PACS_TRY(services.rendering.thumbnail(scope, image, std::nullopt, terms));
  http::Response response{http::Status::ok, {}, std::move(picture)};
  response.headers.add("Content-Type", "image/jpeg");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  writer.send(std::move(response));
  return {};
}

}  // namespace pacs::rest
