// Images that another application had: a tree that already has the layout of our keys, and that
// application's export with the ids that it gave out.
#pragma once

#include <optional>
#include <string>

#include "cli/import_sink.h"
#include "core/object_key.h"
#include "core/result.h"

namespace pacs::cli {

// Every file below `media_root`/radiology that lies under a key, to be adopted where it is. What
// lies there outside the layout is left out. A picture's UIDs are those of its key; a DICOM file
// has its own. False as ImportSink::take.
[[nodiscard]] bool find_images_in_tree(const std::string& media_root, const ImportSink& sink);

// What the import route is told of an object that is adopted under its key: of a DICOM file the key
// alone, of others the UIDs of the key too.
enum class KeyHolds { dicom, other };
[[nodiscard]] std::string record_of_key(const ObjectKey& key, KeyHolds holds);

// The images of a manifest: a JSON object a line with `study_id`, `series_id`, `image_id`,
// `study_uid`, `series_uid`, `image_uid`, `image_uuid`, `key`, `checksum`, `file_size`, `filename`,
// an order, `uploaded_by_name`, `image_metadata`; all but `key` optional. With a `folder` the bytes
// are read from `folder`/`key`, without one they are adopted in the store. Lines that are no
// such object are left out. `not_found` and the like when the manifest cannot be read.
struct ManifestRequest {
  std::string manifest_path;
  std::optional<std::string> folder;
};
[[nodiscard]] Result<void> find_images_of_manifest(const ManifestRequest& request,
                                                   const ImportSink& sink);

// One line of a manifest in the names of the import route; the key beside it.
struct ManifestLine {
  std::string key;
  std::string record;
};
[[nodiscard]] Result<ManifestLine> parse_manifest_line(std::string_view line);

}  // namespace pacs::cli
