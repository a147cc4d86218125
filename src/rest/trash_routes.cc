// What is in the trash: for administrators.
#include <string>
#include <utility>

#include "core/json_writer.h"
#include "core/text.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/body_fields.h"
#include "rest/page_links.h"
#include "rest/query_fields.h"
#include "rest/record_json.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

using access::Action;

constexpr size_t kStudiesPerPage = 20;
constexpr int64_t kImagesPerPageMax = 500;
constexpr size_t kTrashCursorBytesMax = 4096;
constexpr std::string_view kTrashRead = "trash.read";

Result<void> write_study_members(JsonWriter& writer, RestServices& services,
                                 const edge::Caller& caller, const index::TrashedStudy& study) {
  const index::StudyHold hold = PACS_TRY(services.holds.find(caller.scope, study.id));
  writer.member("id", study.id);
  writer.member("study_uid", study.study_uid.str());
  writer.member("patient_id", study.patient_id);
  writer.member("patient_name", study.patient_name);
  write_text_or_null(writer, "study_date", study.study_date);
  writer.member("study_description", study.description);
  writer.member("series_count", study.series_count);
  writer.member("image_count", study.image_count);
  writer.member("size_bytes", study.size_bytes);
  write_time(writer, "removed_at", study.removed_at);
  write_time(writer, "purge_at", study.purge_at);
  writer.member("is_held", hold.stops_removal(services.clock.now()));
  return {};
}

void write_image(JsonWriter& writer, const index::TrashedImage& trashed) {
  const index::ImageRecord& image = trashed.image;
  writer.begin_object();
  writer.member("id", image.id);
  writer.member("image_uid", image.image_uid.str());
  writer.member("series", image.series_id);
  writer.member("series_uid", image.series_uid.str());
  writer.member("filename", image.attributes.filename);
  writer.member("file_key", image.attributes.key.str());
  writer.member("file_size", image.attributes.size_bytes);
  writer.member("checksum", image.attributes.sha256.hex());
  write_time(writer, "removed_at", trashed.removed_at);
  writer.member("removed_by_name", trashed.removed_by);
  write_time(writer, "purge_at", trashed.purge_at);
  writer.end_object();
}

Result<std::optional<index::TrashPosition>> position_of(const std::optional<Cursor>& cursor) {
  if (!cursor) return std::optional<index::TrashPosition>();
  const auto removed_at = parse_unsigned(cursor->sort_key);
  if (!removed_at) return bad_parameter("cursor", "is not one of this list");
  return std::optional(index::TrashPosition{static_cast<int64_t>(*removed_at), cursor->id});
}

Result<http::Response> list_trash(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  QueryFields fields(request);
  const auto page_size = PACS_TRY(fields.find_integer("page_size", 1, kImagesPerPageMax));
  const size_t limit = page_size ? static_cast<size_t>(*page_size) : kStudiesPerPage;
  const PageLinks links(services, request, caller);
  const auto cursor =
      PACS_TRY(links.read(PACS_TRY(fields.find_text("cursor", kTrashCursorBytesMax))));
  fields.warn_of_unknown();
  const auto after = PACS_TRY(position_of(cursor));
  PACS_TRY(note_read(services.edge, caller, kTrashRead));

  auto studies = PACS_TRY(services.trash.studies(caller.scope, after, limit + 1));
  std::optional<Cursor> next;
  if (studies.size() > limit) {
    studies.erase(studies.begin() + static_cast<ptrdiff_t>(limit), studies.end());
    const index::TrashedStudy& last = studies.back();
    next = Cursor{Cursor::Direction::next, std::to_string(last.removed_at), last.id};
  }
  JsonWriter writer;
  writer.begin_object();
  links.write(writer, "next", next);
  writer.key("results");
  writer.begin_array();
  for (const index::TrashedStudy& study : studies) {
    writer.begin_object();
    PACS_TRY(write_study_members(writer, services, caller, study));
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> show_trashed_study(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  QueryFields fields(request);
  const auto after_id = PACS_TRY(fields.find_integer("after_id", 1, kIntegerMax));
  const auto limit = PACS_TRY(fields.find_integer("limit", 1, kImagesPerPageMax));
  fields.warn_of_unknown();
  const auto place = PACS_TRY(
      services.trash.place(caller.scope, index::Trash::Noun::study, request.path_parameter("id")));
  auto study = std::optional<index::TrashedStudy>();
  if (place) study = PACS_TRY(services.trash.find_study(caller.scope, *place->study_id));
  if (!study) return not_found("not_in_trash", "there is nothing of that study in the trash");
  PACS_TRY(note_read(services.edge, caller, kTrashRead, study->study_uid.str()));
  const auto images =
      PACS_TRY(services.trash.images(caller.scope, study->id, after_id.value_or(0),
                                     static_cast<size_t>(limit.value_or(kImagesPerPageMax))));
  JsonWriter writer;
  writer.begin_object();
  PACS_TRY(write_study_members(writer, services, caller, *study));
  writer.key("images");
  writer.begin_array();
  for (const index::TrashedImage& image : images) write_image(writer, image);
  writer.end_array();
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace

void add_trash_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/radiology/trash/";
  router.add(http::Method::get, prefix, edge::answering(services, list_trash));
  router.add(http::Method::get, prefix + "{id}/", edge::answering(services, show_trashed_study));
}

}  // namespace pacs::rest
