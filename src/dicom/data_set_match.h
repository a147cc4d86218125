// What a search asks of a data set: attributes with values, also inside sequences (PS3.4 C.2.2.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_value.h"
#include "core/result.h"
#include "dicom/attribute_path.h"
#include "dicom/json_elements.h"
#include "dicom/value_match.h"

namespace pacs::dicom {

class AttributeMatch {
 public:
  // Of anything but a list of UIDs: wild cards take time in proportion to it.
  static constexpr size_t kQuestionSizeMax = 1024;

  // `invalid_argument` (reason "bad_value") for a value that the VR cannot have, one that is too
  // long, and one of a sequence or of bytes, which are not compared. What a private attribute can
  // have shows only when one is met.
  [[nodiscard]] static Result<AttributeMatch> create(AttributePath path, std::string question,
                                                     const MatchOptions& options);

  [[nodiscard]] const AttributePath& path() const { return path_; }
  [[nodiscard]] const std::string& question() const { return question_; }
  [[nodiscard]] const MatchOptions& options() const { return options_; }
  [[nodiscard]] bool is_universal() const;
  [[nodiscard]] bool matches(const AttributeValues& values) const;

 private:
  AttributeMatch(AttributePath path, std::string question, const MatchOptions& options)
      : path_(std::move(path)), question_(std::move(question)), options_(options) {}

  AttributePath path_;
  std::string question_;
  MatchOptions options_;
  std::optional<ValueMatch> match_;  // none for a private attribute
};

// Does a data set in the DICOM JSON Model match all of them? Those of one sequence must match in
// one item together (C.2.2.2.6).
[[nodiscard]] bool matches_all(std::string_view data_set_json,
                               const std::vector<const AttributeMatch*>& matches);

}  // namespace pacs::dicom
