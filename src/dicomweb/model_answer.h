// Data sets in an answer: as the DICOM JSON model, or as the Native DICOM Model in XML (PS3.18 F
// and 8.7.3.2), which is made of the JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/headers.h"
#include "http/request.h"
#include "http/response.h"

namespace pacs::dicomweb {

inline constexpr std::string_view kDicomJson = "application/dicom+json";
inline constexpr std::string_view kDicomXml = "application/dicom+xml";

enum class DicomModel { json, xml };
enum class XmlForm { multipart, single };

// The best of what the request accepts, by field or parameter; JSON where it says nothing or
// anything. Nothing when it takes neither. XML comes in the form named alone.
[[nodiscard]] std::optional<DicomModel> choose_model(const http::Request& request, XmlForm form);

// multipart/related with a document for each object of the JSON model; 204 when there is none,
// since a multipart message has at least one part (RFC 2046 5.1). Errors: those of
// dicom::to_native_xml().
[[nodiscard]] Result<http::Response> xml_parts(const http::Request& request, http::Headers headers,
                                               const std::vector<std::string>& json_objects);

}  // namespace pacs::dicomweb
