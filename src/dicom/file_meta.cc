#include "dicom/file_meta.h"

#include <cstdint>

#include "core/assert.h"
#include "dicom/little_endian.h"
#include "dicom/tag.h"
#include "dicom/vr.h"

namespace pacs::dicom {
namespace {

constexpr size_t kPreambleZeros = 128;
constexpr Tag kFileMetaInformationVersion{0x0002, 0x0001};
constexpr Tag kImplementationClass{0x0002, 0x0012};
constexpr Tag kImplementationVersion{0x0002, 0x0013};

void append_meta_element(std::string& to, Tag tag, Vr vr, std::string_view value) {
  append_little_endian(to, tag.group);
  append_little_endian(to, tag.element);
  to += to_string(vr);
  const size_t padded_size = value.size() + value.size() % 2;
  PACS_ASSERT(padded_size <= UINT16_MAX);
  if (has_long_length(vr)) {
    append_little_endian(to, uint16_t{0});
    append_little_endian(to, static_cast<uint32_t>(padded_size));
  } else {
    append_little_endian(to, static_cast<uint16_t>(padded_size));
  }
  to += value;
  if (padded_size != value.size()) to += vr == Vr::UI ? '\0' : ' ';
}

}  // namespace

std::string make_file_start(const FileMeta& meta) {
  std::string elements;
  append_meta_element(elements, kFileMetaInformationVersion, Vr::OB, {"\0\1", 2});
  append_meta_element(elements, tags::kMediaStorageSopClassUid, Vr::UI, meta.sop_class_uid);
  append_meta_element(elements, tags::kMediaStorageSopInstanceUid, Vr::UI, meta.sop_instance_uid);
  append_meta_element(elements, tags::kTransferSyntaxUid, Vr::UI, meta.transfer_syntax_uid);
  append_meta_element(elements, kImplementationClass, Vr::UI, kImplementationClassUid);
  append_meta_element(elements, kImplementationVersion, Vr::SH, kImplementationVersionName);

  std::string group_length;
  append_little_endian(group_length, static_cast<uint32_t>(elements.size()));
  std::string start(kPreambleZeros, '\0');
  start += "DICM";
  append_meta_element(start, tags::kFileMetaInformationGroupLength, Vr::UL, group_length);
  return start + elements;
}

}  // namespace pacs::dicom
