// What a backup says of itself: no name leads out of the backup's folder, and what is read is
// written and read again as the same.
#include "cli/backup_manifest.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;

namespace {

void check_name(const cli::BackedUpFile& file) {
  FUZZ_CHECK(!file.name.empty() && file.name.front() != '.');
  FUZZ_CHECK(file.name.find('/') == std::string::npos && file.name.find('\0') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto manifest = cli::BackupManifest::parse(fuzz::Input(data, size).rest());
  if (!manifest) {
    FUZZ_CHECK(manifest.error().code == ErrorCode::corrupt ||
               manifest.error().code == ErrorCode::unsupported);
    return 0;
  }
  check_name(manifest->index);
  for (const cli::BackedUpFile& secret : manifest->secrets) check_name(secret);
  const std::string written = manifest->to_json();
  const auto again = cli::BackupManifest::parse(written);
  FUZZ_CHECK(again && again->to_json() == written);
  FUZZ_CHECK(again->images == manifest->images &&
             again->secrets.size() == manifest->secrets.size());
  return 0;
}
