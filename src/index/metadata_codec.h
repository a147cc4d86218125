// Compresses the DICOM JSON of one image to a few hundred bytes: zstd with a dictionary of what
// every such text contains. The dictionaries stand in the database under their numbers and never
// leave it; a new text uses the newest one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/result.h"

namespace pacs::index {

class Connection;

// Made at build time from synthetic data; a migration puts it into the database.
[[nodiscard]] Bytes built_in_metadata_dictionary();

class MetadataCodec {
 public:
  // Far above what the archive writes: values that long are left out of the text.
  static constexpr size_t kJsonSizeMax = size_t{256} << 20;

  // Reads the dictionaries of the database.
  [[nodiscard]] static Result<std::unique_ptr<MetadataCodec>> load(Connection& connection);
  ~MetadataCodec();

  // The dictionary that compress() uses.
  [[nodiscard]] int64_t dictionary_id() const;
  // One thread at a time. `resource_exhausted` (reason "too_large") beyond kJsonSizeMax.
  [[nodiscard]] Result<ByteVector> compress(std::string_view json);
  // Any thread. `corrupt` (reason "metadata") for anything that compress() did not write.
  [[nodiscard]] Result<std::string> decompress(int64_t dictionary_id, Bytes compressed) const;

 private:
  struct State;
  explicit MetadataCodec(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pacs::index
