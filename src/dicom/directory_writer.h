// The directory of a file-set (PS3.10 8; PS3.3 annex F): a DICOMDIR that names each file and says
// whose it is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "dicom/data_set.h"

namespace pacs::dicom {

struct DirectoryFile {
  std::string file_id;  // "DICOM\SE000001\IM000001" (PS3.10 8.2)
  std::string sop_class_uid;
  std::string sop_instance_uid;
  std::string transfer_syntax_uid;  // of the file, which is not always that of what was stored
};

// One thread at a time. Keeps about half a kilobyte of each file.
class DirectoryWriter {
 public:
  DirectoryWriter();
  ~DirectoryWriter();

  // `attributes` are those of the instance, all values in memory; records of one patient, study and
  // series are made once, from the first file of them. What has no number gets the next one of its
  // level; other keys are empty where the instance has none. Errors: those of ElementWriter.
  Result<void> add(const DirectoryFile& file, DataSetView attributes);

  // The whole file, explicit VR little endian. `invalid_argument` (reason "directory_too_large")
  // where offsets of 32 bits do not reach.
  [[nodiscard]] Result<std::string> finish(std::string_view file_set_uid) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs::dicom
