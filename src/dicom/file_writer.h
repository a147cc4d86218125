// Writes a data set as a Part 10 file (PS3.10 7) in an explicit VR little endian encoding,
// streamed, with a size that is known before: what a file holds, other attributes or pixels in
// their place where wanted. Values that are not in memory are copied from the file that they were
// read from.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/stream.h"
#include "dicom/data_set.h"
#include "dicom/header_reader.h"
#include "dicom/random_access.h"
#include "dicom/value_output.h"

namespace pacs::dicom {

// Pixel data that come from elsewhere than the file: all of group 7FE0 is left out for them.
struct FramesToWrite {
  // Each frame one fragment, behind a basic offset table or, where that cannot tell the places, an
  // extended one (PS3.5 A.4; PS3.3 C.7.6.3.1.8). Native frames follow each other without padding.
  bool is_encapsulated = false;
  Vr vr = Vr::OW;  // of native ones; encapsulated ones are OB
  std::vector<uint64_t> frame_sizes;
  // Writes exactly frame_sizes[index] bytes, little endian. Called for each frame in its order, in
  // every write().
  std::function<Result<void>(size_t index, ByteSink& sink)> write_frame;
};

// All that is pointed to outlives the writer.
struct FileContent {
  const DataSet* data_set = nullptr;
  // Where the values stand that are not in memory; null when all are.
  const RandomAccess* file = nullptr;
  // Of the encapsulated pixel data of the file, so that its items need not be looked for.
  const PixelDataLocation* pixel_data = nullptr;
  // Stand in for a data set that does not name its class or itself.
  const DataSet* meta = nullptr;
  std::string_view transfer_syntax_uid = kExplicitVrLittleEndian;
  // Elements of the data set itself, in ascending order, instead of those of the same tags, or
  // more.
  const DataSet* replacements = nullptr;
  std::vector<Tag> left_out;
  const FramesToWrite* frames = nullptr;
};

// As it was read, and to be written with the transfer syntax UID of its encoding: that of the file
// for encapsulated pixel data, else Explicit VR Little Endian.
[[nodiscard]] FileContent content_of(const Header& header, const RandomAccess& file);

// Group lengths, and elements of group 0002 within the data set, are left out. VRs are those of the
// data set (PS3.5 A.2; what an implicit one had is in the dictionary, else UN). Sequences and items
// have undefined length. A value of odd length is padded. A value beyond 64 kB of a VR whose length
// has 16 bits is UN (PS3.5 6.2.2), numbers that may be OW are OW.
class FileWriter {
 public:
  // Errors: unsupported/value_too_large for a value that no length can tell;
  // unsupported/pixels_encapsulated, /pixels_native when the pixels are not in the form that the
  // transfer syntax has; unsupported/no_place for a value of which nobody knows where it stands.
  [[nodiscard]] static Result<FileWriter> create(FileContent content);

  // Of the whole file.
  [[nodiscard]] uint64_t size_bytes() const { return size_bytes_; }
  // Exactly size_bytes() bytes, each time the same. Errors: those of the file and the sink;
  // corrupt/file_too_short; internal/frame_size when a frame had another size than it was to have.
  Result<void> write(ByteSink& sink) const;

 private:
  explicit FileWriter(FileContent content) : content_(std::move(content)) {}

  Result<void> write_to(ValueOutput& output) const;

  FileContent content_;
  std::string start_;
  uint64_t size_bytes_ = 0;
};

}  // namespace pacs::dicom
