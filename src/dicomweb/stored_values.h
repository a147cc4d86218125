// The values of a stored DICOM instance by their paths: what bulk data are (PS3.18 10.4.1.1.5).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "archive/retrieve.h"
#include "archive/staged_access.h"
#include "core/result.h"
#include "dicom/header_reader.h"
#include "dicom/inflated_file.h"
#include "http/ranged_body.h"

namespace pacs::dicomweb {

// One thread at a time. Holds the header of the file, at most dicom::kValuesSizeKeptMax of values.
class StoredValues : public std::enable_shared_from_this<StoredValues> {
 public:
  // `retrieve` outlives this. Errors: those of RetrieveService::open() and dicom::read_header().
  [[nodiscard]] static Result<std::shared_ptr<StoredValues>> open(
      archive::RetrieveService& retrieve, index::ImageRecord instance);

  // Are these pixels encapsulated, which have frames and no value of bytes?
  [[nodiscard]] bool has_encapsulated_pixels() const;

  [[nodiscard]] const std::shared_ptr<archive::OpenedImage>& image() const { return image_; }

  // The value at a path, little endian whatever the file is; of the encapsulated pixels of an icon
  // its one frame. The body holds this. Errors:
  // not_found/no_such_value where there is none, or none that is bytes; those of InflatedFile.
  [[nodiscard]] Result<std::shared_ptr<http::RangedBody>> value(const std::string& path);

  // An encapsulated document is what it says it is, where a media type can be (PS3.3 C.24.2), an
  // encapsulated icon what the transfer syntax says; everything else is application/octet-stream.
  [[nodiscard]] std::string media_type_of(std::string_view path) const;

 private:
  friend class StoredIconBody;
  friend class StoredValueBody;
  StoredValues(archive::RetrieveService& retrieve, archive::OpenedImage image)
      : retrieve_(retrieve), image_(std::make_shared<archive::OpenedImage>(std::move(image))) {}

  archive::RetrieveService& retrieve_;
  const std::shared_ptr<archive::OpenedImage> image_;  // parts of an answer hold it too
  archive::BlobAccess file_{*image_->blob};
  dicom::Header header_;
  // Of a deflated file of which a value is wanted that was not kept: as if it were not deflated.
  std::unique_ptr<dicom::InflatedFile> inflated_;
  dicom::Header inflated_header_;
};

}  // namespace pacs::dicomweb
