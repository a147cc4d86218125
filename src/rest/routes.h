// Every route of the REST edge, by noun. Each function adds its own to the router and answers
// through the services, which outlive the router.
#pragma once

#include "http/router.h"
#include "rest/rest_services.h"

namespace pacs::rest {

// Below this a share link has its own pages, its own viewer and its own DICOMweb.
inline constexpr char kShareRoot[] = "/share/{share}";

void register_routes(http::Router& router, RestServices& services);

void add_offline_routes(http::Router& router, RestServices& services);
void add_session_routes(http::Router& router, RestServices& services);
void add_upload_status_routes(http::Router& router, RestServices& services);
void add_study_routes(http::Router& router, RestServices& services);
void add_image_routes(http::Router& router, RestServices& services);
void add_one_step_upload_route(http::Router& router, RestServices& services);
void add_resumable_upload_routes(http::Router& router, RestServices& services);
void add_media_routes(http::Router& router, RestServices& services);
void add_thumbnail_routes(http::Router& router, RestServices& services);
void add_removal_routes(http::Router& router, RestServices& services);
void add_trash_routes(http::Router& router, RestServices& services);
void add_hold_routes(http::Router& router, RestServices& services);
void add_archive_routes(http::Router& router, RestServices& services);
void add_share_routes(http::Router& router, RestServices& services);
void add_share_page_routes(http::Router& router, RestServices& services);
void add_token_routes(http::Router& router, RestServices& services);
void add_audit_routes(http::Router& router, RestServices& services);
void add_verify_routes(http::Router& router, RestServices& services);
void add_import_routes(http::Router& router, RestServices& services);
void add_health_routes(http::Router& router, RestServices& services);
void add_openapi_route(http::Router& router, RestServices& services);
void add_viewer_routes(http::Router& router, RestServices& services);
void add_viewer_bundle_routes(http::Router& router, RestServices& services);

}  // namespace pacs::rest
