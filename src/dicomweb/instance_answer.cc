#include "dicomweb/instance_answer.h"

#include <memory>
#include <string>
#include <utility>

#include "archive/made_instance.h"
#include "archive/retrieve.h"
#include "core/log.h"
#include "dicomweb/made_body.h"
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
                            const http::Request& request, const index::ImageRecord& instance) {
  auto opened = archive::make_explicit(services.retrieve, instance);
  if (!opened && opened.error().code == ErrorCode::unsupported) {
    log_info("instance_not_explicit",
             {{"image_id", instance.id}, {"reason", opened.error().reason}});
    fill_stored_part(part, services, request, instance);
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

Result<void> send_instance(DicomwebServices& services, const http::Request& request,
                           http::ResponseWriter& writer, index::ImageRecord instance,
                           InstanceEncoding encoding) {
  if (encoding == InstanceEncoding::made_explicit) {
    const auto made = archive::make_explicit(services.retrieve, instance);
    if (made) return send_made(request, writer, instance, **made);
    if (made.error().code != ErrorCode::unsupported) return made.error();
    return not_acceptable("application/dicom; transfer-syntax=*: " + made.error().detail);
  }
  auto image = PACS_TRY(services.retrieve.open(std::move(instance)));
  edge::StoredFileAnswer answer;
  answer.content_type = dicom_type(image.record.attributes.transfer_syntax);
  return edge::send_stored_file(services.retrieve, request, writer, image, answer);
}

AnswerPart instance_part(DicomwebServices& services, const http::Request& request,
                         index::ImageRecord instance, InstanceEncoding encoding) {
  AnswerPart part;
  part.content_location = url_of(services, request, instance);
  if (encoding == InstanceEncoding::stored) {
    fill_stored_part(part, services, request, std::move(instance));
    return part;
  }
  part.open = [&services, &request, instance = std::move(instance)](AnswerPart& opened) {
    return fill_made_part(opened, services, request, instance);
  };
  return part;
}

}  // namespace pacs::dicomweb
