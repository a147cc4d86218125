#include "rest/sign_in_page.h"

#include <algorithm>

#include "rest/html.h"
#include "rest/page_frame.h"

namespace pacs::rest {
namespace {

void write_sign_in_form(HtmlWriter& html, const SignInPage& content) {
  if (content.was_refused) {
    html.raw(
        "<p class=\"note problem\" role=\"alert\" id=\"problem\">This token is not good here: ");
    html.raw("it is mistyped, has expired or was revoked.</p>\n");
  }
  html.open("form", {{"method", "post"}, {"action", content.prefix + "/viewer/login"}});
  html.open("input", {{"type", "hidden"}, {"name", "next"}, {"value", content.next}});
  html.raw(
      "<label for=\"token\">Access token</label>\n"
      "<input type=\"password\" id=\"token\" name=\"token\" required autofocus "
      "autocomplete=\"current-password\" spellcheck=\"false\" aria-describedby=\"help\"");
  if (content.was_refused) html.raw(" aria-invalid=\"true\"");
  html.raw(
      ">\n<p class=\"hint\" id=\"help\">Whoever runs this archive makes it: "
      "<code>pacs-lite token create --name NAME --role reader</code>. You are signed in until the "
      "browser is "
      "closed.</p>\n<button type=\"submit\">Sign in</button>\n");
  html.close("form");
}

void write_sign_out_form(HtmlWriter& html, const SignInPage& content) {
  html.element("p", "You are signed in as " + content.name + ".");
  html.raw("<p>");
  html.element("a", "Go to the viewer", {{"href", content.prefix + content.next}});
  html.raw("</p>\n");
  html.open("form", {{"method", "post"}, {"action", content.prefix + "/viewer/logout"}});
  html.raw("<button type=\"submit\">Sign out</button>\n");
  html.close("form");
}

}  // namespace

std::string sign_in_page(const SignInPage& content) {
  HtmlWriter html;
  begin_page(html, "Sign in to the viewer", content.prefix);
  html.raw("<main class=\"message\">\n<h1>Sign in to the viewer</h1>\n");
  if (content.name.empty()) {
    write_sign_in_form(html, content);
  } else {
    write_sign_out_form(html, content);
  }
  html.raw("</main>\n");
  end_page(html);
  return html.take();
}

std::string path_to_go_on_to(std::string_view wanted) {
  constexpr std::string_view kViewer = "/viewer/";
  constexpr size_t kPathMax = 4096;
  const bool is_plain = std::all_of(wanted.begin(), wanted.end(),
                                    [](char c) { return c > ' ' && c < 127 && c != '\\'; });
  const bool is_ours = wanted.starts_with(kViewer) && wanted.size() <= kPathMax && is_plain;
  return std::string(is_ours ? wanted : kViewer);
}

}  // namespace pacs::rest
