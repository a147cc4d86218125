// The settings of a bucket beside that of the archive, in a file of their own: where a backup goes,
// or what images move to.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/settings.h"

namespace pacs::cli {

// RADIOLOGY_STORAGE and what belongs to it, as in pacs-lite.toml. The environment says where the
// archive is, so it has no say here. `data_folder` is that of the archive: images are staged in it.
// `invalid_argument` (reason "bucket_settings").
[[nodiscard]] Result<Settings> read_bucket_settings(const std::string& path,
                                                    const std::string& data_folder);

// "s3:clinic-b", "minio:radiology@minio2:9000": what rows call the store in a bucket that is not
// the one of the archive's settings, which is plainly "s3" or "minio".
[[nodiscard]] std::string name_of_bucket(const Settings& bucket);
// Is it such a name?
[[nodiscard]] bool names_a_bucket(std::string_view store);

}  // namespace pacs::cli
