#include "index/upload_session_record.h"

namespace pacs::index {

std::string_view to_string(SessionStatus status) {
  switch (status) {
    case SessionStatus::queued:
      return "QUEUED";
    case SessionStatus::uploading:
      return "UPLOADING";
    case SessionStatus::synced:
      return "SYNCED";
    case SessionStatus::partial:
      return "PARTIAL";
    case SessionStatus::failed:
      break;
  }
  return "FAILED";
}

}  // namespace pacs::index
