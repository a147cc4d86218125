#include "dicomweb/bulk_data_paths.h"

namespace pacs::dicomweb {
namespace {

// Within a text of JSON the quotes of the member's name would be escaped, so that it is found in no
// value.
constexpr std::string_view kBulkDataUri = "\"BulkDataURI\":\"";

}  // namespace

void append_with_addresses(std::string& out, std::string_view metadata_json,
                           std::string_view instance_url) {
  std::string_view json = metadata_json;
  for (size_t at = json.find(kBulkDataUri); at != std::string_view::npos;
       at = json.find(kBulkDataUri)) {
    out.append(json.substr(0, at + kBulkDataUri.size()));
    out.append(instance_url).append("/bulkdata/");
    json.remove_prefix(at + kBulkDataUri.size());
  }
  out.append(json);
}

std::vector<std::string> bulk_data_paths(std::string_view metadata_json) {
  std::vector<std::string> paths;
  for (size_t at = metadata_json.find(kBulkDataUri); at != std::string_view::npos;
       at = metadata_json.find(kBulkDataUri)) {
    metadata_json.remove_prefix(at + kBulkDataUri.size());
    paths.emplace_back(metadata_json.substr(0, metadata_json.find('"')));
  }
  return paths;
}

Result<std::vector<std::string>> bulk_data_paths_of(const DicomwebServices& services,
                                                    const index::Scope& scope,
                                                    const index::ImageRecord& instance) {
  const auto metadata = PACS_TRY(services.images.metadata(scope, {instance.id}));
  if (metadata.empty()) return std::vector<std::string>();
  return bulk_data_paths(metadata.front().json);
}

}  // namespace pacs::dicomweb
