// Retrieving bulk data (PS3.18 10.4.1.1.5): the value of one attribute, by its path in the data
// set, or all of an instance, a series or a study; likewise all pixels (10.4.1.1.6).
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "archive/picture_instance.h"
#include "dicomweb/accepted.h"
#include "dicomweb/bulk_data_answer.h"
#include "dicomweb/frame_answer.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/picture.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/stored_values.h"
#include "dicomweb/validators.h"
#include "edge/stored_file.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kOctetStream = "application/octet-stream";
constexpr std::string_view kPixelData = "7FE00010";

enum class BulkForm { multipart, single };

// One value is sent as it is unless a multipart answer is what the client prefers (PS3.18 8.7.3.1).
Result<BulkForm> choose_bulk_form(const http::Request& request, const std::string& media_type) {
  for (const AcceptedType& accepted : accepted_types(request)) {
    if (!accepted.covers(media_type) && !accepted.covers(kOctetStream)) continue;
    return accepted.is_multipart ? BulkForm::multipart : BulkForm::single;
  }
  return not_acceptable(media_type);
}

Result<void> retrieve_value(DicomwebServices& services, http::Request& request,
                            http::ResponseWriter& writer, const std::string& path) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  const index::ImageRecord& instance = *opened.resource.instance;
  if (archive::is_picture(instance)) {
    return send_picture_bulk_data(services, request, writer, opened, path);
  }
  const auto values = PACS_TRY(StoredValues::open(services.retrieve, instance));
  if (path == kPixelData && values->has_encapsulated_pixels()) {
    return send_frames(services, request, writer, opened, std::nullopt);
  }
  const auto body = PACS_TRY(values->value(path));
  const std::string media_type = values->media_type_of(path);
  http::Headers fields = fields_of(request, {instance});
  if (PACS_TRY(choose_bulk_form(request, media_type)) == BulkForm::single) {
    return send_value(request, writer, *body, media_type, std::move(fields));
  }
  const AnswerPart part{
      .content_type = media_type,
      .content_location = url_of(services, request, instance) + "/bulkdata/" + path,
      .size_bytes = body->size(),
      .write = [&body](ByteSink& sink) { return body->write_to(sink, 0, body->size()); }};
  return send_multipart(writer, std::move(fields), media_type, {part});
}

Result<void> retrieve_all(DicomwebServices& services, const http::Request& request,
                          http::ResponseWriter& writer, BulkDataExtent extent) {
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  auto instances = PACS_TRY(instances_of(services, opened.caller.scope, opened.resource));
  auto answer =
      PACS_TRY(BulkDataAnswer::find(services, request, opened.caller.scope, std::move(instances),
                                    extent, accepted_types(request)));
  return answer.send(writer);
}

}  // namespace

void add_bulk_data_routes(http::Router& router, DicomwebServices& services) {
  const std::string instance =
      std::string(kRoot) + "/studies/{study}/series/{series}/instances/{instance}";
  // "54000100/1/54001010": two segments more for each sequence around it. Look-up tables of shared
  // functional groups stand within three; deeper ones than four are not named.
  const std::string levels[] = {"/{a}", "/{a}/{b}/{c}", "/{a}/{b}/{c}/{d}/{e}",
                                "/{a}/{b}/{c}/{d}/{e}/{f}/{g}",
                                "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}"};
  for (const std::string& level : levels) {
    router.add(http::Method::get, instance + "/bulkdata" + level,
               [&services](http::Request& request, http::ResponseWriter& writer) {
                 std::string path;
                 for (const auto& [name, value] : request.path_parameters) {
                   if (name.size() > 1) continue;
                   path += (path.empty() ? "" : "/") + value;
                 }
                 edge::finish_stream(request, writer,
                                     retrieve_value(services, request, writer, path));
               });
  }
  const std::string study = std::string(kRoot) + "/studies/{study}";
  for (const std::string& place : {study, study + "/series/{series}", instance}) {
    for (const BulkDataExtent extent : {BulkDataExtent::all, BulkDataExtent::pixels}) {
      router.add(
          http::Method::get, place + (extent == BulkDataExtent::all ? "/bulkdata" : "/pixeldata"),
          [&services, extent](http::Request& request, http::ResponseWriter& writer) {
            edge::finish_stream(request, writer, retrieve_all(services, request, writer, extent));
          });
    }
  }
}

}  // namespace pacs::dicomweb
