// A hit of a search in the DICOM JSON Model (PS3.18 10.6.3.3 and annex F).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/search_query.h"
#include "dicom/tag.h"
#include "dicom/value_match.h"
#include "dicom/vr.h"
#include "dicomweb/search_parameters.h"

namespace pacs::dicomweb {

struct SearchView {
  archive::SearchLevel level;
  // Do hits of several studies, of several series come together? Then each tells of its own.
  bool shows_study = false;
  bool shows_series = false;
  const SearchFields& fields;
  std::string root;  // "https://pacs.example/dicom-web"
};

// Writes the hits of one search, each a JSON object: what tables 10.6.3-3 to 10.6.3-5 ask for,
// empty where it is not known, and the fields asked for.
class SearchHitWriter {
 public:
  explicit SearchHitWriter(SearchView view);

  // Appends it.
  void write(std::string& json, const archive::SearchHit& hit);

 private:
  struct Shown {
    dicom::Tag tag;
    dicom::Vr vr;
    bool is_shown_empty;
    bool has_column;
    std::array<char, 22> text;  // ,"0020000D":{"vr":"UI"
    std::string_view element;   // of the hit's data set, where that has it

    [[nodiscard]] std::string_view beginning() const { return {text.data(), text.size()}; }
    [[nodiscard]] std::string_view name() const { return beginning().substr(0, 12); }
  };

  void find_elements(std::string_view metadata);
  // Each behind a comma.
  void write_shown(std::string& json, const Shown& shown, const archive::SearchHit& hit) const;

  SearchView view_;
  std::vector<Shown> shown_;  // by tag
  // By tag: what the data set has besides, when all is asked for.
  std::vector<std::pair<dicom::Tag, std::string_view>> others_;
};

}  // namespace pacs::dicomweb
