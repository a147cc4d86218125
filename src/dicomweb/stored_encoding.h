// What the frames of a stored instance are, in the words of DICOMweb (PS3.18 8.7.3), and whether a
// client takes them so.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "dicomweb/accepted.h"

namespace pacs::dicomweb {

struct FrameEncoding {
  std::string media_type;       // "application/octet-stream" for native pixels, "image/jls", …
  std::string transfer_syntax;  // of the frame: native ones leave as Explicit VR Little Endian
  bool is_compressed = false;

  // `image/jls; transfer-syntax=1.2.840.10008.1.2.4.80`
  [[nodiscard]] std::string content_type() const;
  // A compressed frame is accepted as application/octet-stream where its encoding is asked for by
  // "*" or by name: viewers send that and read the part's own type.
  [[nodiscard]] bool is_accepted_by(const AcceptedType& accepted) const;
};

// That of frames in any transfer syntax, stored or made: native ones in whatever file are those of
// Explicit VR Little Endian.
[[nodiscard]] FrameEncoding encoding_in(std::string_view transfer_syntax_uid);

// What has to be made for who does not take what is stored: the transfer syntax that is asked for,
// or that which stands first for the media type (PS3.18 table 8.7.3-5, lossless ones). Nothing when
// nothing here makes it.
[[nodiscard]] std::optional<FrameEncoding> made_encoding_for(const AcceptedType& accepted,
                                                             std::string_view stored_syntax);

struct ChosenEncoding {
  FrameEncoding encoding;
  bool is_stored = true;  // else it has to be made
  size_t accepted = 0;    // the one of the accepted types that it is for
};

// What is stored goes before what has to be made, whatever the client would like best [G8].
// `stored` is nothing where frames cannot be taken out of the file as they are.
[[nodiscard]] std::optional<ChosenEncoding> choose_encoding(
    std::span<const AcceptedType> accepted, const std::optional<FrameEncoding>& stored,
    std::string_view stored_syntax);

// Of a transfer syntax UID. unsupported/not_acceptable where frames cannot be taken out of the
// file: deflated data sets, big endian pixels, and what nobody knows.
[[nodiscard]] Result<FrameEncoding> frame_encoding_of(std::string_view transfer_syntax_uid);

}  // namespace pacs::dicomweb
