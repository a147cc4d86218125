// The built-in page of one study: pictures and documents shown, DICOM images as small pictures.
// Plain HTML of the server, without a script, so that the strictest Content-Security-Policy holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "index/image_record.h"
#include "index/series_record.h"
#include "index/study_record.h"
#include "rest/dicom_attributes.h"

namespace pacs::rest {

// Paths on the page, each with the secret of the link where the reader came by one.
class PagePaths {
 public:
  // `prefix` is what a proxy puts before our paths; `place` what the pages of a share link lie
  // below
  // ("/share/ID"), else empty; `token` may be empty.
  PagePaths(std::string prefix, std::string_view place, const index::StudyRecord& study,
            std::string_view token);

  [[nodiscard]] std::string study(std::string_view after = {}) const;
  [[nodiscard]] std::string attributes(const index::ImageRecord& image) const;
  // Made of the image, for the list or for the page of its own.
  [[nodiscard]] std::string small_picture(const index::ImageRecord& image) const;
  [[nodiscard]] std::string large_picture(const index::ImageRecord& image) const;
  [[nodiscard]] std::string file(const index::ImageRecord& image) const;
  [[nodiscard]] std::string download(const index::ImageRecord& image) const;
  [[nodiscard]] std::string asset(std::string_view path) const;

 private:
  [[nodiscard]] std::string with_token(std::string path, std::string_view query) const;

  std::string prefix_;
  std::string study_path_;
  std::string token_;
};

struct ShownSeries {
  index::SeriesRecord record;
  std::vector<index::ImageRecord> images;  // those of this page
  std::vector<AttributeRow> attributes;    // of the first DICOM image; empty when there is none
};

struct StudyPageContent {
  index::StudyRecord study;
  std::vector<ShownSeries> series;
  std::string after;  // of the next page; empty on the last
  std::optional<UnixMillis> link_expires_at;
};

[[nodiscard]] std::string study_page(const StudyPageContent& content, const PagePaths& paths);

[[nodiscard]] std::string attributes_page(const index::StudyRecord& study,
                                          const index::ImageRecord& image,
                                          const std::vector<AttributeRow>& rows,
                                          const PagePaths& paths);

}  // namespace pacs::rest
