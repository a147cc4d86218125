#include "dicomweb/routes.h"

namespace pacs::dicomweb {

void register_routes(http::Router& router, DicomwebServices& services) {
  (void)router, (void)services;
}

}  // namespace pacs::dicomweb
