// The routes of DICOMweb under /dicom-web, a function for each transaction.
#pragma once

#include "dicomweb/dicomweb_services.h"
#include "http/router.h"

namespace pacs::dicomweb {

inline constexpr char kRoot[] = "/dicom-web";

// `services` outlives the router.
void register_routes(http::Router& router, DicomwebServices& services);

void add_search_routes(http::Router& router, DicomwebServices& services);

}  // namespace pacs::dicomweb
