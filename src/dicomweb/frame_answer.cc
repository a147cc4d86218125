#include "dicomweb/frame_answer.h"

#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/retrieve.h"
#include "dicomweb/accepted.h"
#include "dicomweb/frame_body.h"
#include "dicomweb/frame_list.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/picture.h"
#include "dicomweb/stored_encoding.h"
#include "dicomweb/validators.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

enum class FrameForm { multipart, single };

Result<FrameForm> choose_form(const http::Request& request, const FrameEncoding& encoding,
                              size_t frame_count) {
  for (const AcceptedType& accepted : accepted_types(request)) {
    if (!encoding.is_accepted_by(accepted)) continue;
    const bool is_single = !accepted.is_multipart && accepted.essence != "*/*";
    if (is_single && frame_count != 1) continue;  // PS3.18 8.7.3.1
    return is_single ? FrameForm::single : FrameForm::multipart;
  }
  return not_acceptable("multipart/related; type=\"" + encoding.media_type +
                        "\"; transfer-syntax=" + encoding.transfer_syntax);
}

std::vector<size_t> all_of(size_t frame_count) {
  std::vector<size_t> frames(frame_count);
  std::iota(frames.begin(), frames.end(), size_t{0});
  return frames;
}

Result<dicom::FrameTable> frame_table_of(const DicomwebServices& services,
                                         const index::Scope& scope,
                                         const index::ImageRecord& instance) {
  const auto bytes = PACS_TRY(services.images.frame_table(scope, instance.id));
  if (!bytes) return not_found("no_such_frame", "the instance has no frames that are known");
  auto table = PACS_TRY(dicom::FrameTable::parse(*bytes));
  if (table.frame_count() == 0) {
    return not_found("no_such_frame", "the instance has no frames that are known");
  }
  return table;
}

Result<void> send_one(const http::Request& request, http::ResponseWriter& writer, FrameBody& body,
                      const FrameEncoding& encoding, const http::Headers& fields) {
  http::RangedResponse response;
  response.content_type = encoding.content_type();
  response.extra = fields;
  response.extra.remove("ETag");
  response.validators.etag = fields.find("ETag").value_or("");
  return http::send_ranged(request, writer, body, response);
}

Result<void> send_several(http::ResponseWriter& writer, std::vector<FrameBody>& bodies,
                          const FrameEncoding& encoding, const std::vector<size_t>& frames,
                          const std::string& instance_url, http::Headers fields) {
  std::vector<AnswerPart> parts;
  parts.reserve(bodies.size());
  for (size_t i = 0; i < bodies.size(); ++i) {
    FrameBody& body = bodies[i];
    parts.push_back(
        {.content_type = encoding.content_type(),
         .content_location = instance_url + "/frames/" + std::to_string(frames[i] + 1),
         .size_bytes = body.size(),
         .write = [&body](ByteSink& sink) { return body.write_to(sink, 0, body.size()); }});
  }
  return send_multipart(writer, std::move(fields), encoding.media_type, std::move(parts));
}

}  // namespace

Result<void> send_frames(DicomwebServices& services, const http::Request& request,
                         http::ResponseWriter& writer, const OpenedResource& opened,
                         std::optional<std::string_view> list) {
  const index::ImageRecord& instance = *opened.resource.instance;
  if (archive::is_picture(instance)) {
    return send_picture_frames(services, request, writer, opened, list);
  }
  const auto table = PACS_TRY(frame_table_of(services, opened.caller.scope, instance));
  const auto frames =
      list ? PACS_TRY(parse_frame_list(*list, table.frame_count())) : all_of(table.frame_count());
  const FrameEncoding encoding = PACS_TRY(frame_encoding_of(instance.attributes.transfer_syntax));
  const FrameForm form = PACS_TRY(choose_form(request, encoding, frames.size()));
  http::Headers fields = fields_of({instance});
  if (is_unchanged(request, fields)) return send_not_modified(writer, std::move(fields));

  auto image = PACS_TRY(services.retrieve.open(instance));
  std::vector<FrameBody> bodies;
  bodies.reserve(frames.size());
  for (const size_t frame : frames)
    bodies.emplace_back(services.retrieve, image, table.frame(frame));
  if (form == FrameForm::single) {
    return send_one(request, writer, bodies.front(), encoding, fields);
  }
  return send_several(writer, bodies, encoding, frames, url_of(services, request, instance),
                      std::move(fields));
}

}  // namespace pacs::dicomweb
