// What a JPEG, PNG or PDF of the REST API is as a DICOM object: Secondary Capture Image (PS3.3
// A.8.1) or Encapsulated PDF (A.45.1), with what the index knows of patient, study and series.
#pragma once

#include <string>

#include "core/result.h"
#include "dicom/data_set.h"
#include "dicom/random_access.h"
#include "index/image_record.h"
#include "index/series_record.h"
#include "index/study_record.h"

namespace pacs::archive {

inline constexpr std::string_view kSecondaryCaptureUid = "1.2.840.10008.5.1.4.1.1.7";
inline constexpr std::string_view kEncapsulatedPdfUid = "1.2.840.10008.5.1.4.1.1.104.1";

struct PictureSource {
  const index::StudyRecord& study;
  const index::SeriesRecord& series;
  const index::ImageRecord& image;
};

enum class PictureForm {
  document,  // the stored bytes are the value of Encapsulated Document
  jpeg,      // the stored bytes are the one frame
  png,       // the frame is decoded: native pixels
};

struct PictureDataSet {
  PictureForm form = PictureForm::document;
  // Pixel Data is there without its bytes; Encapsulated Document stands in the stored file.
  dicom::DataSet data_set;
  std::string transfer_syntax;
  uint64_t frame_bytes = 0;  // of an image
};

// Reads the beginning of `file`, the stored bytes. Errors: `unsupported` (reason
// "no_dicom_object") for a picture that no DICOM image can be made of without changing it: CMYK
// and arithmetic JPEGs; those of dicom::read_picture_info().
[[nodiscard]] Result<PictureDataSet> describe_as_dicom(const PictureSource& source,
                                                       const dicom::RandomAccess& file);

}  // namespace pacs::archive
