// Sends frames of an instance in a transfer syntax in which they are not stored.
#pragma once

#include <optional>
#include <vector>

#include "core/result.h"
#include "dicom/frame_table.h"
#include "dicomweb/resource.h"
#include "dicomweb/stored_encoding.h"
#include "http/headers.h"
#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::dicomweb {

enum class FrameForm { multipart, single };

struct MadeFrames {
  FrameEncoding encoding;
  FrameForm form = FrameForm::multipart;
  std::vector<size_t> frames;  // from 0; one where the form is single
};

// The first frame is made before anything is sent: 406 with the reason when it cannot be. One
// behind it that cannot be made breaks the answer off. `table` is that of the index, where there is
// one.
[[nodiscard]] Result<void> send_made_frames(DicomwebServices& services,
                                            const http::Request& request,
                                            http::ResponseWriter& writer,
                                            const index::ImageRecord& instance,
                                            std::optional<dicom::FrameTable> table,
                                            MadeFrames wanted, http::Headers fields);

}  // namespace pacs::dicomweb
