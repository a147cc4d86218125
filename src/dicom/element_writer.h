// Single elements of a data set, explicit VR little endian (PS3.5 7.1.2), into an output.
#pragma once

#include <span>

#include "core/result.h"
#include "dicom/data_set.h"
#include "dicom/header_reader.h"
#include "dicom/random_access.h"
#include "dicom/value_output.h"

namespace pacs::dicom {

inline constexpr uint32_t kLengthUndefined = 0xFFFFFFFF;
// The largest even length (PS3.5 7.1.1).
inline constexpr uint64_t kValueBytesMax = 0xFFFFFFFE;

// One output and one file at a time. Errors are those of FileWriter.
class ElementWriter {
 public:
  ElementWriter(ValueOutput& output, const RandomAccess* file) : output_(output), file_(file) {}

  // `length` is even, or kLengthUndefined.
  Result<void> header(Tag tag, Vr vr, uint32_t length);
  // Item or delimiter.
  Result<void> item(Tag tag, uint32_t length);
  Result<void> padding(uint64_t length, Vr vr);

  // With everything below it, which is as deep as the reader lets a sequence be.
  Result<void> element(const ElementView& element);
  // Encapsulated pixel data whose items are known.
  Result<void> fragments(const PixelDataLocation& pixel_data);

 private:
  Result<void> sequence(const ElementView& element);
  Result<void> value(const ElementView& element);
  Result<void> find_fragments(const ElementView& element);
  Result<void> fragment(uint64_t offset, uint64_t length);

  ValueOutput& output_;
  const RandomAccess* file_;
};

}  // namespace pacs::dicom
