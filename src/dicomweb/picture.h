// JPEG, PNG and PDF images of the REST API as the DICOM objects that they are to DICOMweb.
#pragma once

#include <memory>
#include <string>

#include "archive/picture_instance.h"
#include "core/result.h"
#include "dicomweb/dicomweb_services.h"
#include "dicomweb/resource.h"
#include "http/ranged_body.h"
#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::dicomweb {

// `image` is one (archive::is_picture()). Errors: those of archive::PictureInstance::open();
// not_found when its study is gone meanwhile.
[[nodiscard]] Result<std::unique_ptr<archive::PictureInstance>> open_picture(
    const DicomwebServices& services, const index::Scope& scope, index::ImageRecord image);

// DICOM JSON as the index keeps that of others: paths in the place of the addresses of bulk data.
[[nodiscard]] std::string metadata_json(const archive::PictureInstance& picture);

// What is left out of that: the document, or the frame. Holds the picture.
[[nodiscard]] std::shared_ptr<http::RangedBody> bulk_data_body(
    std::shared_ptr<archive::PictureInstance> picture, archive::RetrieveService& retrieve);

// Its one frame, for a list of frames ("1", "1,1") or, without one, all of its pixels. not_found
// for a document.
Result<void> send_picture_frames(DicomwebServices& services, const http::Request& request,
                                 http::ResponseWriter& writer, const OpenedResource& opened,
                                 std::optional<std::string_view> list);

// The document of a PDF by the path of its attribute, the pixels of a picture by that of theirs.
Result<void> send_picture_bulk_data(DicomwebServices& services, const http::Request& request,
                                    http::ResponseWriter& writer, const OpenedResource& opened,
                                    const std::string& path);

}  // namespace pacs::dicomweb
