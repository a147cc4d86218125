// Instances in a ZIP file as a file-set (PS3.10 8): names that any medium takes, and a DICOMDIR.
#pragma once

#include <vector>

#include "core/result.h"
#include "dicomweb/dicomweb_services.h"
#include "dicomweb/multipart_answer.h"
#include "dicomweb/zip_answer.h"
#include "http/request.h"
#include "index/image_record.h"
#include "index/scope.h"

namespace pacs::dicomweb {

// The query parameter `dicomdir`, of which dcm4chee has the name: true or false. Error:
// invalid_argument/bad_parameter.
[[nodiscard]] Result<bool> wants_dicomdir(const http::Request& request);

// `parts` are those of the instances, in their order. Each becomes DICOM/SE000001/IM000001 and so
// on; the DICOMDIR stands behind them, since only then is it known which of them were sent, and in
// which transfer syntax. It is made from the index, for which `services` and `scope` outlive the
// parts. Errors of its part: those of the index and of dicom::DirectoryWriter.
[[nodiscard]] std::vector<ZipPart> as_file_set(const DicomwebServices& services,
                                               const index::Scope& scope,
                                               std::vector<index::ImageRecord> instances,
                                               std::vector<AnswerPart> parts);

}  // namespace pacs::dicomweb
