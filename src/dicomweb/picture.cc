#include "dicomweb/picture.h"

#include <optional>
#include <utility>
#include <vector>

#include "dicom/dicom_json.h"
#include "dicomweb/frame_list.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/stored_encoding.h"
#include "dicomweb/validators.h"
#include "dicomweb/window_sink.h"
#include "edge/stored_file.h"
#include "http/conditions.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kDocumentPath = "00420011";
constexpr std::string_view kPixelPath = "7FE00010";
constexpr std::string_view kPdfType = "application/pdf";

Error no_frames() {
  return not_found("no_such_frame", "the instance is a document and has no frames");
}

// The frame of a picture, from any place: a decoded one is decoded up to there.
class PictureFrameBody final : public http::RangedBody {
 public:
  explicit PictureFrameBody(archive::PictureInstance& picture) : picture_(picture) {}
  [[nodiscard]] uint64_t size() const override { return picture_.described().frame_bytes; }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    WindowSink window(sink, offset, length);
    return window.finish(picture_.write_frame(window));
  }

 private:
  archive::PictureInstance& picture_;
};

class PictureBulkData final : public http::RangedBody {
 public:
  PictureBulkData(std::shared_ptr<archive::PictureInstance> picture,
                  archive::RetrieveService& retrieve)
      : picture_(std::move(picture)), retrieve_(retrieve) {}
  [[nodiscard]] uint64_t size() const override {
    return is_document() ? picture_->image().blob->size_bytes() : frame_.size();
  }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    if (is_document()) return retrieve_.send(picture_->image(), sink, offset, length);
    return frame_.write_to(sink, offset, length);
  }

 private:
  [[nodiscard]] bool is_document() const {
    return picture_->described().form == archive::PictureForm::document;
  }

  const std::shared_ptr<archive::PictureInstance> picture_;
  archive::RetrieveService& retrieve_;
  PictureFrameBody frame_{*picture_};
};

// Nothing when none of the accepted types is it.
std::optional<bool> wants_multipart(const http::Request& request, const FrameEncoding& encoding,
                                    size_t frame_count) {
  for (const AcceptedType& accepted : accepted_types(request)) {
    if (!encoding.is_accepted_by(accepted)) continue;
    const bool is_single = !accepted.is_multipart && accepted.essence != "*/*";
    if (is_single && frame_count != 1) continue;
    return !is_single;
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<archive::PictureInstance>> open_picture(const DicomwebServices& services,
                                                               const index::Scope& scope,
                                                               index::ImageRecord image) {
  const auto study = PACS_TRY(services.studies.find(scope, image.study_uid));
  if (!study) return not_found("no_such_study", "there is no such study");
  for (const index::SeriesRecord& series :
       PACS_TRY(services.images.series_of_study(scope, study->id))) {
    if (series.id != image.series_id) continue;
    return archive::PictureInstance::open(services.retrieve, *study, series, std::move(image));
  }
  return not_found("no_such_series", "there is no such series in this study");
}

std::string metadata_json(const archive::PictureInstance& picture) {
  dicom::DicomJsonOptions options;
  options.bulk_data_uri = [](std::string_view path) { return std::string(path); };
  return dicom::to_dicom_json(picture.described().data_set, options);
}

std::shared_ptr<http::RangedBody> bulk_data_body(std::shared_ptr<archive::PictureInstance> picture,
                                                 archive::RetrieveService& retrieve) {
  return std::make_shared<PictureBulkData>(std::move(picture), retrieve);
}

Result<void> send_picture_frames(DicomwebServices& services, const http::Request& request,
                                 http::ResponseWriter& writer, const OpenedResource& opened,
                                 std::optional<std::string_view> list) {
  const index::ImageRecord& image = *opened.resource.instance;
  const auto picture = PACS_TRY(open_picture(services, opened.caller.scope, image));
  if (picture->described().form == archive::PictureForm::document) return no_frames();
  const auto frames = list ? PACS_TRY(parse_frame_list(*list, 1)) : std::vector<size_t>{0};
  const FrameEncoding encoding = PACS_TRY(frame_encoding_of(picture->transfer_syntax()));
  const auto is_multipart = wants_multipart(request, encoding, frames.size());
  if (!is_multipart) return not_acceptable(encoding.content_type());
  http::Headers fields = fields_of(request, {image});
  if (is_unchanged(request, fields)) return send_not_modified(writer, std::move(fields));

  PictureFrameBody body(*picture);
  if (!*is_multipart) {
    http::RangedResponse response;
    response.content_type = encoding.content_type();
    response.validators.etag = fields.find("ETag").value_or("");
    fields.remove("ETag");
    response.extra = std::move(fields);
    return http::send_ranged(request, writer, body, response);
  }
  const AnswerPart part{
      .content_type = encoding.content_type(),
      .content_location = url_of(services, request, image) + "/frames/1",
      .size_bytes = body.size(),
      .write = [&body](ByteSink& sink) { return body.write_to(sink, 0, body.size()); }};
  return send_multipart(writer, std::move(fields), encoding.media_type,
                        std::vector<AnswerPart>(frames.size(), part));
}

Result<void> send_picture_bulk_data(DicomwebServices& services, const http::Request& request,
                                    http::ResponseWriter& writer, const OpenedResource& opened,
                                    const std::string& path) {
  const index::ImageRecord& image = *opened.resource.instance;
  if (path == kPixelPath && image.attributes.mime_type != kPdfType) {
    return send_picture_frames(services, request, writer, opened, std::nullopt);
  }
  if (path != kDocumentPath || image.attributes.mime_type != kPdfType) {
    return not_found("no_such_value", "the instance has no bulk data there");
  }
  for (const AcceptedType& accepted : accepted_types(request)) {
    if (!accepted.covers(kPdfType) && !accepted.covers("application/octet-stream")) continue;
    auto stored = PACS_TRY(services.retrieve.open(image));
    if (!accepted.is_multipart) {
      return edge::send_stored_file(services.retrieve, request, writer, stored, {});
    }
    const AnswerPart part{
        .content_type = std::string(kPdfType),
        .content_location = url_of(services, request, image) + "/bulkdata/" + path,
        .size_bytes = static_cast<uint64_t>(image.attributes.size_bytes),
        .write = [&](ByteSink& sink) {
          return edge::write_stored_bytes(services.retrieve, request, stored, sink);
        }};
    return send_multipart(writer, fields_of(request, {image}), kPdfType, {part});
  }
  return not_acceptable(kPdfType);
}

}  // namespace pacs::dicomweb
