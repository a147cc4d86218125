#include "dicomweb/routes.h"

namespace pacs::dicomweb {

void register_routes(http::Router& router, DicomwebServices& services) {
  add_retrieve_routes(router, services);
  add_metadata_routes(router, services);
  add_frame_routes(router, services);
  add_rendered_routes(router, services);
  add_thumbnail_routes(router, services);
  add_bulk_data_routes(router, services);
  add_wado_uri_route(router, services);
  add_store_routes(router, services);
  add_delete_routes(router, services);
  add_capabilities_route(router, services);
  add_search_routes(router, services);
}

}  // namespace pacs::dicomweb
