// Instances as one ZIP file (PS3.18 10.4, media type application/zip): a folder for each series, a
// file for each instance; with a DICOMDIR: zip_file_set.h.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "dicomweb/multipart_answer.h"
#include "http/headers.h"
#include "http/response_writer.h"

namespace pacs::dicomweb {

struct ZipPart {
  std::string name;  // within the archive
  AnswerPart part;
};

// 200 with all parts, streamed; with an exact Content-Length where the size of each is known
// before. Errors: as of send_multipart().
[[nodiscard]] Result<void> send_zip(http::ResponseWriter& writer, http::Headers headers,
                                    const std::string& filename, std::vector<ZipPart> parts);

}  // namespace pacs::dicomweb
