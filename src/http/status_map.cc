#include "http/status_map.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace pacs::http {
namespace {

// Reasons that say more than their code. Bytes that were understood as a request but do not hold
// what was declared, or cannot be stored as they are, are 422; 401 is kept for tokens alone, since
// a browser application logs its user out on it.
constexpr std::array<std::pair<std::string_view, Status>, 46> kByReason = {{
    {"unauthenticated", Status::unauthorized},
    {"gone", Status::gone},
    {"method_not_allowed", Status::method_not_allowed},
    {"not_acceptable", Status::not_acceptable},
    {"precondition_failed", Status::precondition_failed},
    {"length_required", Status::length_required},
    {"client_too_slow", Status::request_timeout},
    {"too_many_attempts", Status::too_many_requests},
    {"too_large", Status::content_too_large},
    {"piece_too_long", Status::content_too_large},
    {"too_many_parts", Status::content_too_large},
    {"zip_bomb", Status::content_too_large},
    {"checksum_mismatch", Status::unprocessable_content},
    {"size_mismatch", Status::unprocessable_content},
    {"uid_mismatch", Status::unprocessable_content},
    {"declared_patient_mismatch", Status::unprocessable_content},
    {"missing_attribute", Status::unprocessable_content},
    {"bad_attribute", Status::unprocessable_content},
    {"invalid_uid", Status::unprocessable_content},
    {"not_dicom", Status::unprocessable_content},
    {"truncated", Status::unprocessable_content},
    {"malformed", Status::unprocessable_content},
    {"too_many_elements", Status::unprocessable_content},
    {"too_many_fragments", Status::unprocessable_content},
    {"inflates_too_far", Status::unprocessable_content},
    {"empty_file", Status::unprocessable_content},
    {"nested_too_deeply", Status::unprocessable_content},
    {"bad_head", Status::bad_request},
    {"target_too_long", Status::uri_too_long},
    {"head_too_large", Status::header_fields_too_large},
    {"head_too_slow", Status::request_timeout},
    {"unknown_method", Status::not_implemented},
    {"unknown_coding", Status::not_implemented},
    {"unknown_version", Status::http_version_not_supported},
    {"unknown_expectation", Status::expectation_failed},
    // Resumable uploads (tus 1.0).
    {"unknown_tus_version", Status::precondition_failed},
    {"piece_checksum_mismatch", Status::checksum_mismatch},
    {"upload_in_use", Status::locked},
    {"upload_failed", Status::gone},
    {"too_many_uploads", Status::too_many_requests},
    // A folder that cannot be written, as on a disk that was remounted read-only.
    {"no_permission", Status::insufficient_storage},
    {"no_space", Status::insufficient_storage},
    {"database_full", Status::insufficient_storage},
    {"no_quota", Status::insufficient_storage},
    {"no_descriptors", Status::service_unavailable},
    {"no_memory", Status::service_unavailable},
}};

Status by_code(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid_argument:
      return Status::bad_request;
    case ErrorCode::not_found:
      return Status::not_found;
    case ErrorCode::already_exists:
    case ErrorCode::conflict:
      return Status::conflict;
    case ErrorCode::unsupported:
      return Status::unsupported_media_type;
    case ErrorCode::permission_denied:
      return Status::forbidden;
    case ErrorCode::resource_exhausted:
    case ErrorCode::unavailable:
      return Status::service_unavailable;
    case ErrorCode::corrupt:
    case ErrorCode::internal:
      return Status::internal_server_error;
  }
  return Status::internal_server_error;
}

}  // namespace

Status status_of(const Error& error) {
  // What went wrong on our side stays on our side, whatever its reason is called: a stored image
  // that fails its checksum is not the client's mistake.
  if (error.code == ErrorCode::corrupt || error.code == ErrorCode::internal) {
    return Status::internal_server_error;
  }
  const auto* found = std::find_if(kByReason.begin(), kByReason.end(),
                                   [&](const auto& entry) { return entry.first == error.reason; });
  return found == kByReason.end() ? by_code(error) : found->second;
}

std::optional<std::chrono::seconds> retry_after_of(Status status) {
  if (status == Status::service_unavailable) return std::chrono::seconds(5);
  // Failed attempts are forgiven within seconds (access/failed_attempts.h).
  if (status == Status::too_many_requests) return std::chrono::seconds(10);
  // A full disk is mended by people; a client that keeps its copy asks again in a minute.
  if (status == Status::insufficient_storage) return std::chrono::seconds(60);
  return std::nullopt;
}

}  // namespace pacs::http
