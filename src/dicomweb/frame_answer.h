// Sends frames of an instance in the stored encoding (PS3.18 10.4.1.1.6): one ranged read each.
#pragma once

#include <optional>
#include <string_view>

#include "core/result.h"
#include "dicom/frame_table.h"
#include "dicomweb/resource.h"
#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::dicomweb {

// Those of `list` ("1,3"), else all. Errors: those of parse_frame_list() and frame_encoding_of();
// unsupported/not_acceptable; not_found/no_such_frame without frames; of the bytes or the
// connection, when the answer has been started and is broken off.
[[nodiscard]] Result<void> send_frames(DicomwebServices& services, const http::Request& request,
                                       http::ResponseWriter& writer, const OpenedResource& opened,
                                       std::optional<std::string_view> list);

// That of the index. Nothing of a deflated data set, whose frames stand at no place of the file.
// not_found/no_such_frame where no frames are known.
[[nodiscard]] Result<std::optional<dicom::FrameTable>> frame_table_of(
    const DicomwebServices& services, const index::Scope& scope,
    const index::ImageRecord& instance);

}  // namespace pacs::dicomweb
