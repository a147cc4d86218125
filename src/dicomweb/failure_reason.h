// Why an instance was not stored, as the answer of a store says it: FailureReason (0008,1197) of
// PS3.18 table I.2-2, whose codes are those of PS3.4 B.2.3.
#pragma once

#include <cstdint>

#include "core/error.h"

namespace pacs::dicomweb {

enum class FailureReason : uint16_t {
  processing_failure = 0x0110,
  // PS3.7 C.5: the UID is known, and its bytes are others.
  duplicate_sop_instance = 0x0111,
  out_of_resources = 0xA700,
  // The range A9xx is "data set does not match SOP class"; the two behind A900 are its particular
  // cases here, of which the first is used by other archives too.
  data_set_does_not_match = 0xA900,
  study_does_not_match = 0xA901,
  patient_does_not_match = 0xA902,
  cannot_understand = 0xC000,
};

// Of an error of archive::StoreService.
[[nodiscard]] FailureReason failure_reason_of(const Error& error);

// Is it the archive that cannot store at present, whatever comes? Then the whole request is to be
// sent again later.
[[nodiscard]] bool is_trouble_of_archive(const Error& error);

}  // namespace pacs::dicomweb
