#include "rest/html.h"

#include "core/text.h"

namespace pacs::rest {

std::string html_escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : replace_invalid_utf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_control = (byte < 0x20 && c != '\n') || byte == 0x7f;
        if (is_control) {
          escaped += "\xEF\xBF\xBD";
        } else {
          escaped += c;
        }
      }
    }
  }
  return escaped;
}

void HtmlWriter::open(std::string_view tag, Attributes attributes) {
  html_.append("<").append(tag);
  for (const auto& [name, value] : attributes) {
    html_.append(" ").append(name).append("=\"").append(html_escape(value)).append("\"");
  }
  html_.append(">");
}

void HtmlWriter::close(std::string_view tag) { html_.append("</").append(tag).append(">\n"); }

void HtmlWriter::text(std::string_view text) { html_ += html_escape(text); }

void HtmlWriter::element(std::string_view tag, std::string_view text, Attributes attributes) {
  open(tag, attributes);
  this->text(text);
  close(tag);
}

}  // namespace pacs::rest
