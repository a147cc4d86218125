// The URI service (PS3.18 9): one instance by query parameters, as DICOM or as something to look
// at.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/deidentified_instance.h"
#include "archive/rendering.h"
#include "core/text.h"
#include "dicomweb/accepted.h"
#include "dicomweb/instance_answer.h"
#include "dicomweb/instance_encoding.h"
#include "dicomweb/made_body.h"
#include "dicomweb/rendered_answer.h"
#include "dicomweb/rendered_type.h"
#include "dicomweb/rendering_parameters.h"
#include "dicomweb/resource.h"
#include "dicomweb/routes.h"
#include "dicomweb/validators.h"
#include "edge/stored_file.h"
#include "http/media_type.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kDicomType = "application/dicom";

Error bad_uri_parameter(std::string_view detail) {
  return invalid_argument("bad_parameter", detail);
}

bool has_parameter(const http::Request& request, std::string_view name) {
  return request.query_parameter(name).has_value();
}

// What says how a picture looks must not come with DICOM, and the reverse (PS3.18 9.4.2 and 9.5).
Result<void> check_combination(const http::Request& request, bool is_dicom) {
  constexpr std::array<std::string_view, 10> kOfPictures = {
      "annotation",  "rows",        "columns",      "region",          "windowCenter",
      "windowWidth", "frameNumber", "imageQuality", "presentationUID", "presentationSeriesUID"};
  constexpr std::array<std::string_view, 2> kOfDicom = {"anonymize", "transferSyntax"};
  const auto is_there = [&](std::string_view name) { return has_parameter(request, name); };
  if (is_dicom && std::any_of(kOfPictures.begin(), kOfPictures.end(), is_there)) {
    return bad_uri_parameter(
        "application/dicom is sent as it is: nothing can be said of its looks");
  }
  if (!is_dicom && std::any_of(kOfDicom.begin(), kOfDicom.end(), is_there)) {
    return bad_uri_parameter("anonymize and transferSyntax are for application/dicom alone");
  }
  return {};
}

Result<bool> wants_deidentified(const http::Request& request) {
  const auto anonymize = request.query_parameter("anonymize");
  if (anonymize && *anonymize != "yes") return bad_uri_parameter("anonymize can be yes alone");
  return anonymize.has_value();
}

// The resource is that which the path of the other service would name.
Result<void> move_to_path(http::Request& request) {
  if (request.query_parameter("requestType") != "WADO") {
    return bad_uri_parameter("requestType must be WADO");
  }
  constexpr std::array<std::pair<const char*, const char*>, 3> kNames = {
      {{"studyUID", "study"}, {"seriesUID", "series"}, {"objectUID", "instance"}}};
  for (const auto& [parameter, name] : kNames) {
    const auto value = request.query_parameter(parameter);
    if (!value) return bad_uri_parameter(std::string(parameter) + " is missing");
    request.path_parameters.emplace_back(name, *value);
  }
  return {};
}

// Best first; anything where the parameter is missing. The Accept field does not count: browsers
// and viewers send what they always do.
std::vector<AcceptedType> asked_types(const http::Request& request) {
  std::vector<AcceptedType> types;
  for (const auto& range :
       http::parse_accept(request.query_parameter("contentType").value_or("*/*"))) {
    if (range.quality_permille > 0) types.push_back({.essence = range.media_type.essence()});
  }
  return types;
}

// Nothing of the answer names the instance: not its file name, and no validator made of its bytes.
Result<void> send_deidentified(DicomwebServices& services, const http::Request& request,
                               http::ResponseWriter& writer, index::ImageRecord instance) {
  const dicom::Pseudonyms pseudonyms(services.settings.pseudonym_secret);
  auto made = archive::make_deidentified(services.retrieve, std::move(instance), pseudonyms);
  if (!made && made.error().code == ErrorCode::unsupported) {
    return not_acceptable("the instance with its patient: " + made.error().detail);
  }
  if (!made) return std::move(made).error();
  const auto asked = request.query_parameter("transferSyntax");
  if (asked && *asked != "*" && *asked != (*made)->transfer_syntax()) {
    return not_acceptable("de-identified, transferSyntax=" + (*made)->transfer_syntax());
  }
  MadeBody body(**made);
  http::RangedResponse response;
  response.content_type = dicom_type((*made)->transfer_syntax());
  response.content_disposition =
      http::content_disposition(http::Disposition::attachment, "deidentified.dcm");
  response.cache_control = "private, no-store";
  response.extra.add("X-Content-Type-Options", "nosniff");
  response.extra.add("Content-Security-Policy", "default-src 'none'; sandbox");
  response.extra.add("Vary", "Authorization");
  return http::send_ranged(request, writer, body, response);
}

Result<void> send_as_dicom(DicomwebServices& services, const http::Request& request,
                           http::ResponseWriter& writer, const OpenedResource& opened) {
  auto instances = PACS_TRY(instances_of(services, opened.caller.scope, opened.resource));
  // "*" is ours here: PS3.18 9.4.2.4 knows UIDs alone.
  const auto encoding = find_encoding(instances.front(), request.query_parameter("transferSyntax"));
  if (!encoding) {
    return not_acceptable("transferSyntax=" + instances.front().attributes.transfer_syntax);
  }
  return send_instance(services, request, writer, opened.caller.scope, std::move(instances.front()),
                       *encoding);
}

// The presentation state that is named, of the study of the image (PS3.18 9.5.1.2). Nothing where
// none is. Whether it says anything of the image is seen when it is applied.
Result<std::optional<index::ImageRecord>> find_state(DicomwebServices& services,
                                                     const http::Request& request,
                                                     const OpenedResource& opened) {
  const auto uid = request.query_parameter("presentationUID");
  const auto series = request.query_parameter("presentationSeriesUID");
  if (!uid && !series) return std::optional<index::ImageRecord>();
  if (!uid || !series) {
    return bad_uri_parameter("presentationUID and presentationSeriesUID come together");
  }
  for (const std::string_view name : {"windowCenter", "windowWidth", "region"}) {
    if (has_parameter(request, name)) {
      return bad_uri_parameter("the presentation state says what is shown, not " +
                               std::string(name));
    }
  }
  const auto parsed = dicom::SopInstanceUid::parse(*uid);
  if (!parsed) return bad_uri_parameter("presentationUID is no UID");
  auto state = PACS_TRY(services.images.find(opened.caller.scope, *parsed));
  if (!state || state->series_uid.str() != *series ||
      state->study_id != opened.resource.instance->study_id) {
    return not_found("no_such_state", "the study has no such presentation state");
  }
  return state;
}

// The frame that is named, else the one that stands for all, or all of an animation.
Result<std::vector<size_t>> asked_frames_of_uri(const http::Request& request,
                                                const archive::ShownImage& image,
                                                std::string_view type) {
  if (const auto text = request.query_parameter("frameNumber")) {
    const auto number = parse_unsigned(*text);
    if (!number || *number == 0 || *number > image.frame_count()) {
      return bad_uri_parameter("frameNumber is a number from 1 to that of the frames");
    }
    return std::vector<size_t>{static_cast<size_t>(*number) - 1};
  }
  if (type != "image/gif") return std::vector<size_t>{image.representative};
  return every_frame(image);
}

Result<void> send_as_rendered(DicomwebServices& services, const http::Request& request,
                              http::ResponseWriter& writer, const OpenedResource& opened,
                              const std::vector<AcceptedType>& types) {
  const index::ImageRecord& instance = *opened.resource.instance;
  const ImageSize size{.width = static_cast<double>(instance.attributes.columns.value_or(1)),
                       .height = static_cast<double>(instance.attributes.rows.value_or(1))};
  auto terms = PACS_TRY(read_uri_terms(request, size));
  const auto state_record = PACS_TRY(find_state(services, request, opened));
  std::vector<index::ImageRecord> shown = {instance};
  if (state_record) shown.push_back(*state_record);
  http::Headers fields = fields_of(request, shown);
  if (is_unchanged(request, fields)) return send_not_modified(writer, std::move(fields));
  std::optional<archive::ShownImage> state;
  if (state_record) {
    state.emplace(PACS_TRY(services.rendering.open(opened.caller.scope, *state_record)));
    terms.presentation_state = &state->header.data_set;
  }
  archive::ShownImage image = PACS_TRY(services.rendering.open(opened.caller.scope, instance));
  for (const AcceptedType& asked : types) {
    const auto type = rendered_type_for(image, asked);
    if (!type) continue;
    auto frames = PACS_TRY(asked_frames_of_uri(request, image, *type));
    return send_rendition(services, request, writer, {image, *type, std::move(frames), terms},
                          std::move(fields));
  }
  return not_rendered_so(image);
}

Result<void> retrieve_object(DicomwebServices& services, http::Request& request,
                             http::ResponseWriter& writer) {
  PACS_TRY(move_to_path(request));
  const auto types = asked_types(request);
  if (types.empty()) return bad_uri_parameter("contentType is a media type, or some with commas");
  const bool is_dicom = types.front().essence == kDicomType;
  PACS_TRY(check_combination(request, is_dicom));
  const bool is_deidentified = PACS_TRY(wants_deidentified(request));
  const OpenedResource opened = PACS_TRY(open_resource(services, request));
  if (is_deidentified) {
    return send_deidentified(services, request, writer, *opened.resource.instance);
  }
  if (is_dicom) return send_as_dicom(services, request, writer, opened);
  return send_as_rendered(services, request, writer, opened, types);
}

}  // namespace

void add_wado_uri_route(http::Router& router, DicomwebServices& services) {
  router.add(http::Method::get, std::string(kRoot) + "/wado",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               edge::finish_stream(request, writer, retrieve_object(services, request, writer));
             });
}

}  // namespace pacs::dicomweb
