#include "dicomweb/made_frames.h"

#include <memory>
#include <string>
#include <utility>

#include "archive/transcoding.h"
#include "dicomweb/accepted.h"
#include "dicomweb/multipart_answer.h"
#include "http/ranged_body.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

// What a codec says of the pixels is no mistake of who asks.
Error made_error(Error error, const index::ImageRecord& instance) {
  if (error.code != ErrorCode::unsupported) return error;
  const auto stored = frame_encoding_of(instance.attributes.transfer_syntax);
  return unsupported("not_acceptable",
                     "the frame cannot be had so: " + error.detail + "; it is stored as " +
                         (stored ? stored->content_type() : instance.attributes.transfer_syntax));
}

}  // namespace

Result<void> send_made_frames(DicomwebServices& services, const http::Request& request,
                              http::ResponseWriter& writer, const index::ImageRecord& instance,
                              std::optional<dicom::FrameTable> table, MadeFrames wanted,
                              http::Headers fields) {
  auto opened = services.transcoding.open(instance, std::move(table));
  if (!opened) return made_error(std::move(opened).error(), instance);
  const archive::StoredFrames& stored = **opened;
  for (const size_t index : wanted.frames) {
    if (index >= stored.count()) {
      return not_found("no_such_frame", "the instance has fewer frames than its data set states");
    }
  }
  const auto make = [&](size_t index) -> Result<ByteVector> {
    auto bytes = services.transcoding.frame_alone(stored, index, wanted.encoding.transfer_syntax);
    if (!bytes) return made_error(std::move(bytes).error(), instance);
    return bytes;
  };
  if (wanted.form == FrameForm::single) {
    const ByteVector bytes = PACS_TRY(make(wanted.frames.front()));
    http::MemoryBody body(bytes);
    http::RangedResponse response;
    response.content_type = wanted.encoding.content_type();
    response.validators.etag = fields.find("ETag").value_or("");
    fields.remove("ETag");
    response.extra = std::move(fields);
    return http::send_ranged(request, writer, body, response);
  }
  std::vector<AnswerPart> parts(wanted.frames.size());
  const std::string url = url_of(services, request, instance) + "/frames/";
  for (size_t at = 0; at < parts.size(); ++at) {
    parts[at].open = [&, at](AnswerPart& part) -> Result<void> {
      const size_t index = wanted.frames[at];
      // std::function copies.
      const auto bytes = std::make_shared<const ByteVector>(PACS_TRY(make(index)));
      part.content_type = wanted.encoding.content_type();
      part.content_location = url + std::to_string(index + 1);
      part.size_bytes = bytes->size();
      part.write = [bytes](ByteSink& sink) { return sink.write(*bytes); };
      return {};
    };
  }
  return send_multipart(writer, std::move(fields), wanted.encoding.media_type, std::move(parts));
}

}  // namespace pacs::dicomweb
