#include "dicomweb/rendered_type.h"

#include <algorithm>

#include "dicomweb/stored_encoding.h"

namespace pacs::dicomweb {

std::vector<std::string> rendered_types_of(const archive::ShownImage& image) {
  switch (image.shown_as) {
    case archive::ShownAs::frames:
      if (image.state_frames) {
        return {"image/jpeg", "image/png", "image/gif", "text/html", "text/plain"};
      }
      [[fallthrough]];
    case archive::ShownAs::picture:
      return {"image/jpeg", "image/png", "image/gif"};
    case archive::ShownAs::document:
      return {"application/pdf"};
    case archive::ShownAs::video: {
      const auto encoding = frame_encoding_of(image.header.transfer_syntax_uid);
      return encoding ? std::vector{encoding->media_type} : std::vector<std::string>();
    }
    case archive::ShownAs::text:
      break;
  }
  return {"text/html", "text/plain"};
}

std::optional<std::string> rendered_type_for(const archive::ShownImage& image,
                                             const AcceptedType& accepted) {
  const std::vector<std::string> types = rendered_types_of(image);
  const auto found = std::find_if(types.begin(), types.end(),
                                  [&](const std::string& type) { return accepted.covers(type); });
  return found == types.end() ? std::nullopt : std::optional(*found);
}

Error not_rendered_so(const archive::ShownImage& image) {
  std::string types;
  for (const std::string& type : rendered_types_of(image)) {
    types += (types.empty() ? "" : ", ") + type;
  }
  return not_acceptable(types.empty() ? "the stored file alone" : types);
}

}  // namespace pacs::dicomweb
