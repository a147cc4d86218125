// The start of a Part 10 file: preamble, prefix and File Meta Information (PS3.10 7.1).
#pragma once

#include <string>
#include <string_view>

namespace pacs::dicom {

// Implementation Class UID (0002,0012) of what this program writes.
inline constexpr std::string_view kImplementationClassUid =
    "2.25.329800735698586629295641978511506172918";
inline constexpr std::string_view kImplementationVersionName = "PACS_LITE";

struct FileMeta {
  std::string_view sop_class_uid;
  std::string_view sop_instance_uid;
  std::string_view transfer_syntax_uid;
};

// All bytes before the data set. UIDs without padding, each at most 64 kB.
[[nodiscard]] std::string make_file_start(const FileMeta& meta);

}  // namespace pacs::dicom
