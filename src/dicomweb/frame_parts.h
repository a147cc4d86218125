// Frames of an instance as parts of a multipart answer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "archive/retrieve.h"
#include "archive/stored_frames.h"
#include "core/result.h"
#include "dicom/frame_table.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/resource.h"
#include "dicomweb/stored_encoding.h"

namespace pacs::dicomweb {

// As they are stored, of known sizes. `frames` count from 0 and are below the table's count.
[[nodiscard]] std::vector<AnswerPart> stored_frame_parts(
    DicomwebServices& services, const std::shared_ptr<archive::OpenedImage>& image,
    const dicom::FrameTable& table, std::span<const size_t> frames, const FrameEncoding& encoding,
    const std::string& instance_url);

// A frame in a transfer syntax in which it is not stored. Error of a codec that cannot say it so:
// unsupported/not_acceptable, with the reason and with what is stored.
[[nodiscard]] Result<ByteVector> make_frame(DicomwebServices& services,
                                            const archive::StoredFrames& stored, size_t frame,
                                            const FrameEncoding& encoding,
                                            const std::string& stored_syntax);
[[nodiscard]] Result<std::shared_ptr<archive::StoredFrames>> open_stored_frames(
    DicomwebServices& services, const index::ImageRecord& instance,
    std::optional<dicom::FrameTable> table);

// Each is made when its turn comes.
[[nodiscard]] std::vector<AnswerPart> made_frame_parts(
    DicomwebServices& services, const std::shared_ptr<archive::StoredFrames>& stored,
    std::span<const size_t> frames, const FrameEncoding& encoding,
    const index::ImageRecord& instance, const std::string& instance_url);

}  // namespace pacs::dicomweb
