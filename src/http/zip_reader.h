// Reads ZIP files (APPNOTE 6.3) member by member: as they come over the network, or from a file by
// its directory. No member is ever unpacked under a name that it brought along.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/stream.h"

namespace pacs::http {

// What is counted is what comes out, since a kilobyte can hold a gigabyte of zeros.
struct ZipReaderLimits {
  // DICOM without compression shrinks to a fifth; deflate itself ends at 1:1032.
  uint64_t growth_max = 200;
  // So much may come out of any file, however small: a series of empty pictures is legitimate.
  uint64_t output_bytes_always = uint64_t{1} << 30;
};

struct ZipMember {
  std::string name;  // UTF-8 where the file says so, else whatever its maker's machine used
  bool is_file = false;
  bool is_encrypted = false;
  // Stored or deflated, as PS3.10 and PS3.18 have them; what else there is may want gigabytes.
  bool is_usual_method = false;
};

// One thread at a time.
class ZipReader {
 public:
  // Of a source, which outlives the reader: read from the front, to its very end.
  [[nodiscard]] static Result<ZipReader> of_stream(ByteSource& source,
                                                   const ZipReaderLimits& limits = {});
  [[nodiscard]] static Result<ZipReader> of_file(const std::string& path,
                                                 const ZipReaderLimits& limits = {});
  ZipReader(ZipReader&&) noexcept;
  ~ZipReader();

  // The next member; what was not read of the one before is dropped, and counts in a stream.
  // Nothing behind the last. Errors: invalid_argument/bad_zip for what is no ZIP file, is damaged
  // or ends early; resource_exhausted/zip_bomb beyond the limits; those of the source.
  [[nodiscard]] Result<std::optional<ZipMember>> next_member();

  // The bytes of the member that next_member() gave last, as long as that is not called again.
  // Errors: invalid_argument/bad_zip_member when it cannot be unpacked, has another size or check
  // sum than it states, or is encrypted; zip_bomb; those of the source.
  [[nodiscard]] ByteSource& body();

 private:
  struct State;
  explicit ZipReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pacs::http
