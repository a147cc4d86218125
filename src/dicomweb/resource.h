// What a path of DICOMweb names: a study, a series of it, or an instance of that.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dicom/uid.h"
#include "dicomweb/dicomweb_services.h"
#include "edge/authorise.h"
#include "http/request.h"
#include "index/image_record.h"
#include "index/scope.h"
#include "index/series_record.h"
#include "index/study_record.h"

namespace pacs::dicomweb {

struct Resource {
  index::StudyRecord study;
  std::optional<index::SeriesRecord> series{};
  std::optional<index::ImageRecord> instance{};
};

// Of the route's parameters {study}, {series} and {instance}, as far as it has them. Errors:
// invalid_argument/bad_uid for what PS3.5 chapter 9 does not allow; not_found/no_such_study,
// no_such_series, no_such_instance for what does not exist, is not below the one before, or is not
// for this scope, all alike; not_found/gone is never told, since it would tell that it existed.
[[nodiscard]] Result<Resource> get_resource(const DicomwebServices& services,
                                            const index::Scope& scope,
                                            const http::Request& request);

// Who asks, and what for: authorised to read, found, and noted in the audit log. Errors: those of
// edge::authorise(), get_resource() and edge::note_read().
struct OpenedResource {
  edge::Caller caller;
  Resource resource;
};
[[nodiscard]] Result<OpenedResource> open_resource(const DicomwebServices& services,
                                                   const http::Request& request);

// The instances of a resource, in the order in which they are shown: also pictures, which are to be
// told as what they are in DICOM (picture.h).
[[nodiscard]] Result<std::vector<index::ImageRecord>> instances_of(const DicomwebServices& services,
                                                                   const index::Scope& scope,
                                                                   const Resource& resource);

// "https://pacs.example/dicom-web" as the request came in: below a share link's own path where it
// came by that.
[[nodiscard]] std::string root_url(const DicomwebServices& services, const http::Request& request);

// "https://pacs.example/dicom-web/studies/1.2/series/1.2.3/instances/1.2.3.4", as far as the
// resource goes.
[[nodiscard]] std::string url_of(const DicomwebServices& services, const http::Request& request,
                                 const Resource& resource);
[[nodiscard]] std::string url_of(const DicomwebServices& services, const http::Request& request,
                                 const index::ImageRecord& instance);
// Below a root_url(), for who names thousands.
[[nodiscard]] std::string url_below(std::string_view root, const index::ImageRecord& instance);

// The UID of the route's {study}, whether there is such a study or not; nothing when the route has
// none. Error: invalid_argument/bad_uid.
[[nodiscard]] Result<std::optional<dicom::StudyUid>> find_study_uid(const http::Request& request);

}  // namespace pacs::dicomweb
