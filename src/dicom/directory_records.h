// What a directory of a file-set says of an instance (PS3.3 F.5): the type of its record, by its
// SOP class, and the attributes that stand there as keys.
#pragma once

#include <span>
#include <string_view>

#include "dicom/tag.h"
#include "dicom/vr.h"

namespace pacs::dicom {

struct DirectoryKey {
  Tag tag;
  Vr vr = Vr::LO;
  bool is_optional = false;  // else empty where the instance has none
};

struct DirectoryRecordType {
  std::string_view name;  // "IMAGE", "RT DOSE", …
  std::span<const DirectoryKey> keys;
};

[[nodiscard]] const DirectoryRecordType& patient_record_type();
[[nodiscard]] const DirectoryRecordType& study_record_type();
[[nodiscard]] const DirectoryRecordType& series_record_type();
// `has_rows` tells images of classes that nobody knows from others, which are PRIVATE.
[[nodiscard]] const DirectoryRecordType& instance_record_type(std::string_view sop_class_uid,
                                                              bool has_rows);

}  // namespace pacs::dicom
