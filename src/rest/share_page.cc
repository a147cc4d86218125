#include "rest/share_page.h"

#include "http/uri.h"
#include "rest/dicom_attributes.h"
#include "rest/html.h"
#include "rest/page_frame.h"

namespace pacs::rest {
namespace {

void write_share_fact(HtmlWriter& html, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  html.raw("<div>");
  html.element("dt", name);
  html.element("dd", value);
  html.raw("</div>\n");
}

std::string share_modalities(const index::StudyRecord& study) {
  std::string text;
  for (const char c : study.modality) text += c == '\\' ? std::string(", ") : std::string(1, c);
  return text;
}

// "2026-01-31" of either spelling of the index.
std::string share_date(std::string_view date) {
  if (date.size() != 8 || date.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::string(date);
  }
  return std::string(date.substr(0, 4)) + "-" + std::string(date.substr(4, 2)) + "-" +
         std::string(date.substr(6));
}

std::string viewer_path(const SharePage& content, std::string_view study_uids) {
  return content.prefix + content.place +
         "/viewer/viewer?StudyInstanceUIDs=" + http::percent_encode(study_uids);
}

void write_shared_study(HtmlWriter& html, const SharePage& content,
                        const index::StudyRecord& study) {
  const index::StudyAttributes& attributes = study.attributes;
  const std::string name = person_name_for_people(attributes.patient_name);
  const std::string title = attributes.description.empty() ? "Study" : attributes.description;
  html.raw("<section class=\"study\">\n");
  html.element("h2", title);
  html.raw("<dl>\n");
  write_share_fact(html, "Patient", name.empty() ? "without a name" : name);
  write_share_fact(html, "Patient ID", attributes.patient_id);
  write_share_fact(html, "Born", share_date(attributes.patient_birth_date));
  write_share_fact(html, "Study date", share_date(attributes.study_date));
  write_share_fact(html, "Modality", share_modalities(study));
  write_share_fact(html, "Images", std::to_string(study.image_count));
  html.raw("</dl>\n<p class=\"actions\">");
  if (content.has_viewer) {
    html.element("a", "Open in the viewer",
                 {{"class", "button"},
                  {"href", viewer_path(content, study.study_uid.to_dicom())},
                  {"aria-label", "Open in the viewer: " + title}});
  }
  html.element(
      "a", "Download as ZIP",
      {{"href", content.prefix + content.place + "/dicom-web/studies/" +
                    http::percent_encode(study.study_uid.to_dicom()) + "?accept=application/zip"},
       {"aria-label", "Download as ZIP: " + title}});
  html.element("a", "List the images",
               {{"href", content.prefix + content.place + "/ui/studies/" +
                             http::percent_encode(study.study_uid.str()) + "/"},
                {"aria-label", "List the images: " + title}});
  html.raw("</p>\n</section>\n");
}

}  // namespace

std::string share_page(const SharePage& content) {
  HtmlWriter html;
  const bool is_one = content.studies.size() == 1;
  const std::string title =
      is_one ? "A study was shared with you"
             : std::to_string(content.studies.size()) + " studies were shared with you";
  begin_page(html, title, content.prefix);
  html.raw("<header>\n");
  html.element("h1", title);
  std::string end = to_rfc3339(content.expires_at).substr(0, 16);
  end[end.find('T')] = ' ';
  html.element("p", "This link works until " + end + " UTC.", {{"class", "facts"}});
  html.raw("</header>\n<main>\n");
  if (content.has_viewer && !is_one) {
    std::string uids;
    for (const index::StudyRecord& study : content.studies) {
      uids += (uids.empty() ? "" : ",") + study.study_uid.to_dicom();
    }
    html.raw("<p class=\"actions\">");
    html.element("a", "Open all in the viewer",
                 {{"class", "button"}, {"href", viewer_path(content, uids)}});
    html.raw("</p>\n");
  }
  for (const index::StudyRecord& study : content.studies) write_shared_study(html, content, study);
  html.raw("</main>\n<footer>Not for diagnosis. Anybody who has the link can see this.</footer>\n");
  end_page(html);
  return html.take();
}

std::string pin_page(const std::string& prefix, std::string_view action, PinProblem problem) {
  HtmlWriter html;
  begin_page(html, "This link has a PIN", prefix);
  html.raw("<main class=\"message\">\n<h1>This link has a PIN</h1>\n");
  if (problem == PinProblem::wrong) {
    html.raw("<p class=\"note problem\" role=\"alert\">This is not the PIN of this link.</p>\n");
  } else if (problem == PinProblem::blocked) {
    html.raw("<p class=\"note problem\" role=\"alert\">There were too many wrong PINs. ");
    html.raw("Wait a while, then try again.</p>\n");
  }
  html.open("form", {{"method", "post"}, {"action", action}});
  html.raw(
      "<label for=\"pin\">PIN</label>\n"
      "<input type=\"password\" id=\"pin\" name=\"pin\" required autofocus autocomplete=\"off\" "
      "maxlength=\"64\" spellcheck=\"false\" aria-describedby=\"help\"");
  if (problem == PinProblem::wrong) html.raw(" aria-invalid=\"true\"");
  html.raw(
      ">\n<p class=\"hint\" id=\"help\">Whoever sent the link has told it to you by another "
      "way.</p>\n<button type=\"submit\">Open</button>\n");
  html.close("form");
  html.raw("</main>\n");
  end_page(html);
  return html.take();
}

}  // namespace pacs::rest
