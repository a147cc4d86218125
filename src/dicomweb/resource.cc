#include "dicomweb/resource.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "access/audit_lines.h"
#include "dicom/uid.h"
#include "dicomweb/routes.h"
#include "edge/answer.h"

namespace pacs::dicomweb {
namespace {

const std::string* find_parameter(const http::Request& request, std::string_view name) {
  const auto found = std::find_if(request.path_parameters.begin(), request.path_parameters.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  return found == request.path_parameters.end() ? nullptr : &found->second;
}

template <typename Uid>
Result<Uid> parse_uid(std::string_view text) {
  auto uid = Uid::parse(text);
  if (!uid) {
    return invalid_argument("bad_uid",
                            "the path has a UID that is none (1 to 64 digits and dots): " +
                                std::string(text.substr(0, dicom::kUidSizeMax)));
  }
  return std::move(*uid);
}

Result<index::StudyRecord> get_study(const DicomwebServices& services, const index::Scope& scope,
                                     std::string_view text) {
  const auto uid = PACS_TRY(parse_uid<dicom::StudyUid>(text));
  auto study = PACS_TRY(services.studies.find(scope, uid));
  if (!study) return not_found("no_such_study", "there is no such study");
  return std::move(*study);
}

// Devices do reuse series UIDs: the one below this study is meant.
Result<index::SeriesRecord> get_series_of(const DicomwebServices& services,
                                          const index::Scope& scope,
                                          const index::StudyRecord& study, std::string_view text) {
  const auto uid = PACS_TRY(parse_uid<dicom::SeriesUid>(text));
  for (index::SeriesRecord& series : PACS_TRY(services.images.series_of_study(scope, study.id))) {
    if (series.series_uid.to_dicom() == uid.to_dicom()) return std::move(series);
  }
  auto series = PACS_TRY(services.images.find_series(scope, uid));
  if (!series || series->study_id != study.id) {
    return not_found("no_such_series", "there is no such series in this study");
  }
  return std::move(*series);
}

Result<index::ImageRecord> get_instance_of(const DicomwebServices& services,
                                           const index::Scope& scope,
                                           const index::SeriesRecord& series,
                                           std::string_view text) {
  const auto uid = PACS_TRY(parse_uid<dicom::SopInstanceUid>(text));
  auto instance = PACS_TRY(services.images.find(scope, uid));
  if (!instance || instance->series_id != series.id) {
    return not_found("no_such_instance", "there is no such instance in this series");
  }
  return std::move(*instance);
}

}  // namespace

Result<Resource> get_resource(const DicomwebServices& services, const index::Scope& scope,
                              const http::Request& request) {
  auto study = PACS_TRY(get_study(services, scope, request.path_parameter("study")));
  Resource resource{std::move(study)};
  const std::string* series = find_parameter(request, "series");
  if (series == nullptr) return resource;
  resource.series = PACS_TRY(get_series_of(services, scope, resource.study, *series));
  const std::string* instance = find_parameter(request, "instance");
  if (instance == nullptr) return resource;
  resource.instance = PACS_TRY(get_instance_of(services, scope, *resource.series, *instance));
  return resource;
}

Result<OpenedResource> open_resource(const DicomwebServices& services,
                                     const http::Request& request) {
  edge::Caller caller =
      PACS_TRY(edge::authorise(services.edge, request, access::Action::read_images));
  Resource resource = PACS_TRY(get_resource(services, caller.scope, request));
  PACS_TRY(edge::note_read(services.edge, caller, access::audit_action::kStudyRead,
                           resource.study.study_uid.str()));
  return OpenedResource{std::move(caller), std::move(resource)};
}

Result<std::vector<index::ImageRecord>> instances_of(const DicomwebServices& services,
                                                     const index::Scope& scope,
                                                     const Resource& resource) {
  std::vector<index::ImageRecord> instances;
  if (resource.instance) {
    instances.push_back(*resource.instance);
  } else {
    index::ImageQuery query;
    query.study_id = resource.study.id;
    if (resource.series) query.series_id = resource.series->id;
    query.page_size = index::ImageQuery::kPageMax;
    do {
      index::ImagePage page = PACS_TRY(services.images.list(scope, query));
      std::move(page.images.begin(), page.images.end(), std::back_inserter(instances));
      query.after = page.next;
    } while (query.after);
  }
  if (instances.empty()) {
    return not_found("no_such_instance", "there is no DICOM instance here");
  }
  return instances;
}

std::string root_url(const DicomwebServices& services, const http::Request& request) {
  const size_t place = request.raw_path.find(kRoot);
  const std::string before =
      place == std::string::npos ? std::string() : request.raw_path.substr(0, place);
  return edge::public_base(services.edge, request) + before + kRoot;
}

std::string url_of(const DicomwebServices& services, const http::Request& request,
                   const Resource& resource) {
  std::string url = root_url(services, request) + "/studies/" + resource.study.study_uid.to_dicom();
  if (resource.series) url += "/series/" + resource.series->series_uid.to_dicom();
  if (resource.instance) url += "/instances/" + resource.instance->image_uid.to_dicom();
  return url;
}

std::string url_of(const DicomwebServices& services, const http::Request& request,
                   const index::ImageRecord& instance) {
  return url_below(root_url(services, request), instance);
}

std::string url_below(std::string_view root, const index::ImageRecord& instance) {
  std::string url(root);
  url.append("/studies/").append(instance.study_uid.to_dicom());
  url.append("/series/").append(instance.series_uid.to_dicom());
  url.append("/instances/").append(instance.image_uid.to_dicom());
  return url;
}

Result<std::optional<dicom::StudyUid>> find_study_uid(const http::Request& request) {
  const std::string* study = find_parameter(request, "study");
  if (study == nullptr) return std::optional<dicom::StudyUid>();
  return std::optional(PACS_TRY(parse_uid<dicom::StudyUid>(*study)));
}

}  // namespace pacs::dicomweb
