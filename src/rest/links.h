// The URLs that answers carry: of stored files (signed), of pictures that stand for them, of pages.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "access/principal.h"
#include "core/result.h"
#include "http/request.h"
#include "index/image_record.h"
#include "rest/rest_services.h"

namespace pacs::rest {

// Pictures of our own that stand for what a browser cannot draw.
namespace icon {
inline constexpr std::string_view kDicom = "/ui/icons/dicom.svg";
inline constexpr std::string_view kDocument = "/ui/icons/document.svg";
inline constexpr std::string_view kPicture = "/ui/icons/picture.svg";
inline constexpr std::string_view kPending = "/ui/icons/pending.svg";
}  // namespace icon

// What stands before the key in a signed link to a small picture of an image.
inline constexpr std::string_view kThumbnails = "/ui/thumbnails/";

// JPEG and PNG: what any browser draws in an <img>.
[[nodiscard]] bool is_picture(std::string_view mime_type);

class Links {
 public:
  // `life` as asked for; for who holds a share link they expire with it at the latest.
  Links(const RestServices& services, const http::Request& request,
        const access::Principal& principal, std::chrono::seconds life);

  // Of the stored file: signed, or bare where each request must bring a token of its own.
  [[nodiscard]] Result<std::string> image_url(const index::ImageRecord& image) const;
  // Does that link open the bytes, without any token?
  [[nodiscard]] bool open_by_themselves() const;
  // And past this server, from the object store that the image lies in?
  [[nodiscard]] bool lead_to_the_store(const index::ImageRecord& image) const;
  // What an <img> can show: the picture itself, a small one of a DICOM image by a signed link, or
  // an icon of ours.
  [[nodiscard]] Result<std::string> thumbnail_url(const index::ImageRecord& image) const;
  // A path of this server, as clients reach it.
  [[nodiscard]] std::string absolute(std::string_view path) const;

  [[nodiscard]] int64_t expires_in_seconds() const;

 private:
  const RestServices& services_;
  std::string base_;
  UnixMillis now_;
  UnixMillis expires_at_;
};

// `?expires_in=`, else the setting. invalid_argument/bad_parameter outside 1 to 604800.
[[nodiscard]] Result<std::chrono::seconds> link_life(const RestServices& services,
                                                     const http::Request& request);

}  // namespace pacs::rest
