// The routes of DICOMweb under /dicom-web, a function for each transaction.
#pragma once

#include <cstdint>

#include "dicomweb/dicomweb_services.h"
#include "http/router.h"

namespace pacs::dicomweb {

inline constexpr char kRoot[] = "/dicom-web";

// Of a store as a whole: a terabyte is more than any study. What bounds it sooner is each image's
// own limit and the room on the disk, which is asked for while the bytes come.
inline constexpr uint64_t kStoreRequestBytesMax = uint64_t{1} << 40;

// `services` outlives the router.
void register_routes(http::Router& router, DicomwebServices& services);

void add_retrieve_routes(http::Router& router, DicomwebServices& services);   // PS3.18 10.4
void add_metadata_routes(http::Router& router, DicomwebServices& services);   // PS3.18 10.4.1.1.2
void add_frame_routes(http::Router& router, DicomwebServices& services);      // PS3.18 10.4.1.1.6
void add_rendered_routes(http::Router& router, DicomwebServices& services);   // PS3.18 10.4.1.1.3
void add_thumbnail_routes(http::Router& router, DicomwebServices& services);  // PS3.18 10.4.1.1.4
void add_bulk_data_routes(http::Router& router, DicomwebServices& services);  // PS3.18 10.4.1.1.5
void add_wado_uri_route(http::Router& router, DicomwebServices& services);    // PS3.18 9
void add_store_routes(http::Router& router, DicomwebServices& services);
void add_delete_routes(http::Router& router, DicomwebServices& services);
// The router must outlive its own route: it is what the answer is made from.
void add_capabilities_route(http::Router& router, DicomwebServices& services);
void add_search_routes(http::Router& router, DicomwebServices& services);

}  // namespace pacs::dicomweb
