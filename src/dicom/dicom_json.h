// The DICOM JSON Model (PS3.18 annex F), written straight from a data set. Where the standard
// leaves a choice it is DCMTK's: IS and DS are numbers when they are ones that JSON can say.
// Standard attributes that came as UN have the VR of the dictionary (unknown_value.h). Group
// lengths and group 0002 are left out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_writer.h"
#include "dicom/data_set.h"

namespace pacs::dicom {

// Binary values (OB, OW, UN, …) above it become a BulkDataURI, which a client fetches when it
// wants.
inline constexpr size_t kInlineBinarySizeMax = 1024;
// Text and numbers above it do, where PS3.18 table F.2.3-1 allows them to.
inline constexpr size_t kInlineValueSizeMax = size_t{64} << 10;

struct DicomJsonOptions {
  size_t inline_binary_size_max = kInlineBinarySizeMax;
  size_t inline_value_size_max = kInlineValueSizeMax;
  // Makes the URI of a value that is left out, by its path in the data set. Without it such a value
  // has its "vr" alone.
  std::function<std::string(std::string_view path)> bulk_data_uri;
};

// The path of an element: "7FE00010", or within items, counted from 1, "54000100/1/54001010".
[[nodiscard]] std::optional<ElementView> find_by_path(DataSetView data_set, std::string_view path);

// Writes one JSON object.
void write_dicom_json(JsonWriter& writer, DataSetView data_set,
                      const DicomJsonOptions& options = {});
[[nodiscard]] std::string to_dicom_json(DataSetView data_set, const DicomJsonOptions& options = {});

}  // namespace pacs::dicom
