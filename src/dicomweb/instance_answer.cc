#include "dicomweb/instance_answer.h"

#include <memory>
#include <string>
#include <utility>

#include "archive/made_instance.h"
#include "archive/retrieve.h"
#include "archive/transcoding.h"
#include "core/log.h"
#include "dicomweb/made_body.h"
#include "dicomweb/picture.h"
#include "dicomweb/resource.h"
#include "edge/stored_file.h"
#include "http/conditions.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

Result<void> send_made(const http::Request& request, http::ResponseWriter& writer,
                       const index::ImageRecord& instance, archive::MadeInstance& made) {
  MadeBody body(made);
  http::RangedResponse response;
  response.content_type = dicom_type(made.transfer_syntax());
  response.content_disposition = http::content_disposition(http::Disposition::attachment,
                                                           instance.image_uid.to_dicom() + ".dcm");
  response.cache_control = "private, no-cache";  // another version may make other bytes
  response.validators.etag =
      http::quoted_etag(instance.attributes.sha256.hex() + "-" + made.transfer_syntax());
  response.extra.add("X-Content-Type-Options", "nosniff");
  response.extra.add("Content-Security-Policy", "default-src 'none'; sandbox");
  response.extra.add("Vary", "Accept, Authorization");
  return http::send_ranged(request, writer, body, response);
}

void fill_stored_part(AnswerPart& part, DicomwebServices& services, const http::Request& request,
                      index::ImageRecord instance) {
  part.content_type = dicom_type(instance.attributes.transfer_syntax);
  part.size_bytes = static_cast<uint64_t>(instance.attributes.size_bytes);
  part.write = [&services, &request,
                instance = std::move(instance)](ByteSink& sink) -> Result<void> {
    auto image = PACS_TRY(services.retrieve.open(instance));
    return edge::write_stored_bytes(services.retrieve, request, image, sink);
  };
}

Result<void> fill_made_part(AnswerPart& part, DicomwebServices& services,
                            const http::Request& request, const index::Scope& scope,
                            const index::ImageRecord& instance, const InstanceEncoding& encoding) {
  auto opened = make_instance(services, scope, instance, encoding);
  if (!opened && opened.error().code == ErrorCode::unsupported) {
    // What somebody asked for is not silently something else [R5].
    if (encoding.origin == InstanceEncoding::Origin::transcoded) {
      return not_acceptable("application/dicom; transfer-syntax=* alone: " + opened.error().detail);
    }
    log_info("instance_not_made", {{"image_id", instance.id}, {"reason", opened.error().reason}});
    if (!archive::is_picture(instance)) fill_stored_part(part, services, request, instance);
    return {};
  }
  std::shared_ptr<archive::MadeInstance> made =
      PACS_TRY(std::move(opened));  // std::function copies
  part.content_type = dicom_type(made->transfer_syntax());
  part.size_bytes = made->size_bytes();
  part.write = [made](ByteSink& sink) { return made->write(sink); };
  return {};
}

}  // namespace

Result<std::unique_ptr<archive::MadeInstance>> make_instance(const DicomwebServices& services,
                                                             const index::Scope& scope,
                                                             const index::ImageRecord& instance,
                                                             const InstanceEncoding& encoding) {
  if (encoding.origin == InstanceEncoding::Origin::made_explicit) {
    return archive::make_explicit(services.retrieve, instance);
  }
  if (encoding.origin == InstanceEncoding::Origin::transcoded) {
    return services.transcoding.instance(instance, encoding.transfer_syntax);
  }
  auto picture = PACS_TRY(open_picture(services, scope, instance));
  return std::unique_ptr<archive::MadeInstance>(std::move(picture));
}

Result<void> send_instance(DicomwebServices& services, const http::Request& request,
                           http::ResponseWriter& writer, const index::Scope& scope,
                           index::ImageRecord instance, const InstanceEncoding& encoding) {
  if (encoding.origin != InstanceEncoding::Origin::stored) {
    const auto made = make_instance(services, scope, instance, encoding);
    if (made) return send_made(request, writer, instance, **made);
    if (made.error().code != ErrorCode::unsupported) return made.error();
    return not_acceptable("application/dicom; transfer-syntax=* alone: " + made.error().detail);
  }
  auto image = PACS_TRY(services.retrieve.open(std::move(instance)));
  edge::StoredFileAnswer answer;
  answer.content_type = dicom_type(image.record.attributes.transfer_syntax);
  return edge::send_stored_file(services.retrieve, request, writer, image, answer);
}

AnswerPart instance_part(DicomwebServices& services, const http::Request& request,
                         const index::Scope& scope, index::ImageRecord instance,
                         const InstanceEncoding& encoding) {
  AnswerPart part;
  part.content_location = url_of(services, request, instance);
  if (encoding.origin == InstanceEncoding::Origin::stored) {
    fill_stored_part(part, services, request, std::move(instance));
    return part;
  }
  part.open = [&services, &request, scope, instance = std::move(instance),
               encoding](AnswerPart& opened) {
    return fill_made_part(opened, services, request, scope, instance, encoding);
  };
  return part;
}

}  // namespace pacs::dicomweb
