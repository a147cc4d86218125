// For the tests of dicomweb: its routes over a real archive.
#pragma once

#include <string>
#include <vector>

#include "archive/transcoding.h"
#include "dicomweb/dicomweb_services.h"
#include "dicomweb/routes.h"
#include "tests/support/edge_fixture.h"

namespace pacs::dicomweb {

using DicomwebAnswer = tests::EdgeAnswer;
using DicomwebQuestion = tests::EdgeQuestion;
using DicomwebTestOptions = tests::EdgeTestOptions;

class DicomwebTest : public tests::EdgeTest {
 protected:
  explicit DicomwebTest(const DicomwebTestOptions& options = {})
      : EdgeTest(options),
        transcoding_(retrieve_, decoder_, frame_gate_),
        services_{edge_services_, store_,     retrieve_, remove_, rendering_,
                  transcoding_,   *database_, metrics_,  {}} {
    register_routes(router_, services_);
  }

  static std::string parts_of(const std::vector<std::string>& contents) {
    std::string body;
    for (const std::string& content : contents) {
      body += "--B\r\nContent-Type: application/dicom\r\n\r\n" + content + "\r\n";
    }
    return body + "--B--\r\n";
  }

  DicomwebAnswer store_parts(const std::vector<std::string>& contents,
                             const std::string& target = "/dicom-web/studies") {
    return ask({.method = http::Method::post,
                .target = target,
                .body = parts_of(contents),
                .content_type = "multipart/related; type=\"application/dicom\"; boundary=B",
                .token = uploader_});
  }

  DicomwebAnswer store_single(const std::string& content) {
    return ask({.method = http::Method::post,
                .target = "/dicom-web/studies",
                .body = content,
                .content_type = "application/dicom",
                .token = uploader_});
  }

  archive::TranscodingService transcoding_;
  DicomwebServices services_;
};

}  // namespace pacs::dicomweb
