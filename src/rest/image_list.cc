#include "rest/image_list.h"

#include <optional>
#include <string>
#include <utility>

#include "access/audit_lines.h"
#include "core/json_value.h"
#include "edge/authorise.h"
#include "rest/body_fields.h"
#include "rest/links.h"
#include "rest/page_links.h"
#include "rest/query_fields.h"
#include "rest/record_json.h"

namespace pacs::rest {
namespace {

constexpr size_t kPageSizeDefault = 100;
constexpr int64_t kPageSizeMax = 500;  // as of studies
constexpr size_t kImageCursorBytesMax = 4096;

template <typename Uid>
Result<std::optional<Uid>> find_uid(QueryFields& fields, std::string_view name) {
  const auto text = PACS_TRY(fields.find_text(name));
  if (!text) return std::optional<Uid>();
  auto uid = Uid::parse(*text);
  if (!uid) return bad_parameter(name, "must be a DICOM UID or a UUID");
  return uid;
}

// A position has optional numbers, a cursor one text: the three of them as a JSON array.
Cursor cursor_of(const index::ImagePosition& position) {
  JsonWriter writer;
  const auto number_or_null = [&](const std::optional<int64_t>& number) {
    if (number) {
      writer.number(*number);
    } else {
      writer.null();
    }
  };
  writer.begin_array();
  number_or_null(position.series_number);
  writer.number(position.series_id);
  number_or_null(position.instance_number);
  writer.end_array();
  return {Cursor::Direction::next, writer.take(), position.image_id};
}

// Of a cursor of ours: its MAC has been checked.
Result<index::ImagePosition> position_of(const Cursor& cursor) {
  const JsonValue value = PACS_TRY(JsonValue::parse(cursor.sort_key));
  const JsonValue::Array* members = value.as_array();
  if (members == nullptr || members->size() != 3 || !(*members)[1].as_int64()) {
    return invalid_argument("bad_cursor", "the cursor does not belong to this list");
  }
  return index::ImagePosition{.series_number = (*members)[0].as_int64(),
                              .series_id = *(*members)[1].as_int64(),
                              .instance_number = (*members)[2].as_int64(),
                              .image_id = cursor.id};
}

struct ListedImages {
  index::ImageQuery query;
  int64_t count = 0;
  std::string study_uid;
};

// The series decides when it is named, else the study; both must agree. What is not there or not
// to be seen has no images.
Result<std::optional<ListedImages>> read_filters(RestServices& services, const edge::Caller& caller,
                                                 QueryFields& fields) {
  const auto study_uid = PACS_TRY(find_uid<dicom::StudyUid>(fields, "study_uid"));
  const auto series_uid = PACS_TRY(find_uid<dicom::SeriesUid>(fields, "series_uid"));
  const auto study_id = PACS_TRY(fields.find_integer("study_id", 1, kIntegerMax));
  const auto series_id = PACS_TRY(fields.find_integer("series_id", 1, kIntegerMax));
  if (!study_uid && !series_uid && !study_id && !series_id) {
    return bad_parameter("study_uid",
                         "or series_uid, study_id or series_id must say which images are wanted");
  }
  std::optional<index::SeriesRecord> series;
  if (series_id) series = PACS_TRY(services.images.find_series(caller.scope, *series_id));
  if (series_uid && !series_id) {
    series = PACS_TRY(services.images.find_series(caller.scope, *series_uid));
  }
  std::optional<index::StudyRecord> study;
  if (study_id) study = PACS_TRY(services.studies.find(caller.scope, *study_id));
  if (study_uid && !study_id) study = PACS_TRY(services.studies.find(caller.scope, *study_uid));
  if (!study_uid && !study_id && series) {
    study = PACS_TRY(services.studies.find(caller.scope, series->study_id));
  }
  if (!study || ((series_id || series_uid) && (!series || series->study_id != study->id))) {
    return std::optional<ListedImages>();
  }
  ListedImages listed;
  listed.query.study_id = study->id;
  listed.count = study->image_count;
  listed.study_uid = study->study_uid.str();
  if (series) {
    listed.query.series_id = series->id;
    listed.count = series->image_count;
  }
  return std::optional(std::move(listed));
}

}  // namespace

Result<http::Response> answer_image_list(RestServices& services, http::Request& request) {
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::read_images));
  QueryFields fields(request);
  auto listed = PACS_TRY(read_filters(services, caller, fields));
  const auto page_size = PACS_TRY(fields.find_integer("page_size", 1, kPageSizeMax));
  const auto life = PACS_TRY(link_life(services, request));
  const PageLinks page_links(services, request, caller);
  const auto cursor =
      PACS_TRY(page_links.read(PACS_TRY(fields.find_text("cursor", kImageCursorBytesMax))));
  index::ImagePage page;
  if (listed) {
    listed->query.page_size = static_cast<size_t>(page_size.value_or(kPageSizeDefault));
    if (cursor) listed->query.after = PACS_TRY(position_of(*cursor));
    PACS_TRY(note_read(services.edge, caller, access::audit_action::kStudyRead, listed->study_uid));
    PACS_TRY(note_read(services.edge, caller, access::audit_action::kUrlMake, listed->study_uid));
    page = PACS_TRY(services.images.list(caller.scope, listed->query));
  }
  const Links links(services, request, caller.principal, life);
  JsonWriter writer;
  writer.begin_object();
  writer.member("count", listed ? listed->count : int64_t{0});
  page_links.write(writer, "next", page.next ? std::optional(cursor_of(*page.next)) : std::nullopt);
  page_links.write(writer, "previous", std::nullopt);
  writer.key("results");
  writer.begin_array();
  for (const index::ImageRecord& image : page.images) PACS_TRY(write_image(writer, image, links));
  writer.end_array();
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace pacs::rest
