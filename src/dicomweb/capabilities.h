// The capabilities description of PS3.18 annex H: every resource that this server has, and no
// other, since it is made from the router's own list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/router.h"

namespace pacs::dicomweb {

// `routes`: those of the whole server; `root_url`: "https://pacs.example/dicom-web".
[[nodiscard]] std::string capabilities_wadl(const std::vector<http::Router::Route>& routes,
                                            std::string_view root_url);
// The same as JSON, member by element.
[[nodiscard]] std::string capabilities_json(const std::vector<http::Router::Route>& routes,
                                            std::string_view root_url);

}  // namespace pacs::dicomweb
