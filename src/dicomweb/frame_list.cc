#include "dicomweb/frame_list.h"

#include <string>

#include "core/text.h"

namespace pacs::dicomweb {

Result<std::vector<size_t>> parse_frame_list(std::string_view text, size_t frame_count) {
  std::vector<size_t> frames;
  for (const std::string_view part : split(text, ',')) {
    const auto number = parse_unsigned(part);
    if (!number || *number == 0) {
      return invalid_argument("bad_frame_list",
                              "frames are numbers from 1 on, with commas between them");
    }
    if (*number > frame_count) {
      return not_found("no_such_frame",
                       "the instance has " + std::to_string(frame_count) + " frames");
    }
    if (frames.size() == kFramesAtOnceMax) {
      return resource_exhausted("too_large", "ask for fewer frames at once");
    }
    frames.push_back(static_cast<size_t>(*number - 1));
  }
  return frames;
}

}  // namespace pacs::dicomweb
