#include "rest/study_images.h"

#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "archive/declared_metadata.h"
#include "rest/record_json.h"

namespace pacs::rest {
namespace {

using archive::DeclaredMetadata;
using index::ImageRecord;
using index::SeriesRecord;
using index::UploadRecord;

struct PendingImage {
  UploadRecord upload;
  DeclaredMetadata declared;
};

// What was declared was checked when it came.
PendingImage pending_image(UploadRecord upload) {
  auto json = JsonValue::parse(upload.image_metadata);
  auto declared = json ? DeclaredMetadata::from_json(*json) : DeclaredMetadata{};
  return {std::move(upload), declared ? std::move(*declared) : DeclaredMetadata{}};
}

void write_pending_image(JsonWriter& writer, const PendingImage& image,
                         const index::StudyRecord& study, const Links& links) {
  const auto& [upload, declared] = image;
  writer.begin_object();
  writer.key("id");
  writer.null();
  writer.member("image_uuid", upload.key.image_uuid.str());
  write_text_or_null(writer, "image_uid", declared.image_uid ? declared.image_uid->str() : "");
  write_text_or_null(writer, "series_uid", declared.series_uid ? declared.series_uid->str() : "");
  writer.member("study", study.id);
  writer.member("study_uid", study.study_uid.str());
  writer.member("filename", upload.filename);
  writer.member("file_size", upload.file_size);
  writer.member("mime_type", upload.mime_type);
  writer.member("checksum", upload.checksum.hex());
  writer.member("instance_number", declared.instance_number);
  writer.member("pixels", "pending");
  writer.key("image_url");
  writer.null();
  writer.member("thumbnail_url", links.absolute(icon::kPending));
  writer.member("uploaded_by_name", upload.owner_name);
  writer.end_object();
}

// A series of which no image is there yet.
void write_pending_series(JsonWriter& writer, const std::vector<PendingImage>& images,
                          const index::StudyRecord& study, const Links& links) {
  const DeclaredMetadata& declared = images.front().declared;
  writer.begin_object();
  writer.key("id");
  writer.null();
  write_text_or_null(writer, "series_uid", declared.series_uid ? declared.series_uid->str() : "");
  writer.member("series_number", declared.series_number);
  writer.member("series_description", declared.series_description);
  writer.member("description", declared.series_description);
  writer.member("modality", declared.modality);
  writer.member("body_part", declared.body_part);
  writer.member("image_count", int64_t{0});
  writer.key("images");
  writer.begin_array();
  for (const PendingImage& image : images) write_pending_image(writer, image, study, links);
  writer.end_array();
  writer.end_object();
}

// By the series' id, or by the declared UID of a series that is not there.
struct PendingBySeries {
  std::map<int64_t, std::vector<PendingImage>> known;
  std::map<std::string, std::vector<PendingImage>> unknown;
};

Result<PendingBySeries> group_pending(const RestServices& services, const edge::Caller& caller,
                                      int64_t study_id) {
  PendingBySeries groups;
  auto uploads = PACS_TRY(list_pending_uploads(services, caller.scope, study_id));
  std::map<std::string, std::optional<int64_t>> ids;  // of declared UIDs, each looked up once
  for (UploadRecord& upload : uploads) {
    PendingImage image = pending_image(std::move(upload));
    const std::string uid = image.declared.series_uid ? image.declared.series_uid->str() : "";
    if (!ids.contains(uid) && image.declared.series_uid) {
      const auto series =
          PACS_TRY(services.images.find_series(caller.scope, *image.declared.series_uid));
      if (series && series->study_id == study_id) ids[uid] = series->id;
    }
    const std::optional<int64_t> id = ids[uid];
    if (id) {
      groups.known[*id].push_back(std::move(image));
    } else {
      groups.unknown[uid].push_back(std::move(image));
    }
  }
  return groups;
}

Result<void> write_series_with(JsonWriter& writer, const SeriesRecord& series,
                               const std::vector<ImageRecord>& images,
                               const std::vector<PendingImage>& pending,
                               const index::StudyRecord* study, const Links& links) {
  writer.begin_object();
  write_series_members(writer, series);
  writer.key("images");
  writer.begin_array();
  for (const ImageRecord& image : images) PACS_TRY(write_image(writer, image, links));
  for (const PendingImage& image : pending) write_pending_image(writer, image, *study, links);
  writer.end_array();
  writer.end_object();
  return {};
}

}  // namespace

Result<std::vector<UploadRecord>> list_pending_uploads(const RestServices& services,
                                                       const index::Scope& scope,
                                                       int64_t study_id) {
  std::vector<UploadRecord> pending;
  index::UploadQuery query;
  query.study_id = study_id;
  query.statuses = {index::UploadStatus::metadata_uploaded, index::UploadStatus::failed};
  query.ordering = index::UploadQuery::Ordering::oldest_first;
  for (;;) {
    auto page = PACS_TRY(services.uploads.list(scope, query));
    const bool is_last = page.size() < query.limit;
    if (!page.empty()) query.after_id = page.back().id;
    for (UploadRecord& upload : page) {
      if (!upload.image_id) pending.push_back(std::move(upload));
    }
    if (is_last) return pending;
  }
}

Result<std::vector<ImageRecord>> list_images(const RestServices& services,
                                             const index::Scope& scope, index::ImageQuery query) {
  std::vector<ImageRecord> images;
  query.page_size = index::ImageQuery::kPageMax;
  do {
    index::ImagePage page = PACS_TRY(services.images.list(scope, query));
    std::move(page.images.begin(), page.images.end(), std::back_inserter(images));
    query.after = page.next;
  } while (query.after);
  return images;
}

Result<void> write_series(JsonWriter& writer, const SeriesRecord& series,
                          const std::vector<ImageRecord>& images, const Links& links) {
  return write_series_with(writer, series, images, {}, nullptr, links);
}

Result<void> write_study_images(JsonWriter& writer, const RestServices& services,
                                const edge::Caller& caller, const index::StudyRecord& study,
                                const Links& links) {
  const auto all_series = PACS_TRY(services.images.series_of_study(caller.scope, study.id));
  index::ImageQuery query;
  query.study_id = study.id;
  std::map<int64_t, std::vector<ImageRecord>> images;
  for (ImageRecord& image : PACS_TRY(list_images(services, caller.scope, query))) {
    images[image.series_id].push_back(std::move(image));
  }
  PendingBySeries pending = PACS_TRY(group_pending(services, caller, study.id));

  writer.begin_object();
  writer.member("study_uid", study.study_uid.str());
  writer.member("study_description", study.attributes.description);
  writer.key("study");
  write_study(writer, study);
  writer.key("series");
  writer.begin_array();
  for (const SeriesRecord& series : all_series) {
    PACS_TRY(write_series_with(writer, series, images[series.id], pending.known[series.id], &study,
                               links));
  }
  for (const auto& [uid, group] : pending.unknown) {
    write_pending_series(writer, group, study, links);
  }
  writer.end_array();
  writer.end_object();
  return {};
}

}  // namespace pacs::rest
