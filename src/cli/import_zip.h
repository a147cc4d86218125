// Finds images in ZIP files, of which none is ever unpacked under a name that it brought along.
#pragma once

#include <string>

#include "cli/import_sink.h"

namespace pacs::cli {

// What is counted is what comes out, since a kilobyte can hold a gigabyte of zeros.
struct ZipLimits {
  size_t entries_max = 1'000'000;  // twenty large hospitals' days
  // DICOM without compression shrinks to a fifth; deflate itself ends at 1:1032.
  uint64_t growth_max = 200;
  // So much may come out of any file, however small: a series of empty pictures is legitimate.
  uint64_t output_bytes_always = uint64_t{1} << 30;
  // Larger entries are unpacked into an unnamed file in $TMPDIR instead of memory.
  uint64_t memory_bytes_max = uint64_t{8} << 20;
};

[[nodiscard]] bool is_zip(const ImportContent& content);

// Entries that are damaged, encrypted, beyond the size of an image, or behind the limits are left
// out as failed. False as ImportSink::take.
[[nodiscard]] bool find_images_in_zip(const std::string& path, const ImportFindings& wanted,
                                      const ImportSink& sink, const ZipLimits& limits = {});

}  // namespace pacs::cli
