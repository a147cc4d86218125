#include "dicomweb/routes.h"

namespace pacs::dicomweb {

void register_routes(http::Router& router, DicomwebServices& services) {
  add_store_routes(router, services);
  add_delete_routes(router, services);
  add_capabilities_route(router, services);
}

}  // namespace pacs::dicomweb
