// The routes of DICOMweb under /dicom-web, a function for each transaction.
#pragma once

#include "dicomweb/dicomweb_services.h"
#include "http/router.h"

namespace pacs::dicomweb {

inline constexpr char kRoot[] = "/dicom-web";

// `services` outlives the router.
void register_routes(http::Router& router, DicomwebServices& services);

void add_retrieve_routes(http::Router& router, DicomwebServices& services);   // PS3.18 10.4
void add_metadata_routes(http::Router& router, DicomwebServices& services);   // PS3.18 10.4.1.1.2
void add_frame_routes(http::Router& router, DicomwebServices& services);      // PS3.18 10.4.1.1.6
void add_bulk_data_routes(http::Router& router, DicomwebServices& services);  // PS3.18 10.4.1.1.5
void add_wado_uri_route(http::Router& router, DicomwebServices& services);    // PS3.18 9

}  // namespace pacs::dicomweb
