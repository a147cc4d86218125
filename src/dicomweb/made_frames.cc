#include "dicomweb/made_frames.h"

#include <utility>

#include "dicomweb/frame_parts.h"
#include "dicomweb/multipart_answer.h"
#include "http/ranged_body.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {

Result<void> send_made_frames(DicomwebServices& services, const http::Request& request,
                              http::ResponseWriter& writer, const index::ImageRecord& instance,
                              std::optional<dicom::FrameTable> table, MadeFrames wanted,
                              http::Headers fields) {
  const auto stored = PACS_TRY(open_stored_frames(services, instance, std::move(table)));
  for (const size_t index : wanted.frames) {
    if (index >= stored->count()) {
      return not_found("no_such_frame", "the instance has fewer frames than its data set states");
    }
  }
  if (wanted.form == FrameForm::single) {
    const ByteVector bytes =
        PACS_TRY(make_frame(services, *stored, wanted.frames.front(), wanted.encoding,
                            instance.attributes.transfer_syntax));
    http::MemoryBody body(bytes);
    http::RangedResponse response;
    response.content_type = wanted.encoding.content_type();
    response.validators.etag = fields.find("ETag").value_or("");
    fields.remove("ETag");
    response.extra = std::move(fields);
    return http::send_ranged(request, writer, body, response);
  }
  return send_multipart(writer, std::move(fields), wanted.encoding.media_type,
                        made_frame_parts(services, stored, wanted.frames, wanted.encoding, instance,
                                         url_of(services, request, instance)));
}

}  // namespace pacs::dicomweb
