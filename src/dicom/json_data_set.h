// A data set out of the DICOM JSON model (PS3.18 annex F), the reverse of dicom_json.h: what comes
// from outside, so that everything in it is checked.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/json_value.h"
#include "core/result.h"
#include "dicom/data_set.h"

namespace pacs::dicom {

// How deep the JSON of a data set nests: an object, a member and an array for each sequence.
inline constexpr size_t kJsonModelDepthMax = 270;

struct BulkPlace {
  uint64_t offset = 0;
  uint64_t length = 0;
};

// Where the bytes of a BulkDataURI stand, little endian; an error for one that is not there.
using FindBulk = std::function<Result<BulkPlace>(const std::string& uri)>;

// Text is UTF-8 and Specific Character Set says so. Elements are in ascending order; those of
// groups below 0008, group lengths, and what an archive tells of an instance besides its data set
// (Instance Availability, Retrieve URL, Available Transfer Syntax UID) are left out. Errors:
//   invalid_argument/bad_metadata   no such object, a value that its VR cannot have, base64 that is
//                                   none; the detail names the attribute
//   invalid_argument/nested_too_deeply, too_many_elements: the limits of header_reader.h
//   those of `find_bulk`.
[[nodiscard]] Result<DataSet> read_json_data_set(const JsonValue& object,
                                                 const FindBulk& find_bulk);

}  // namespace pacs::dicom
