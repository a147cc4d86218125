// Sends instances as application/dicom: stored bytes, or made ones.
#pragma once

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
                           http::ResponseWriter& writer, index::ImageRecord instance,
                           InstanceEncoding encoding);

// A part of an answer to `request`, both of which outlive it. An instance that cannot be made
// explicit is sent as it is stored, and its part says so.
[[nodiscard]] AnswerPart instance_part(DicomwebServices& services, const http::Request& request,
                                       index::ImageRecord instance, InstanceEncoding encoding);

}  // namespace pacs::dicomweb
