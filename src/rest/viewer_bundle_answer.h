// How the OHIF viewer leaves this server: its page, its files, and what stands in their place where
// it was not built.
#pragma once

#include <string_view>

#include "core/result.h"
#include "http/request.h"
#include "http/response_writer.h"
#include "rest/rest_services.h"

namespace pacs::rest {

// What follows "/viewer/" in a path: a file of the viewer, or nothing where it has no such file.
// True when it was answered.
[[nodiscard]] bool send_bundle_file(const RestServices& services, const http::Request& request,
                                    http::ResponseWriter& writer, std::string_view name);

// The viewer's page, the same for each of its addresses; a page that says how to build the viewer
// where there is none.
[[nodiscard]] http::Response bundle_page(const RestServices& services);

}  // namespace pacs::rest
