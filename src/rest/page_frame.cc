#include "rest/page_frame.h"

#include "rest/links.h"

namespace pacs::rest {

void begin_page(HtmlWriter& html, std::string_view title, const std::string& prefix) {
  html.raw(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n");
  html.element("title", title);
  html.open("link", {{"rel", "stylesheet"}, {"href", prefix + "/ui/viewer.css"}});
  html.open("link", {{"rel", "icon"}, {"href", prefix + std::string(icon::kPicture)}});
  html.raw("\n</head>\n<body>\n");
}

void end_page(HtmlWriter& html) { html.raw("</body>\n</html>\n"); }

std::string error_page(std::string_view title, std::string_view text, std::string_view prefix) {
  HtmlWriter html;
  begin_page(html, title, std::string(prefix));
  html.raw("<main class=\"message\">\n");
  html.element("h1", title);
  html.element("p", text);
  html.raw("</main>\n");
  end_page(html);
  return html.take();
}

}  // namespace pacs::rest
