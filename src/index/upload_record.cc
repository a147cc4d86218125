#include "index/upload_record.h"

#include <array>
#include <utility>

namespace pacs::index {

namespace {
constexpr std::array<std::pair<UploadStatus, std::string_view>, 4> kStatusNames{{
    {UploadStatus::metadata_uploaded, "METADATA_UPLOADED"},
    {UploadStatus::binary_uploaded, "BINARY_UPLOADED"},
    {UploadStatus::ack_received, "ACK_RECEIVED"},
    {UploadStatus::failed, "FAILED"},
}};
}  // namespace

std::string_view to_string(UploadStatus status) {
  for (const auto& [value, name] : kStatusNames) {
    if (value == status) return name;
  }
  return "FAILED";
}

std::optional<UploadStatus> parse_upload_status(std::string_view text) {
  for (const auto& [value, name] : kStatusNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace pacs::index
