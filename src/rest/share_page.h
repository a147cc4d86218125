// The pages of a share link: what it opens, and the question for its PIN.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "index/study_record.h"

namespace pacs::rest {

struct SharePage {
  std::string prefix;  // what a proxy puts before our paths
  std::string place;   // "/share/ID"
  std::vector<index::StudyRecord> studies;
  UnixMillis expires_at = 0;
  bool has_viewer = false;
};

[[nodiscard]] std::string share_page(const SharePage& content);

enum class PinProblem { none, wrong, blocked };

// `action`: where the form is sent, a path of ours.
[[nodiscard]] std::string pin_page(const std::string& prefix, std::string_view action,
                                   PinProblem problem);

}  // namespace pacs::rest
