// Retrieving instances (PS3.18 10.4): of a study, a series, or one.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dicomweb/accepted.h"
#include "dicomweb/bulk_data_answer.h"
#include "dicomweb/instance_answer.h"
#include "dicomweb/instance_encoding.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/validators.h"
#include "dicomweb/zip_answer.h"
#include "dicomweb/zip_file_set.h"
#include "edge/stored_file.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kDicom = "application/dicom";
constexpr std::string_view kZip = "application/zip";

enum class Form { multipart, single, zip };

struct Choice {
  Form form;
  std::vector<InstanceEncoding> encodings;    // of each instance
  std::optional<BulkDataAnswer> bulk_data{};  // in place of the instances
};

// Nothing when one of them cannot be had so.
std::optional<std::vector<InstanceEncoding>> find_encodings(
    const std::vector<index::ImageRecord>& instances, const AcceptedType& accepted) {
  std::vector<InstanceEncoding> encodings;
  encodings.reserve(instances.size());
  for (const index::ImageRecord& instance : instances) {
    const auto encoding = find_encoding(instance, accepted.transfer_syntax);
    if (!encoding) return std::nullopt;
    encodings.push_back(*encoding);
  }
  return encodings;
}

// What of the instances is bulk data, in parts of the types that are accepted for that [R9].
Result<std::optional<BulkDataAnswer>> find_bulk_data(
    DicomwebServices& services, const http::Request& request, const index::Scope& scope,
    const std::vector<index::ImageRecord>& instances, const std::vector<AcceptedType>& all) {
  std::vector<AcceptedType> accepted;
  for (const AcceptedType& each : all) {
    if (each.is_multipart && is_bulk_data_type(each)) accepted.push_back(each);
  }
  auto found = BulkDataAnswer::find(services, request, scope, instances, BulkDataExtent::all,
                                    std::move(accepted));
  if (found) return std::optional(std::move(*found));
  const ErrorCode code = found.error().code;
  if (code != ErrorCode::unsupported && code != ErrorCode::not_found) return found.error();
  return std::optional<BulkDataAnswer>();
}

Result<Choice> choose_form(DicomwebServices& services, const http::Request& request,
                           const OpenedResource& opened,
                           const std::vector<index::ImageRecord>& instances) {
  const std::vector<AcceptedType> all = accepted_types(request);
  bool is_bulk_data_sought = false;
  for (const AcceptedType& accepted : all) {
    if (accepted.is_multipart && is_bulk_data_type(accepted) && !is_bulk_data_sought) {
      is_bulk_data_sought = true;
      auto bulk_data =
          PACS_TRY(find_bulk_data(services, request, opened.caller.scope, instances, all));
      if (bulk_data) return Choice{Form::multipart, {}, std::move(bulk_data)};
    }
    const bool is_zip = !accepted.is_multipart && accepted.essence == kZip;
    if (!is_zip && !accepted.covers(kDicom)) continue;
    // A single part is for exactly one item (PS3.18 8.7.3.1).
    const bool is_single = !accepted.is_multipart && accepted.essence == kDicom;
    if (is_single && !opened.resource.instance) continue;
    auto encodings = find_encodings(instances, accepted);
    if (!encodings) continue;
    const Form form = is_zip ? Form::zip : is_single ? Form::single : Form::multipart;
    return Choice{form, std::move(*encodings), {}};
  }
  return not_acceptable(
      "multipart/related; type=\"application/dicom\", or application/zip, in the stored encoding "
      "and, of what is not "
      "compressed, Explicit VR Little Endian; multipart/related of the types of their bulk data");
}

std::string name_in_zip(const index::ImageRecord& instance) {
  return instance.series_uid.to_dicom() + '/' + instance.image_uid.to_dicom() + ".dcm";
}

// The UID of what was asked for.
std::string zip_name(const Resource& resource) {
  const std::string uid = resource.instance ? resource.instance->image_uid.to_dicom()
                          : resource.series ? resource.series->series_uid.to_dicom()
                                            : resource.study.study_uid.to_dicom();
  return uid + ".zip";
}

Result<void> retrieve(DicomwebServices& services, http::Request& request,
                      http::ResponseWriter& writer) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  auto instances = PACS_TRY(instances_of(services, opened.caller.scope, opened.resource));
  Choice choice = PACS_TRY(choose_form(services, request, opened, instances));
  if (choice.bulk_data) return choice.bulk_data->send(writer);
  if (choice.form == Form::single) {
    return send_instance(services, request, writer, opened.caller.scope,
                         std::move(instances.front()), choice.encodings.front());
  }
  const bool is_file_set = choice.form == Form::zip && PACS_TRY(wants_dicomdir(request));
  http::Headers headers = fields_of(request, instances);
  if (is_unchanged(request, headers)) return send_not_modified(writer, std::move(headers));
  std::vector<AnswerPart> parts;
  parts.reserve(instances.size());
  for (size_t at = 0; at < instances.size(); ++at) {
    parts.push_back(
        instance_part(services, request, opened.caller.scope, instances[at], choice.encodings[at]));
  }
  if (choice.form == Form::multipart) {
    return send_multipart(writer, std::move(headers), kDicom, std::move(parts));
  }
  std::vector<ZipPart> files;
  if (is_file_set) {
    files = as_file_set(services, opened.caller.scope, std::move(instances), std::move(parts));
  } else {
    files.reserve(parts.size());
    for (size_t at = 0; at < parts.size(); ++at) {
      files.push_back({name_in_zip(instances[at]), std::move(parts[at])});
    }
  }
  return send_zip(writer, std::move(headers), zip_name(opened.resource), std::move(files));
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
