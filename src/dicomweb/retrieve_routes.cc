// Retrieving instances (PS3.18 10.4): of a study, a series, or one, in the stored encoding.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "archive/retrieve.h"
#include "dicomweb/accepted.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/validators.h"
#include "edge/stored_file.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kDicom = "application/dicom";

enum class Form { multipart, single };

bool is_stored_so(const std::vector<index::ImageRecord>& instances, const AcceptedType& accepted) {
  if (!accepted.transfer_syntax || *accepted.transfer_syntax == "*") return true;
  return std::all_of(instances.begin(), instances.end(), [&](const index::ImageRecord& instance) {
    return instance.attributes.transfer_syntax == *accepted.transfer_syntax;
  });
}

Result<Form> choose_form(const http::Request& request, const Resource& resource,
                         const std::vector<index::ImageRecord>& instances) {
  for (const AcceptedType& accepted : accepted_types(request)) {
    if (!accepted.covers(kDicom) || !is_stored_so(instances, accepted)) continue;
    // A single part is for exactly one item (PS3.18 8.7.3.1).
    const bool is_single = !accepted.is_multipart && accepted.essence == kDicom;
    if (is_single && !resource.instance) continue;
    return is_single ? Form::single : Form::multipart;
  }
  return not_acceptable("multipart/related; type=\"application/dicom\" in the stored encoding");
}

std::string part_type(const index::ImageRecord& instance) {
  return std::string(kDicom) + "; transfer-syntax=" + instance.attributes.transfer_syntax;
}

AnswerPart part_of(DicomwebServices& services, const http::Request& request,
                   index::ImageRecord instance) {
  AnswerPart part;
  part.content_type = part_type(instance);
  part.content_location = url_of(services, request, instance);
  part.size_bytes = static_cast<uint64_t>(instance.attributes.size_bytes);
  part.write = [&services, &request,
                instance = std::move(instance)](ByteSink& sink) -> Result<void> {
    auto image = PACS_TRY(services.retrieve.open(instance));
    return edge::write_stored_bytes(services.retrieve, request, image, sink);
  };
  return part;
}

Result<void> send_single(DicomwebServices& services, const http::Request& request,
                         http::ResponseWriter& writer, index::ImageRecord instance) {
  auto image = PACS_TRY(services.retrieve.open(std::move(instance)));
  edge::StoredFileAnswer answer;
  answer.content_type = part_type(image.record);
  return edge::send_stored_file(services.retrieve, request, writer, image, answer);
}

Result<void> retrieve(DicomwebServices& services, http::Request& request,
                      http::ResponseWriter& writer) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  auto instances = PACS_TRY(instances_of(services, opened.caller.scope, opened.resource));
  const Form form = PACS_TRY(choose_form(request, opened.resource, instances));
  if (form == Form::single) {
    return send_single(services, request, writer, std::move(instances.front()));
  }
  http::Headers headers = fields_of(instances);
  if (is_unchanged(request, headers)) return send_not_modified(writer, std::move(headers));
  std::vector<AnswerPart> parts;
  parts.reserve(instances.size());
  for (index::ImageRecord& instance : instances) {
    parts.push_back(part_of(services, request, std::move(instance)));
  }
  return send_multipart(writer, std::move(headers), kDicom, parts);
}

}  // namespace

void add_retrieve_routes(http::Router& router, DicomwebServices& services) {
  const auto handler = [&services](http::Request& request, http::ResponseWriter& writer) {
    edge::finish_stream(request, writer, retrieve(services, request, writer));
  };
  const std::string study = std::string(kRoot) + "/studies/{study}";
  router.add(http::Method::get, study, handler);
  router.add(http::Method::get, study + "/series/{series}", handler);
  router.add(http::Method::get, study + "/series/{series}/instances/{instance}", handler);
}

}  // namespace pacs::dicomweb
