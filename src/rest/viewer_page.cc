#include "rest/viewer_page.h"

#include <array>
#include <cstdio>
#include <utility>

#include "http/uri.h"
#include "rest/html.h"
#include "rest/links.h"
#include "rest/page_frame.h"

namespace pacs::rest {
namespace {

std::string bytes_for_people(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 1000 && unit + 1 < kUnits.size()) {
    size /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 || size >= 100 ? "%.0f %s" : "%.1f %s", size,
                kUnits[unit]);
  return text.data();
}

std::string count_of(int64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// "CT\\SR" of the index as "CT, SR".
std::string modalities_of(const index::StudyRecord& study) {
  std::string text;
  for (const char c : study.modality) text += c == '\\' ? std::string(", ") : std::string(1, c);
  return text;
}

std::string title_of(const index::StudyRecord& study) {
  const std::string name = person_name_for_people(study.attributes.patient_name);
  return name.empty() ? "Study without a patient name" : name;
}

void write_fact(HtmlWriter& html, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  html.raw("<div>");
  html.element("dt", name);
  html.element("dd", value);
  html.raw("</div>\n");
}

void write_header(HtmlWriter& html, const index::StudyRecord& study) {
  const index::StudyAttributes& attributes = study.attributes;
  html.raw("<header>\n");
  html.element("h1", title_of(study));
  html.raw("<dl>\n");
  write_fact(html, "Patient ID", attributes.patient_id);
  write_fact(html, "Born", attributes.patient_birth_date);
  write_fact(html, "Sex", attributes.patient_sex);
  write_fact(html, "Study date", attributes.study_date);
  write_fact(html, "Study", attributes.description);
  write_fact(html, "Modality", modalities_of(study));
  write_fact(html, "Accession", attributes.accession_number);
  write_fact(html, "Images", std::to_string(study.image_count));
  html.raw("</dl>\n</header>\n");
}

std::string caption_of(const index::ImageRecord& image) {
  const index::ImageAttributes& attributes = image.attributes;
  std::string caption;
  if (attributes.instance_number) {
    caption = "Image " + std::to_string(*attributes.instance_number) + " · ";
  }
  if (attributes.rows && attributes.columns) {
    caption +=
        std::to_string(*attributes.columns) + " × " + std::to_string(*attributes.rows) + " · ";
  }
  if (attributes.frames > 1) caption += count_of(attributes.frames, "frame") + " · ";
  return caption + bytes_for_people(attributes.size_bytes);
}

void write_caption(HtmlWriter& html, const index::ImageRecord& image, const PagePaths& paths) {
  html.raw("<div class=\"caption\">\n");
  html.element("span", image.attributes.filename, {{"class", "filename"}});
  html.element("span", caption_of(image), {{"class", "facts"}});
  html.raw("<span class=\"links\">");
  if (image.attributes.mime_type == "application/dicom") {
    html.element("a", "Attributes", {{"href", paths.attributes(image)}});
  }
  html.element("a", "Download", {{"href", paths.download(image)}});
  html.raw("</span></div>\n");
}

// A reader of the page with a keyboard or a screen reader goes from heading to heading.
void write_image_heading(HtmlWriter& html, const index::ImageRecord& image,
                         const PagePaths& paths) {
  html.raw("<h2>");
  html.text(image.attributes.filename);
  html.element("small", caption_of(image));
  html.raw("</h2>\n<p>");
  html.element("a", "Download", {{"href", paths.download(image)}});
  html.raw("</p>\n");
  html.open("img", {{"class", "large"},
                    {"src", paths.large_picture(image)},
                    {"alt", image.attributes.filename}});
}

void write_image(HtmlWriter& html, const index::ImageRecord& image, const PagePaths& paths) {
  const std::string& mime_type = image.attributes.mime_type;
  const std::string file = paths.file(image);
  if (is_picture(mime_type)) {
    html.open("li", {{"class", "picture"}});
    html.open("a", {{"href", file}});
    html.open("img", {{"src", file}, {"alt", image.attributes.filename}, {"loading", "lazy"}});
    html.close("a");
  } else if (mime_type == "application/pdf") {
    html.open("li", {{"class", "document"}});
    html.open(
        "object",
        {{"data", file}, {"type", "application/pdf"}, {"aria-label", image.attributes.filename}});
    html.raw("<p>This browser does not show documents within a page. ");
    html.element("a", "Open the document", {{"href", file}});
    html.raw("</p>");
    html.close("object");
  } else {
    html.open("li", {{"class", "picture"}});
    html.open("a", {{"href", paths.attributes(image)}});
    html.open("img", {{"src", paths.small_picture(image)},
                      {"alt", image.attributes.filename},
                      {"loading", "lazy"}});
    html.close("a");
  }
  write_caption(html, image, paths);
  html.close("li");
}

void write_attribute_table(HtmlWriter& html, const std::vector<AttributeRow>& rows) {
  html.raw(
      "<div class=\"table\"><table>\n<thead><tr><th scope=\"col\">Tag</th>"
      "<th scope=\"col\">Name</th><th scope=\"col\">VR</th><th scope=\"col\">Value</th></tr>"
      "</thead>\n<tbody>\n");
  for (const AttributeRow& row : rows) {
    html.open("tr", {{"class", "depth-" + std::to_string(row.depth)}});
    html.element("td", row.tag, {{"class", "tag"}});
    html.element("td", row.keyword);
    html.element("td", row.vr);
    html.element("td", row.value, {{"class", "value"}});
    html.close("tr");
  }
  html.raw("</tbody></table></div>\n");
  if (rows.size() >= kAttributeRowsMax) {
    html.raw("<p class=\"note\">There are more attributes; the file has them all.</p>\n");
  }
}

void write_series(HtmlWriter& html, const ShownSeries& series, const PagePaths& paths) {
  const index::SeriesAttributes& attributes = series.record.attributes;
  html.raw("<section>\n<h2>");
  html.text(attributes.number ? "Series " + std::to_string(*attributes.number) : "Series");
  if (!attributes.description.empty()) html.text(" · " + attributes.description);
  std::string facts = attributes.modality;
  if (!attributes.body_part.empty()) facts += (facts.empty() ? "" : " · ") + attributes.body_part;
  facts += (facts.empty() ? "" : " · ") + count_of(series.record.image_count, "image");
  html.element("small", facts);
  html.raw("</h2>\n<ul class=\"images\">\n");
  for (const index::ImageRecord& image : series.images) write_image(html, image, paths);
  html.raw("</ul>\n");
  if (!series.attributes.empty()) {
    html.raw("<details><summary>Attributes of the first image</summary>\n");
    write_attribute_table(html, series.attributes);
    html.raw("</details>\n");
  }
  html.raw("</section>\n");
}

}  // namespace

PagePaths::PagePaths(std::string prefix, std::string_view place, const index::StudyRecord& study,
                     std::string_view token)
    : prefix_(std::move(prefix)),
      study_path_(prefix_ + std::string(place) + "/ui/studies/" +
                  http::percent_encode(study.study_uid.str()) + "/"),
      token_(token) {}

std::string PagePaths::with_token(std::string path, std::string_view query) const {
  std::string all(query);
  if (!token_.empty()) {
    if (!all.empty()) all += "&";
    all += "token=" + http::percent_encode(token_);
  }
  return all.empty() ? path : path + "?" + all;
}

std::string PagePaths::study(std::string_view after) const {
  return with_token(study_path_, after.empty() ? "" : "after=" + http::percent_encode(after));
}

std::string PagePaths::attributes(const index::ImageRecord& image) const {
  return with_token(study_path_ + "images/" + std::to_string(image.id) + "/", "");
}

std::string PagePaths::small_picture(const index::ImageRecord& image) const {
  return with_token(study_path_ + "images/" + std::to_string(image.id) + "/picture/", "");
}

std::string PagePaths::large_picture(const index::ImageRecord& image) const {
  return with_token(study_path_ + "images/" + std::to_string(image.id) + "/picture/", "large=1");
}

std::string PagePaths::file(const index::ImageRecord& image) const {
  return with_token(study_path_ + "images/" + std::to_string(image.id) + "/file/", "");
}

std::string PagePaths::download(const index::ImageRecord& image) const {
  return with_token(study_path_ + "images/" + std::to_string(image.id) + "/file/", "download=1");
}

std::string PagePaths::asset(std::string_view path) const { return prefix_ + std::string(path); }

std::string study_page(const StudyPageContent& content, const PagePaths& paths) {
  HtmlWriter html;
  begin_page(html, title_of(content.study), paths.asset(""));
  write_header(html, content.study);
  html.raw("<main>\n");
  if (content.study.pending_count > 0) {
    html.element("p",
                 count_of(content.study.pending_count, "image") +
                     " announced, not here yet. Load this page again later.",
                 {{"class", "note"}, {"role", "status"}});
  }
  for (const ShownSeries& series : content.series) write_series(html, series, paths);
  if (content.series.empty() && content.study.pending_count == 0) {
    html.raw("<p class=\"note\">This study has no images.</p>\n");
  }
  if (!content.after.empty()) {
    html.raw("<nav>");
    html.element("a", "More images of this study", {{"href", paths.study(content.after)}});
    html.raw("</nav>\n");
  }
  html.raw("</main>\n<footer>");
  if (content.link_expires_at) {
    html.text("This link shows this study alone, until " +
              to_rfc3339(*content.link_expires_at).substr(0, 16) + " UTC. ");
  }
  html.text("Not for diagnosis.");
  html.close("footer");
  end_page(html);
  return html.take();
}

std::string attributes_page(const index::StudyRecord& study, const index::ImageRecord& image,
                            const std::vector<AttributeRow>& rows, const PagePaths& paths) {
  HtmlWriter html;
  begin_page(html, image.attributes.filename, paths.asset(""));
  write_header(html, study);
  html.raw("<main>\n<nav>");
  html.element("a", "All images of this study", {{"href", paths.study()}});
  html.raw("</nav>\n<section>\n");
  write_image_heading(html, image, paths);
  write_attribute_table(html, rows);
  html.raw("</section>\n</main>\n");
  end_page(html);
  return html.take();
}

}  // namespace pacs::rest
