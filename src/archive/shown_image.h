// A stored image opened to be shown: what it is, and its header where it has one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/retrieve.h"
#include "core/result.h"
#include "dicom/frame_table.h"
#include "dicom/header_reader.h"
#include "dicom/media_kind.h"
#include "index/image_record.h"
#include "index/scope.h"

namespace pacs::archive {

// How it can be seen.
enum class ShownAs {
  frames,    // pictures of its frames
  picture,   // a JPEG or PNG file
  video,     // the stream as it is stored
  document,  // a PDF
  text,      // its attributes, or the content of a report
};

// Frames of other images of the same study that a presentation state refers to, and shows.
struct StateFrames {
  struct Frame {
    index::ImageRecord image;
    size_t frame = 0;
  };
  index::Scope scope;  // that they were found in
  std::vector<Frame> frames;
};

struct ShownImage {
  explicit ShownImage(OpenedImage the_opened) : opened(std::move(the_opened)) {}

  OpenedImage opened;
  ShownAs shown_as = ShownAs::text;
  dicom::MediaKind media = dicom::MediaKind::dicom;
  dicom::Header header;                     // of DICOM
  dicom::FrameTable frames;                 // of frames and video
  size_t deflated_frames = 0;               // of a deflated data set, in which nothing has a place
  std::optional<StateFrames> state_frames;  // of a presentation state that is shown as frames
  size_t representative = 0;                // the frame that stands for all, from 0
  uint64_t document_offset = 0;             // of a document: where the PDF stands in the file
  uint64_t document_length = 0;

  [[nodiscard]] size_t frame_count() const {
    if (shown_as != ShownAs::frames) return 1;
    if (state_frames) return state_frames->frames.size();
    return deflated_frames > 0 ? deflated_frames : frames.frame_count();
  }
  // A word for an icon: its modality, PDF, or VIDEO.
  [[nodiscard]] std::string type_label() const;
};

// `frame_table` as the index keeps it, if it does. Errors: those of RetrieveService::open() and of
// read_header(); `corrupt` (reason "frame_table").
[[nodiscard]] Result<ShownImage> open_to_show(RetrieveService& retrieve,
                                              const index::ImageRecord& record,
                                              const std::optional<ByteVector>& frame_table);

// The bytes of one frame, in one piece, those of one bit a pixel moved to begin with a byte; those
// of a deflated data set as explicit VR little endian has them. Errors: resource_exhausted/decoding
// beyond what a frame, or a deflated data set, may have; unsupported where a deflated data set
// holds no such frame; those of reading.
[[nodiscard]] Result<ByteVector> read_frame(RetrieveService& retrieve, ShownImage& image,
                                            size_t frame);

}  // namespace pacs::archive
