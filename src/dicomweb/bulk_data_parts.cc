#include "dicomweb/bulk_data_parts.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "core/log.h"
#include "dicom/transfer_syntax.h"
#include "dicomweb/bulk_data_paths.h"
#include "dicomweb/frame_answer.h"
#include "dicomweb/frame_parts.h"
#include "dicomweb/picture.h"
#include "dicomweb/stored_encoding.h"
#include "dicomweb/stored_values.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kPixelDataPath = "7FE00010";
constexpr std::string_view kPdfPath = "00420011";
constexpr std::string_view kPdf = "application/pdf";
constexpr std::string_view kValueType = "application/octet-stream";

bool is_pixels(std::string_view path) {
  return path == kPixelDataPath || path == "7FE00008" || path == "7FE00009";
}

bool is_any_accepted(std::span<const AcceptedType> accepted, std::string_view media_type) {
  return std::any_of(accepted.begin(), accepted.end(), [&](const AcceptedType& each) {
    return each.covers(media_type) || each.covers(kValueType);
  });
}

BulkDataPart value_part(std::shared_ptr<http::RangedBody> body, std::string media_type,
                        std::string content_type, std::string url) {
  BulkDataPart value;
  value.media_type = std::move(media_type);
  value.part.content_type = std::move(content_type);
  value.part.content_location = std::move(url);
  value.part.size_bytes = body->size();
  value.part.write = [body](ByteSink& sink) { return body->write_to(sink, 0, body->size()); };
  value.body = std::move(body);
  return value;
}

// What one instance has, gathered part by part.
class InstanceBulkData {
 public:
  InstanceBulkData(DicomwebServices& services, const index::Scope& scope,
                   const index::ImageRecord& instance, const std::string& instance_url,
                   std::span<const AcceptedType> accepted)
      : services_(services),
        scope_(scope),
        instance_(instance),
        instance_url_(instance_url),
        accepted_(accepted) {}

  Result<void> add_picture(BulkDataExtent extent) {
    const bool is_document = instance_.attributes.mime_type == kPdf;
    if (is_document && extent == BulkDataExtent::pixels) return {};
    auto opened = open_picture(services_, scope_, instance_);
    if (!opened && opened.error().code == ErrorCode::unsupported) return {};
    const std::shared_ptr<archive::PictureInstance> picture = PACS_TRY(std::move(opened));
    found_.has_values = true;
    const std::string url = url_of_value(is_document ? kPdfPath : kPixelDataPath);
    if (is_document) {
      if (!is_any_accepted(accepted_, kPdf)) return {};
      found_.parts.push_back(value_part(bulk_data_body(picture, services_.retrieve),
                                        std::string(kPdf), std::string(kPdf), url));
      return {};
    }
    const FrameEncoding encoding = encoding_in(picture->transfer_syntax());
    const bool is_accepted =
        std::any_of(accepted_.begin(), accepted_.end(),
                    [&](const AcceptedType& each) { return encoding.is_accepted_by(each); });
    if (!is_accepted) return {};
    found_.parts.push_back(value_part(bulk_data_body(picture, services_.retrieve),
                                      encoding.media_type, encoding.content_type(), url));
    return {};
  }

  Result<void> add_values(BulkDataExtent extent) {
    std::vector<std::string> paths = PACS_TRY(bulk_data_paths_of(services_, scope_, instance_));
    if (extent == BulkDataExtent::pixels) {
      const auto others = std::remove_if(paths.begin(), paths.end(),
                                         [](const auto& path) { return !is_pixels(path); });
      paths.erase(others, paths.end());
    }
    if (paths.empty()) return {};
    found_.has_values = true;
    const auto may_be_had = [&](const std::string& path) { return may_be_accepted(path); };
    if (std::none_of(paths.begin(), paths.end(), may_be_had)) return {};
    values_ = PACS_TRY(StoredValues::open(services_.retrieve, instance_));
    for (const std::string& path : paths) {
      const Result<void> added = is_pixels(path) ? add_pixels(path) : add_value(path);
      if (added) continue;
      if (added.error().code != ErrorCode::not_found) return added;
      // What the index keeps of it says that it is there; it has no bytes that could be sent.
      log_info("bulk_data_left_out",
               {{"image_id", instance_.id}, {"path", path}, {"reason", added.error().reason}});
    }
    return {};
  }

  BulkData take() { return std::move(found_); }

 private:
  // As far as the index tells: a file that cannot have what is accepted need not be opened.
  [[nodiscard]] bool may_be_accepted(std::string_view path) const {
    if (is_any_accepted(accepted_, kValueType) || path == kPdfPath) return true;
    if (!path.ends_with(kPixelDataPath) && !is_pixels(path)) return false;
    const std::string& syntax = instance_.attributes.transfer_syntax;
    const auto stored = frame_encoding_of(syntax);
    return !stored || choose_encoding(accepted_, std::optional(*stored), syntax).has_value();
  }

  [[nodiscard]] std::string url_of_value(std::string_view path) const {
    return instance_url_ + "/bulkdata/" + std::string(path);
  }

  Result<void> add_value(const std::string& path) {
    std::string type = values_->media_type_of(path);
    if (!is_any_accepted(accepted_, type)) return {};
    auto body = PACS_TRY(values_->value(path));
    found_.parts.push_back(value_part(std::move(body), type, type, url_of_value(path)));
    return {};
  }

  // Native pixels are a value like any other, which may also be wanted compressed; compressed ones
  // have frames alone.
  Result<void> add_pixels(const std::string& path) {
    const std::string& syntax = instance_.attributes.transfer_syntax;
    const bool is_native = path != kPixelDataPath || !values_->has_encapsulated_pixels();
    const auto stored =
        is_native ? Result(encoding_in(dicom::kExplicitVrLittleEndian)) : frame_encoding_of(syntax);
    const auto chosen =
        choose_encoding(accepted_, stored ? std::optional(*stored) : std::nullopt, syntax);
    if (!chosen) return {};
    const FrameEncoding& encoding = chosen->encoding;
    if (is_native && chosen->is_stored) {
      auto body = PACS_TRY(values_->value(path));
      found_.parts.push_back(value_part(std::move(body), encoding.media_type,
                                        encoding.content_type(), url_of_value(path)));
      return {};
    }
    auto table = PACS_TRY(frame_table_of(services_, scope_, instance_));
    if (chosen->is_stored) {
      const auto frames = all_frames(table->frame_count());
      return add_frames(
          stored_frame_parts(services_, values_->image(), *table, frames, encoding, instance_url_),
          encoding);
    }
    const Result<void> made = add_made_frames(std::move(table), encoding);
    if (made || made.error().code != ErrorCode::unsupported) return made;
    found_.refusal = made.error();
    return {};
  }

  // The first is made at once: an instance of which none can be made is left out.
  Result<void> add_made_frames(std::optional<dicom::FrameTable> table,
                               const FrameEncoding& encoding) {
    const auto stored = PACS_TRY(open_stored_frames(services_, instance_, std::move(table)));
    auto parts = made_frame_parts(services_, stored, all_frames(stored->count()), encoding,
                                  instance_, instance_url_);
    if (!parts.empty()) PACS_TRY(std::exchange(parts.front().open, {})(parts.front()));
    return add_frames(std::move(parts), encoding);
  }

  static std::vector<size_t> all_frames(size_t count) {
    std::vector<size_t> frames(count);
    std::iota(frames.begin(), frames.end(), size_t{0});
    return frames;
  }

  Result<void> add_frames(std::vector<AnswerPart> parts, const FrameEncoding& encoding) {
    for (AnswerPart& part : parts) {
      found_.parts.push_back({encoding.media_type, std::move(part), nullptr});
    }
    return {};
  }

  DicomwebServices& services_;
  const index::Scope& scope_;
  const index::ImageRecord& instance_;
  const std::string& instance_url_;
  const std::span<const AcceptedType> accepted_;
  std::shared_ptr<StoredValues> values_;
  BulkData found_;
};

}  // namespace

Result<BulkData> bulk_data_of(DicomwebServices& services, const index::Scope& scope,
                              const index::ImageRecord& instance, const std::string& instance_url,
                              BulkDataExtent extent, std::span<const AcceptedType> accepted) {
  InstanceBulkData gathered(services, scope, instance, instance_url, accepted);
  if (archive::is_picture(instance)) {
    PACS_TRY(gathered.add_picture(extent));
  } else {
    PACS_TRY(gathered.add_values(extent));
  }
  return gathered.take();
}

bool is_bulk_data_type(const AcceptedType& accepted) {
  const std::string_view type = accepted.essence;
  return type == kValueType || type == kPdf || type == "text/xml" || type == "model/stl" ||
         type.starts_with("image/") || type.starts_with("video/");
}

}  // namespace pacs::dicomweb
