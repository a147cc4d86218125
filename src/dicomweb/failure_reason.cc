#include "dicomweb/failure_reason.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace pacs::dicomweb {
namespace {

// Reasons that say more than their code.
constexpr std::array<std::pair<std::string_view, FailureReason>, 10> kFailureByReason = {{
    {"uid_conflict", FailureReason::duplicate_sop_instance},
    {"key_occupied", FailureReason::duplicate_sop_instance},
    {"study_mismatch", FailureReason::study_does_not_match},
    {"patient_mismatch", FailureReason::patient_does_not_match},
    {"missing_attribute", FailureReason::data_set_does_not_match},
    {"bad_attribute", FailureReason::data_set_does_not_match},
    {"invalid_uid", FailureReason::data_set_does_not_match},
    {"uid_mismatch", FailureReason::data_set_does_not_match},
    {"declared_patient_mismatch", FailureReason::data_set_does_not_match},
    {"order_mismatch", FailureReason::data_set_does_not_match},
}};

FailureReason failure_by_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::unsupported:
      return FailureReason::cannot_understand;
    case ErrorCode::resource_exhausted:
    case ErrorCode::unavailable:
      return FailureReason::out_of_resources;
    default:
      return FailureReason::processing_failure;
  }
}

}  // namespace

FailureReason failure_reason_of(const Error& error) {
  const auto* found = std::find_if(kFailureByReason.begin(), kFailureByReason.end(),
                                   [&](const auto& entry) { return entry.first == error.reason; });
  return found == kFailureByReason.end() ? failure_by_code(error.code) : found->second;
}

bool is_trouble_of_archive(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable:
    case ErrorCode::corrupt:
    case ErrorCode::internal:
    case ErrorCode::permission_denied:  // a folder that cannot be written
      return true;
    case ErrorCode::resource_exhausted:
      return error.reason != "too_large";
    default:
      return false;
  }
}

}  // namespace pacs::dicomweb
