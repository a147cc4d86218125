// Sends instances as application/dicom: stored bytes, or made ones.
#pragma once

#include <memory>

#include "archive/made_instance.h"
#include "core/result.h"
#include "dicomweb/dicomweb_services.h"
#include "dicomweb/instance_encoding.h"
#include "dicomweb/multipart_answer.h"
#include "http/request.h"
#include "http/response_writer.h"
#include "index/image_record.h"

namespace pacs::dicomweb {

// One instance as the whole answer, also in ranges. Errors: of the bytes and the connection;
// unsupported/… when it cannot be had in this encoding.
Result<void> send_instance(DicomwebServices& services, const http::Request& request,
                           http::ResponseWriter& writer, const index::Scope& scope,
                           index::ImageRecord instance, const InstanceEncoding& encoding);

// An instance that is not the stored file. Errors: those of archive::make_explicit() and
// open_picture().
[[nodiscard]] Result<std::unique_ptr<archive::MadeInstance>> make_instance(
    const DicomwebServices& services, const index::Scope& scope, const index::ImageRecord& instance,
    const InstanceEncoding& encoding);

// A part of an answer to `request`, both of which outlive it. An instance that cannot be made
// explicit is sent as it is stored, and its part says so; a picture that is no DICOM object is left
// out.
[[nodiscard]] AnswerPart instance_part(DicomwebServices& services, const http::Request& request,
                                       const index::Scope& scope, index::ImageRecord instance,
                                       const InstanceEncoding& encoding);

}  // namespace pacs::dicomweb
