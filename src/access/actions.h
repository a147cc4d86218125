// Who may do what: the one table. Edges ask it before they begin; the scope of scope_maker.h then
// limits what the use case can see.
//
//                     reader  uploader  admin  metrics  share link (any roles)
//   read_images         x                 x              x  its studies
//   hand_out_links      x                 x
//   upload                       x        x
//   read_own_uploads             x        x
//   administer                            x
//   read_metrics                          x       x
#pragma once

#include <cstdint>
#include <string_view>

#include "access/principal.h"
#include "core/result.h"

namespace pacs::access {

enum class Action : uint8_t {
  read_images,       // search, view, fetch, signed URLs of single images
  hand_out_links,    // a viewer URL or share link, which opens a study to who holds it
  upload,            // announce, send, acknowledge, retry, sessions, one-step upload
  read_own_uploads,  // the state of uploads: one's own; an admin sees all
  administer,        // remove, tokens, audit log, settings, other people's links
  read_metrics,
};

// "read_images" and so on, for logs and audit lines.
[[nodiscard]] std::string_view to_string(Action action);

[[nodiscard]] bool may(const Principal& principal, Action action);

// permission_denied/forbidden when it may not.
[[nodiscard]] Result<void> require(const Principal& principal, Action action);

}  // namespace pacs::access
