#include "dicomweb/model_answer.h"

#include <utility>

#include "dicom/dicom_xml.h"
#include "dicomweb/accepted.h"

namespace pacs::dicomweb {

std::optional<DicomModel> choose_model(const http::Request& request, XmlForm form) {
  for (const AcceptedType& accepted : accepted_types(request)) {
    if (accepted.essence == kDicomXml) {
      const bool is_form = accepted.is_multipart == (form == XmlForm::multipart);
      if (is_form) return DicomModel::xml;
    } else if (!accepted.is_multipart || accepted.essence == "*/*") {
      const bool is_json = accepted.covers(kDicomJson) || accepted.covers("application/json");
      if (is_json) return DicomModel::json;
    }
  }
  return std::nullopt;
}

Result<http::Response> xml_parts(const http::Request& request, http::Headers headers,
                                 const std::vector<std::string>& json_objects) {
  if (json_objects.empty()) {
    return http::Response{http::Status::no_content, std::move(headers), {}};
  }
  const std::string boundary = "part-" + request.request_id;
  std::string body;
  for (const std::string& json : json_objects) {
    body += (body.empty() ? "--" : "\r\n--") + boundary +
            "\r\nContent-Type: " + std::string(kDicomXml) + "\r\n\r\n" +
            PACS_TRY(dicom::to_native_xml(json));
  }
  body += "\r\n--" + boundary + "--\r\n";
  headers.set("Content-Type",
              "multipart/related; type=\"" + std::string(kDicomXml) + "\"; boundary=" + boundary);
  return http::Response{http::Status::ok, std::move(headers), std::move(body)};
}

}  // namespace pacs::dicomweb
