// Our own pages under /ui/, opened by a share link: its secret stands in `?token=` and opens one
// study alone.
#include <algorithm>
#include <string>
#include <utility>

#include "access/audit_lines.h"
#include "archive/retrieve.h"
#include "core/text.h"
#include "edge/authorise.h"
#include "edge/stored_file.h"
#include "http/problem.h"
#include "http/router.h"
#include "rest/find_records.h"
#include "rest/links.h"
#include "rest/page_answer.h"
#include "rest/routes.h"
#include "rest/small_picture.h"
#include "rest/viewer_assets.h"
#include "rest/viewer_page.h"

namespace pacs::rest {
namespace {

constexpr size_t kImagesOnPage = 200;  // a browser lays them out at once; more come by a link
constexpr uint32_t kLargePictureSide = 1024;

using PageFunction = Result<std::string> (*)(RestServices&, const http::Request&);

http::Handler showing(RestServices& services, PageFunction function) {
  return [&services, function](http::Request& request, http::ResponseWriter& writer) {
    Result<std::string> page = function(services, request);
    writer.send(page ? page_answer(services, http::Status::ok, std::move(*page))
                     : error_page_answer(services, page.error()));
  };
}

struct OpenedStudy {
  edge::Caller caller;
  index::StudyRecord study;
  PagePaths paths;
};

Result<OpenedStudy> open_study(RestServices& services, const http::Request& request) {
  edge::Caller caller = PACS_TRY(authorise_page(services.edge, request));
  auto study = PACS_TRY(get_study(services, caller.scope, request.path_parameter("id")));
  PACS_TRY(
      note_read(services.edge, caller, access::audit_action::kStudyRead, study.study_uid.str()));
  // What stands before our own path: that of the share link by whose cookie the page is read.
  const std::string place = request.raw_path.substr(0, request.raw_path.find("/ui/"));
  PagePaths paths(path_prefix(services), place, study,
                  request.query_parameter("token").value_or(""));
  return OpenedStudy{std::move(caller), std::move(study), std::move(paths)};
}

Result<index::ImageRecord> image_of(RestServices& services, const OpenedStudy& opened,
                                    const http::Request& request) {
  auto image =
      PACS_TRY(get_image(services, opened.caller.scope, request.path_parameter("image_id")));
  if (image.study_id != opened.study.id)
    return not_found("no_such_image", "there is no such image");
  return image;
}

Result<std::vector<AttributeRow>> rows_of(const RestServices& services, const index::Scope& scope,
                                          int64_t image_id) {
  const auto metadata = PACS_TRY(services.images.metadata(scope, {image_id}));
  if (metadata.empty()) return std::vector<AttributeRow>();
  return attribute_rows(metadata.front().json);
}

// "3.17.2.40": series number, series, instance number, image; an absent number is empty.
std::string position_text(const index::ImagePosition& position) {
  const auto text = [](const std::optional<int64_t>& number) {
    return number ? std::to_string(*number) : std::string();
  };
  return text(position.series_number) + "." + text(position.series_id) + "." +
         text(position.instance_number) + "." + text(position.image_id);
}

std::optional<int64_t> signed_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto number = parse_unsigned(negative ? text.substr(1) : text);
  if (!number || *number > uint64_t{INT32_MAX} * 1024) return std::nullopt;
  return negative ? -static_cast<int64_t>(*number) : static_cast<int64_t>(*number);
}

// A wrong one begins at the beginning: it opens nothing that the page would not show.
std::optional<index::ImagePosition> parse_position(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  const auto series_id = signed_number(parts[1]);
  const auto image_id = signed_number(parts[3]);
  if (!series_id || !image_id) return std::nullopt;
  return index::ImagePosition{.series_number = signed_number(parts[0]),
                              .series_id = *series_id,
                              .instance_number = signed_number(parts[2]),
                              .image_id = *image_id};
}

Result<void> add_attributes(const RestServices& services, const index::Scope& scope,
                            ShownSeries& series) {
  const auto dicom = std::find_if(
      series.images.begin(), series.images.end(),
      [](const auto& image) { return image.attributes.mime_type == "application/dicom"; });
  if (dicom == series.images.end()) return {};
  series.attributes = PACS_TRY(rows_of(services, scope, dicom->id));
  return {};
}

Result<std::string> show_study(RestServices& services, const http::Request& request) {
  const OpenedStudy opened = PACS_TRY(open_study(services, request));
  const index::Scope& scope = opened.caller.scope;
  index::ImageQuery query;
  query.study_id = opened.study.id;
  query.page_size = kImagesOnPage;
  query.after = parse_position(request.query_parameter("after").value_or(""));
  index::ImagePage page = PACS_TRY(services.images.list(scope, query));

  StudyPageContent content{.study = opened.study,
                           .series = {},
                           .after = page.next ? position_text(*page.next) : std::string(),
                           .link_expires_at = {}};
  if (opened.caller.principal.bound_studies) {
    content.link_expires_at = opened.caller.principal.expires_at;
  }
  for (index::SeriesRecord& record :
       PACS_TRY(services.images.series_of_study(scope, opened.study.id))) {
    ShownSeries series{std::move(record), {}, {}};
    for (const index::ImageRecord& image : page.images) {
      if (image.series_id == series.record.id) series.images.push_back(image);
    }
    if (series.images.empty()) continue;
    PACS_TRY(add_attributes(services, scope, series));
    content.series.push_back(std::move(series));
  }
  return study_page(content, opened.paths);
}

Result<std::string> show_image(RestServices& services, const http::Request& request) {
  const OpenedStudy opened = PACS_TRY(open_study(services, request));
  const auto image = PACS_TRY(image_of(services, opened, request));
  const auto rows = PACS_TRY(rows_of(services, opened.caller.scope, image.id));
  return attributes_page(opened.study, image, rows, opened.paths);
}

// A document may be shown within our own page, and nowhere else than that page may be.
edge::StoredFileAnswer file_answer(const RestServices& services, const index::ImageRecord& image,
                                   const http::Request& request) {
  const std::string& mime_type = image.attributes.mime_type;
  const bool is_shown = is_picture(mime_type) || mime_type == "application/pdf";
  edge::StoredFileAnswer answer;
  if (!is_shown || request.query_parameter("download")) return answer;
  answer.disposition = http::Disposition::inline_;
  if (mime_type == "application/pdf") {
    std::string ancestors = frame_ancestors(services);
    if (ancestors.ends_with("'none'")) ancestors = "frame-ancestors 'self'";
    answer.content_security_policy =
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; " + ancestors;
  }
  return answer;
}

Result<void> serve_file(RestServices& services, const http::Request& request,
                        http::ResponseWriter& writer) {
  const OpenedStudy opened = PACS_TRY(open_study(services, request));
  auto image = PACS_TRY(services.retrieve.open(PACS_TRY(image_of(services, opened, request))));
  return edge::send_stored_file(services.retrieve, request, writer, image,
                                file_answer(services, image.record, request));
}

// Of anything that is stored: of what has no picture it is an icon that says what it is.
Result<void> show_picture(RestServices& services, const http::Request& request,
                          http::ResponseWriter& writer) {
  const OpenedStudy opened = PACS_TRY(open_study(services, request));
  const auto image = PACS_TRY(image_of(services, opened, request));
  archive::RenderingTerms terms;
  if (request.query_parameter("large")) {
    terms.viewport = archive::Viewport{.width = kLargePictureSide, .height = kLargePictureSide};
  }
  return send_picture(services, opened.caller.scope, image, terms, writer);
}

void add_asset(http::Router& router, const Asset& asset) {
  router.add(http::Method::get, asset.path,
             [&asset](http::Request& /*request*/, http::ResponseWriter& writer) {
               http::Response response{http::Status::ok, {}, std::string(asset.content)};
               response.headers.add("Content-Type", asset.content_type);
               response.headers.add("Cache-Control", "public, max-age=3600");
               response.headers.add("Content-Security-Policy",
                                    "default-src 'none'; "
                                    "style-src 'unsafe-inline'");
               writer.send(std::move(response));
             });
}

}  // namespace

void add_viewer_routes(http::Router& router, RestServices& services) {
  const std::string study = "/ui/studies/{id}/";
  router.add(http::Method::get, study, showing(services, show_study));
  router.add(http::Method::get, study + "images/{image_id}/", showing(services, show_image));
  router.add(http::Method::get, study + "images/{image_id}/file/",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               edge::finish_stream(request, writer, serve_file(services, request, writer));
             });
  router.add(http::Method::get, study + "images/{image_id}/picture/",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               edge::finish_stream(request, writer, show_picture(services, request, writer));
             });
  router.mount("/ui/studies", kShareRoot);
  for (const Asset& asset : viewer_assets()) add_asset(router, asset);
}

}  // namespace pacs::rest
