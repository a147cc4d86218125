#include "rest/viewer_bundle_answer.h"

#include <string>
#include <utility>

#include "core/log.h"
#include "http/media_type.h"
#include "http/problem.h"
#include "http/ranged_response.h"
#include "rest/page_answer.h"
#include "rest/page_frame.h"

namespace pacs::rest {
namespace {

// The page itself is held to scripts of ours. The codecs that it decodes images with run in
// workers, which take their policy from their own answer, and are glued together by functions made
// from texts: only there is that allowed.
std::string bundle_policy(const RestServices& services, bool is_script) {
  return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" +
         std::string(is_script ? " 'unsafe-eval'" : "") +
         "; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; "
         "connect-src 'self' blob: data:; worker-src 'self' blob:; font-src 'self' data:; "
         "object-src 'self' blob:; frame-src 'self' blob:; base-uri 'self'; form-action 'self'; " +
         frame_ancestors(services);
}

// Alone in its process with the files of this server: nobody else's page shares its memory.
void add_isolation(http::Headers& headers) {
  headers.add("Cross-Origin-Opener-Policy", "same-origin");
  headers.add("Cross-Origin-Embedder-Policy", "require-corp");
  headers.add("Cross-Origin-Resource-Policy", "same-origin");
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("Referrer-Policy", "no-referrer");
}

std::string absent_page(const std::string& prefix) {
  HtmlWriter html;
  begin_page(html, "The viewer is not installed", prefix);
  html.raw("<main class=\"message\">\n");
  html.element("h1", "The viewer is not installed");
  html.raw("<p>Whoever runs this server builds it with <code>make viewer</code> in the folder of ");
  html.raw("the sources, and names its folder in <code>PACS_LITE_VIEWER</code>.</p>\n</main>\n");
  end_page(html);
  return html.take();
}

}  // namespace

bool send_bundle_file(const RestServices& services, const http::Request& request,
                      http::ResponseWriter& writer, std::string_view name) {
  auto file =
      services.viewer.find(name, http::accepts_gzip(request.headers.joined("Accept-Encoding")));
  if (!file) return false;
  http::RangedResponse answer;
  answer.content_type = file->content_type;
  answer.cache_control =
      file->never_changes ? "public, max-age=604800, immutable" : "public, no-cache";
  answer.validators.etag = file->etag;
  answer.extra.add("Vary", "Accept-Encoding");
  if (file->is_packed) answer.extra.add("Content-Encoding", "gzip");
  answer.extra.add("Content-Security-Policy", bundle_policy(services, file->is_script));
  add_isolation(answer.extra);
  http::FileBody body(file->descriptor.get(), file->size_bytes);
  if (auto sent = http::send_ranged(request, writer, body, answer); !sent) {
    log_debug("answer_broken_off",
              {{"request_id", request.request_id}, {"reason", sent.error().reason}});
  }
  return true;
}

http::Response bundle_page(const RestServices& services) {
  const std::string prefix = path_prefix(services);
  auto page = services.viewer.page(prefix);
  if (!page) return page_answer(services, http::Status::not_found, absent_page(prefix));
  http::Response response{http::Status::ok, {}, std::move(*page)};
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Cache-Control", "private, no-store");
  response.headers.add("Content-Security-Policy", bundle_policy(services, false));
  response.headers.add("X-Robots-Tag", "noindex");
  add_isolation(response.headers);
  return response;
}

}  // namespace pacs::rest
