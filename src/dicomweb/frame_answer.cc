#include "dicomweb/frame_answer.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/retrieve.h"
#include "dicom/transfer_syntax.h"
#include "dicomweb/accepted.h"
#include "dicomweb/frame_body.h"
#include "dicomweb/frame_list.h"
#include "dicomweb/made_frames.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/picture.h"
#include "dicomweb/stored_encoding.h"
#include "dicomweb/validators.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

// Nothing where one part is for one frame alone (PS3.18 8.7.3.1).
std::optional<FrameForm> form_for(const AcceptedType& accepted, size_t frame_count) {
  const bool is_single = !accepted.is_multipart && accepted.essence != "*/*";
  if (is_single && frame_count != 1) return std::nullopt;
  return is_single ? FrameForm::single : FrameForm::multipart;
}

struct FrameChoice {
  FrameForm form = FrameForm::multipart;
  FrameEncoding encoding;
  bool is_stored = true;
};

// What is stored goes before what has to be made, whatever the client would like best [G8].
Result<FrameChoice> choose(const http::Request& request, const Result<FrameEncoding>& stored,
                           std::string_view stored_syntax, size_t frame_count) {
  const std::vector<AcceptedType> all = accepted_types(request);
  for (const AcceptedType& accepted : all) {
    const auto form = form_for(accepted, frame_count);
    if (form && stored && stored->is_accepted_by(accepted)) return FrameChoice{*form, *stored};
  }
  for (const AcceptedType& accepted : all) {
    const auto form = form_for(accepted, frame_count);
    const auto made = made_encoding_for(accepted, stored_syntax);
    if (form && made) return FrameChoice{*form, *made, false};
  }
  if (!stored) return stored.error();
  return not_acceptable("multipart/related; type=\"" + stored->media_type +
                        "\"; transfer-syntax=" + stored->transfer_syntax);
}

std::vector<size_t> all_of(size_t frame_count) {
  std::vector<size_t> frames(frame_count);
  std::iota(frames.begin(), frames.end(), size_t{0});
  return frames;
}

// Nothing of a deflated data set, whose frames stand at no place of the file.
Result<std::optional<dicom::FrameTable>> frame_table_of(const DicomwebServices& services,
                                                        const index::Scope& scope,
                                                        const index::ImageRecord& instance) {
  const auto bytes = PACS_TRY(services.images.frame_table(scope, instance.id));
  if (bytes) {
    auto table = PACS_TRY(dicom::FrameTable::parse(*bytes));
    if (table.frame_count() > 0) return std::optional(std::move(table));
  }
  const dicom::TransferSyntax* const syntax =
      dicom::find_transfer_syntax(instance.attributes.transfer_syntax);
  if (syntax != nullptr && syntax->is_deflated && instance.attributes.rows) {
    return std::optional<dicom::FrameTable>();
  }
  return not_found("no_such_frame", "the instance has no frames that are known");
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
  auto table = PACS_TRY(frame_table_of(services, opened.caller.scope, instance));
  const size_t count = table
                           ? table->frame_count()
                           : static_cast<size_t>(std::max<int64_t>(instance.attributes.frames, 1));
  const auto frames = list ? PACS_TRY(parse_frame_list(*list, count)) : all_of(count);
  const std::string& syntax = instance.attributes.transfer_syntax;
  FrameChoice choice = PACS_TRY(choose(request, frame_encoding_of(syntax), syntax, frames.size()));
  http::Headers fields = fields_of(request, {instance});
  if (is_unchanged(request, fields)) return send_not_modified(writer, std::move(fields));
  if (!choice.is_stored) {
    return send_made_frames(services, request, writer, instance, std::move(table),
                            {std::move(choice.encoding), choice.form, frames}, std::move(fields));
  }

  auto image = PACS_TRY(services.retrieve.open(instance));
  std::vector<FrameBody> bodies;
  bodies.reserve(frames.size());
  for (const size_t frame : frames)
    bodies.emplace_back(services.retrieve, image, table->frame(frame));
  if (choice.form == FrameForm::single) {
    return send_one(request, writer, bodies.front(), choice.encoding, fields);
  }
  return send_several(writer, bodies, choice.encoding, frames, url_of(services, request, instance),
                      std::move(fields));
}

}  // namespace pacs::dicomweb
