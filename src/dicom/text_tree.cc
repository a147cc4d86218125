#include "dicom/text_tree.h"

#include <utility>

namespace pacs::dicom {
namespace {

constexpr std::string_view kTooLongNote = "The rest is left out: it is longer than what is shown.";

}  // namespace

TextTree::TextTree(TextForm form, std::string_view title) : form_(form) {
  if (form_ == TextForm::plain) {
    text_ += title;
    text_ += "\n\n";
    return;
  }
  text_ += "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>";
  append_escaped(title);
  text_ +=
      "</title><style>body{font-family:sans-serif;margin:2em}ul{padding-left:1.4em}"
      "b{font-weight:600}</style></head><body><h1>";
  append_escaped(title);
  text_ += "</h1>\n<ul>\n";
}

void TextTree::append_escaped(std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 && character != '\n' && character != '\t') {
      text_ += ' ';
    } else if (form_ == TextForm::plain) {
      text_ += character;
    } else if (character == '&') {
      text_ += "&amp;";
    } else if (character == '<') {
      text_ += "&lt;";
    } else if (character == '>') {
      text_ += "&gt;";
    } else if (character == '"') {
      text_ += "&quot;";
    } else if (character == '\n') {
      text_ += "<br>";
    } else {
      text_ += character;
    }
  }
}

void TextTree::begin_item(std::string_view label, std::string_view value) {
  const bool is_html = form_ == TextForm::html;
  if (is_html) {
    text_ += "<li><b>";
  } else {
    text_.append(depth_ * 2, ' ');
  }
  append_escaped(label);
  text_ += is_html ? "</b>" : "";
  if (!value.empty()) {
    text_ += ": ";
    append_escaped(value);
  }
  text_ += is_html ? "<ul>\n" : "\n";
  ++depth_;
}

void TextTree::end_item() {
  --depth_;
  if (form_ == TextForm::plain) return;
  // A list without lines is not shown.
  constexpr std::string_view kBegin = "<ul>\n";
  if (std::string_view(text_).ends_with(kBegin)) {
    text_.resize(text_.size() - kBegin.size());
    text_ += "</li>\n";
  } else {
    text_ += "</ul></li>\n";
  }
}

std::string TextTree::finish() {
  if (is_full()) line(kTooLongNote, "");
  if (form_ == TextForm::html) text_ += "</ul>\n</body></html>\n";
  return std::move(text_);
}

}  // namespace pacs::dicom
