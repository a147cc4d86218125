// A data set without who it is of: the Basic Application Level Confidentiality Profile (PS3.15 E.2)
// without options.
#pragma once

#include <string>
#include <string_view>

#include "core/crypto.h"
#include "core/result.h"
#include "dicom/data_set.h"

namespace pacs::dicom {

// Names in the place of names, by a secret: the same for the same, so that a study keeps together,
// and nobody without the secret finds one by trying.
class Pseudonyms {
 public:
  explicit Pseudonyms(const Sha256Digest& secret) : secret_(secret) {}

  // "2.25." and a number (PS3.5 B.2). UIDs that the standard itself gives out (1.2.840.10008.…)
  // stay.
  [[nodiscard]] std::string uid(std::string_view original) const;
  // 16 characters; nothing for nothing.
  [[nodiscard]] std::string patient_id(std::string_view original) const;

 private:
  Sha256Digest secret_;
};

// Without private attributes, overlays, curves, and standard attributes that the dictionary does
// not know; the others by table E.1-1, on every level. Beyond the profile, names of persons, dates
// and times that the table does not name become dummies, and UIDs that are none of a class or an
// encoding become others. Dummies of sequences have no items. Values that are not in memory keep
// their places in the file. Errors: unsupported/not_deidentified for what stays recognizable
// whatever its attributes say: Burned In Annotation or Recognizable Visual Features of YES, an
// encapsulated document, the content of a report.
[[nodiscard]] Result<DataSet> deidentified(DataSetView original, const Pseudonyms& pseudonyms);

// What has to be said of it (PS3.15 E.1.1 step 5 and following), for the root of the data set:
// Patient Identity Removed, De-identification Method and its code, and that times are gone.
[[nodiscard]] DataSet deidentification_notice();

}  // namespace pacs::dicom
