// What a client will take (PS3.18 8.3.3 and 8.7): the Accept field, or the `accept` parameter in
// its place, with the `type` and `transfer-syntax` that DICOMweb puts into them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace pacs::dicomweb {

struct AcceptedType {
  // The media type of the payload in lower case: of `multipart/related; type="image/jls"` it is
  // "image/jls", of `image/jls` alone the same. "*/*" for anything.
  std::string essence;
  bool is_multipart = false;
  // A UID, "*" for the stored one, or nothing.
  std::optional<std::string> transfer_syntax{};

  [[nodiscard]] bool covers(std::string_view other_essence) const;
};

// The field's text, or that of the parameter, which stands above it (PS3.18 8.3.3.1).
[[nodiscard]] std::string accept_text(const http::Request& request);

// Best first. `*/*` alone where there is neither field nor parameter (PS3.18 8.7.5).
[[nodiscard]] std::vector<AcceptedType> accepted_types(const http::Request& request);

// Errors of who finds nothing among them: unsupported/not_acceptable with `what` can be had.
[[nodiscard]] Error not_acceptable(std::string_view what);

}  // namespace pacs::dicomweb
