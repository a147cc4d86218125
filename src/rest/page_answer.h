// Answers that are pages of our own: their security fields, and how errors look on them.
#pragma once

#include <string>

#include "core/error.h"
#include "http/request.h"
#include "http/response.h"
#include "rest/rest_services.h"

namespace pacs::rest {

// Where our paths begin behind a proxy: the path of PACS_LITE_PUBLIC_URL; mostly empty.
[[nodiscard]] std::string path_prefix(const RestServices& services);

// "frame-ancestors 'self'", as PACS_LITE_FRAME_ANCESTORS says.
[[nodiscard]] std::string frame_ancestors(const RestServices& services);

enum class Forms { none, to_us };

// A page without scripts; a form on it may be sent to this server alone. The address may hold a
// secret: no other site learns it, and no cache keeps the page.
[[nodiscard]] http::Response page_answer(const RestServices& services, http::Status status,
                                         std::string html, Forms forms = Forms::none);

// What went wrong, in words for whoever opened a page; those of 401 speak of a link.
[[nodiscard]] http::Response error_page_answer(const RestServices& services, const Error& error);

// May this POST come from a page of ours? What a browser says of the page that sent it
// (Sec-Fetch-Site, else Origin) must not name another site; other clients say nothing.
[[nodiscard]] bool is_from_our_page(const http::Request& request);

// Do answers reach the client over TLS, with us or with the proxy in front? Then cookies are
// Secure.
[[nodiscard]] bool is_over_tls(const RestServices& services, const http::Request& request);

}  // namespace pacs::rest
