// Lines of labels and values, one below the other, as plain text or as a page of HTML.
#pragma once

#include <string>
#include <string_view>

#include "dicom/readable_text.h"

namespace pacs::dicom {

class TextTree {
 public:
  TextTree(TextForm form, std::string_view title);

  // Begins a line; what comes before its end_item() stands below it.
  void begin_item(std::string_view label, std::string_view value);
  void end_item();
  void line(std::string_view label, std::string_view value) {
    begin_item(label, value);
    end_item();
  }
  // No more is taken: nobody reads on.
  [[nodiscard]] bool is_full() const { return text_.size() >= kReadableTextSizeMax; }
  [[nodiscard]] std::string finish();

 private:
  void append_escaped(std::string_view text);

  const TextForm form_;
  size_t depth_ = 0;
  std::string text_;
};

}  // namespace pacs::dicom
