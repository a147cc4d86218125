#include "dicomweb/frame_parts.h"

#include <utility>

#include "archive/transcoding.h"
#include "dicomweb/accepted.h"
#include "dicomweb/frame_body.h"

namespace pacs::dicomweb {
namespace {

// What a codec says of the pixels is no mistake of who asks.
Error cannot_be_made(Error error, const std::string& stored_syntax) {
  if (error.code != ErrorCode::unsupported) return error;
  const auto stored = frame_encoding_of(stored_syntax);
  return unsupported("not_acceptable", "the frame cannot be had so: " + error.detail +
                                           "; it is stored as " +
                                           (stored ? stored->content_type() : stored_syntax));
}

std::string frame_url(const std::string& instance_url, size_t frame) {
  return instance_url + "/frames/" + std::to_string(frame + 1);
}

}  // namespace

std::vector<AnswerPart> stored_frame_parts(DicomwebServices& services,
                                           const std::shared_ptr<archive::OpenedImage>& image,
                                           const dicom::FrameTable& table,
                                           std::span<const size_t> frames,
                                           const FrameEncoding& encoding,
                                           const std::string& instance_url) {
  std::vector<AnswerPart> parts;
  parts.reserve(frames.size());
  for (const size_t frame : frames) {
    // std::function copies.
    const auto body = std::make_shared<FrameBody>(services.retrieve, *image, table.frame(frame));
    parts.push_back(
        {.content_type = encoding.content_type(),
         .content_location = frame_url(instance_url, frame),
         .size_bytes = body->size(),
         .write = [image, body](ByteSink& sink) { return body->write_to(sink, 0, body->size()); }});
  }
  return parts;
}

Result<ByteVector> make_frame(DicomwebServices& services, const archive::StoredFrames& stored,
                              size_t frame, const FrameEncoding& encoding,
                              const std::string& stored_syntax) {
  auto bytes = services.transcoding.frame_alone(stored, frame, encoding.transfer_syntax);
  if (!bytes) return cannot_be_made(std::move(bytes).error(), stored_syntax);
  return bytes;
}

Result<std::shared_ptr<archive::StoredFrames>> open_stored_frames(
    DicomwebServices& services, const index::ImageRecord& instance,
    std::optional<dicom::FrameTable> table) {
  auto opened = services.transcoding.open(instance, std::move(table));
  if (!opened) {
    return cannot_be_made(std::move(opened).error(), instance.attributes.transfer_syntax);
  }
  return std::shared_ptr<archive::StoredFrames>(std::move(*opened));
}

std::vector<AnswerPart> made_frame_parts(DicomwebServices& services,
                                         const std::shared_ptr<archive::StoredFrames>& stored,
                                         std::span<const size_t> frames,
                                         const FrameEncoding& encoding,
                                         const index::ImageRecord& instance,
                                         const std::string& instance_url) {
  std::vector<AnswerPart> parts(frames.size());
  for (size_t at = 0; at < parts.size(); ++at) {
    parts[at].open = [&services, stored, frame = frames[at], encoding,
                      syntax = instance.attributes.transfer_syntax,
                      url = frame_url(instance_url, frames[at])](AnswerPart& part) -> Result<void> {
      // std::function copies.
      const auto bytes = std::make_shared<const ByteVector>(
          PACS_TRY(make_frame(services, *stored, frame, encoding, syntax)));
      part.content_type = encoding.content_type();
      part.content_location = url;
      part.size_bytes = bytes->size();
      part.write = [bytes](ByteSink& sink) { return sink.write(*bytes); };
      return {};
    };
  }
  return parts;
}

}  // namespace pacs::dicomweb
