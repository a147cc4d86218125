#include "dicomweb/frame_answer.h"

#include <algorithm>
#include <memory>
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
#include "dicomweb/frame_parts.h"
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
  ChosenEncoding encoding;
};

Result<FrameChoice> choose(const http::Request& request, const Result<FrameEncoding>& stored,
                           std::string_view stored_syntax, size_t frame_count) {
  std::vector<AcceptedType> possible;
  for (AcceptedType& accepted : accepted_types(request)) {
    if (form_for(accepted, frame_count)) possible.push_back(std::move(accepted));
  }
  auto encoding =
      choose_encoding(possible, stored ? std::optional(*stored) : std::nullopt, stored_syntax);
  if (encoding) {
    const FrameForm form = *form_for(possible[encoding->accepted], frame_count);
    return FrameChoice{form, std::move(*encoding)};
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

Result<void> send_one(const http::Request& request, http::ResponseWriter& writer, FrameBody& body,
                      const FrameEncoding& encoding, const http::Headers& fields) {
  http::RangedResponse response;
  response.content_type = encoding.content_type();
  response.extra = fields;
  response.extra.remove("ETag");
  response.validators.etag = fields.find("ETag").value_or("");
  return http::send_ranged(request, writer, body, response);
}

}  // namespace

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
  const FrameChoice choice =
      PACS_TRY(choose(request, frame_encoding_of(syntax), syntax, frames.size()));
  http::Headers fields = fields_of(request, {instance});
  if (is_unchanged(request, fields)) return send_not_modified(writer, std::move(fields));
  const FrameEncoding& encoding = choice.encoding.encoding;
  if (!choice.encoding.is_stored) {
    return send_made_frames(services, request, writer, instance, std::move(table),
                            {encoding, choice.form, frames}, std::move(fields));
  }
  // std::function copies.
  const auto image =
      std::make_shared<archive::OpenedImage>(PACS_TRY(services.retrieve.open(instance)));
  if (choice.form == FrameForm::single) {
    FrameBody body(services.retrieve, *image, table->frame(frames.front()));
    return send_one(request, writer, body, encoding, fields);
  }
  return send_multipart(writer, std::move(fields), encoding.media_type,
                        stored_frame_parts(services, image, *table, frames, encoding,
                                           url_of(services, request, instance)));
}

}  // namespace pacs::dicomweb
