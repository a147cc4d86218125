// Different things have different types: a StudyUid does not convert into a SeriesUid. A type of
// this kind is made by its own parse(), which is where its grammar is checked.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace pacs {

template <typename Tag>
class NamedString {
 public:
  [[nodiscard]] const std::string& str() const { return text_; }
  friend auto operator<=>(const NamedString&, const NamedString&) = default;

 protected:
  explicit NamedString(std::string text) : text_(std::move(text)) {}

 private:
  std::string text_;
};

}  // namespace pacs
