#include "rest/routes.h"

namespace pacs::rest {

void register_routes(http::Router& router, RestServices& services) {
  add_offline_routes(router, services);
  add_session_routes(router, services);
  add_upload_status_routes(router, services);
  add_study_routes(router, services);
  add_image_routes(router, services);
  add_one_step_upload_route(router, services);
  add_resumable_upload_routes(router, services);
  add_removal_routes(router, services);
  add_trash_routes(router, services);
  add_hold_routes(router, services);
  add_media_routes(router, services);
  add_thumbnail_routes(router, services);
  add_archive_routes(router, services);
  add_share_routes(router, services);
  add_token_routes(router, services);
  add_audit_routes(router, services);
  add_verify_routes(router, services);
  add_import_routes(router, services);
  add_health_routes(router, services);
  add_viewer_routes(router, services);
  add_viewer_bundle_routes(router, services);
  add_share_page_routes(router, services);
  add_openapi_route(router, services);
}

}  // namespace pacs::rest
