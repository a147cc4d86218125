#include "dicomweb/routes.h"

namespace pacs::dicomweb {

void register_routes(http::Router& router, DicomwebServices& services) {
  add_search_routes(router, services);
}

}  // namespace pacs::dicomweb
