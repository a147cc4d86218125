// Writing HTML in which nothing that others wrote is anything but text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pacs::rest {

// & < > " ' escaped, good between tags and within quoted attributes; control characters but line
// feed become U+FFFD, as do bytes that are not UTF-8.
[[nodiscard]] std::string html_escape(std::string_view text);

// Appends to one text. Tags and the names of attributes are literals of ours; everything else goes
// through html_escape().
class HtmlWriter {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  void open(std::string_view tag, Attributes attributes = {});
  void close(std::string_view tag);
  void text(std::string_view text);
  // <tag …>text</tag>
  void element(std::string_view tag, std::string_view text, Attributes attributes = {});
  // Markup of ours, as it is.
  void raw(std::string_view markup) { html_ += markup; }

  [[nodiscard]] std::string take() { return std::move(html_); }

 private:
  std::string html_;
};

}  // namespace pacs::rest
